import type { SegmentView, SplitView } from "../../../contract.js";

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

/** Below it, the layout model was rather not sure. */
const LOW_CONFIDENCE = 0.5;

/** What a label says of a confidence that should be looked at. */
export const doubtOf = ({ confidence, flag }: Pick<SegmentView, "confidence" | "flag">): string | null => {
  if (flag !== null) return `⚠ ${flag.replaceAll("_", " ")}`;
  return confidence !== null && confidence < LOW_CONFIDENCE ? `⚠ ${Math.round(confidence * 100)} %` : null;
};

export const outcomeText = ({ outcome }: Pick<SegmentView, "outcome">): string => {
  if (outcome.kind === "stored") return "stored";
  return outcome.kind === "left_out" ? `left out: ${outcome.reason.replaceAll("_", " ")}` : "not stored";
};

export const precisionText = ({ precision }: Pick<SplitView, "precision">): string =>
  precision === "word" ? "exact" : "approximate";

export const rowsText = ({ rows }: Pick<SplitView, "rows">): string | null => {
  if (!rows) return null;
  return rows.from === rows.to ? `row ${rows.from + 1}` : `rows ${rows.from + 1}–${rows.to + 1}`;
};

/** What is written beside a segment: its type, and what is to be looked at. */
export const segmentTag = (segment: SegmentView): string => {
  const doubt = doubtOf(segment);
  return doubt === null ? segment.type : `${segment.type} ${doubt}`;
};

/** Names of boxes, for those who hear the page. */
export const segmentLabel = (segment: SegmentView): string =>
  `Segment ${segment.index}, ${segmentTag(segment)}, ${outcomeText(segment)}: ${segment.text}`;

export const splitLabel = (split: SplitView): string =>
  `Split ${[
    `${split.order}, ${split.type}`,
    `${precisionText(split)} boxes`,
    ...(split.rows ? [rowsText(split)] : []),
  ].join(", ")}: ${split.text}`;
