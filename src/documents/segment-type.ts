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

/** Returns every name of a segment type in any naming, in small letters. */
export const segmentTypeNames = (): string[] => [...BY_FOLDED_NAME.keys()];

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
