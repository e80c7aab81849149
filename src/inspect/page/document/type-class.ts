/** Types of segments that have a color of their own; all others share one. */
const COLORED: ReadonlySet<string> = new Set([
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
]);

/** The class that gives a box the color of its type. */
export const typeClass = (type: string): string => `type-${COLORED.has(type) ? type : "Other"}`;
