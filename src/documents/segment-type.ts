import { closestMatch } from "leven";

/** The segment types in the service's default naming. */
export const SEGMENT_TYPES = [
  "Title",
  "SectionHeader",
  "Text",
  "ListItem",
  "Table",
  "Picture",
  "Caption",
  "Formula",
  "Footnote",
  "PageHeader",
  "PageFooter",
  "Page",
  "KeyValuePair",
  "Signature",
  "Seal",
] as const;

export type SegmentType = (typeof SEGMENT_TYPES)[number];

/** The type of a segment whose type the service did not give. It is treated like text. */
export const UNKNOWN_TYPE = "Unknown";

/** The names that `segment_type_naming=Other` uses, and those it shares with other layout models. */
const OTHER_NAMES: Readonly<Record<string, SegmentType>> = {
  header: "PageHeader",
  footer: "PageFooter",
  figure: "Picture",
  image: "Picture",
  list: "ListItem",
  heading: "SectionHeader",
  equation: "Formula",
  paragraph: "Text",
};

const BY_FOLDED_NAME = new Map<string, SegmentType>([
  ...Object.entries(OTHER_NAMES),
  ...SEGMENT_TYPES.map((type) => [type.toLowerCase(), type] as const),
]);

/**
 * Converts the name of a segment type in any naming to the default one. An unknown name is kept as it came,
 * and is treated like text.
 *
 * @example
 * ```ts
 * normalizeSegmentType("Section Header"); // "SectionHeader"
 * ```
 */
export const normalizeSegmentType = (name: string): string =>
  BY_FOLDED_NAME.get(name.toLowerCase().replace(/[\s_-]+/g, "")) ?? name;

/** Letters by which a misspelt type may differ from a known one. */
const MISSPELT = 2;

/**
 * Returns the type that a misspelt name is nearly that of; `undefined` for a known name, and for any other, which may be
 * a type that the service has got since.
 */
export const typeMeantBy = (name: string): SegmentType | undefined => {
  const type = normalizeSegmentType(name);
  if (SEGMENT_TYPES.some((known) => known === type)) return undefined;
  const nearest = closestMatch(type.toLowerCase(), [...BY_FOLDED_NAME.keys()], { maxDistance: MISSPELT });
  return nearest === undefined ? undefined : BY_FOLDED_NAME.get(nearest);
};

/** Tells whether a type is that of what is repeated on every page: its header or footer. */
export const isPageMargin = (type: string): boolean => type === "PageHeader" || type === "PageFooter";

/** Tells whether a type is that of a title or heading. */
export const isHeading = (type: string): boolean => type === "Title" || type === "SectionHeader";

/**
 * Whether the word boxes of a segment are kept with a result even where those of others are not: those of headings
 * are few and tell how many lines a heading has, which the section path may depend on.
 */
export const alwaysNeedsWords = (segmentType: string): boolean =>
  isHeading(normalizeSegmentType(segmentType));
