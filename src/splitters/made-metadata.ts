import { isHeading } from "../documents/segment-type.js";
import type { Location, SplitDraft } from "./split-draft.js";
import type { OwnMetadata } from "./split-metadata.js";

/** The type that holds most of the text; headings count only when there is nothing else. */
const mainType = (segments: SplitDraft["segments"]): string => {
  const [first] = segments;
  if (segments.length === 1) return first.metadata.segment_type;
  const lengths = new Map<string, number>();
  for (const { pageContent, metadata } of segments) {
    lengths.set(metadata.segment_type, (lengths.get(metadata.segment_type) ?? 0) + pageContent.length);
  }
  const types = [...lengths].sort(([a, x], [b, y]) => Number(isHeading(a)) - Number(isHeading(b)) || y - x);
  return types[0]?.[0] ?? first.metadata.segment_type;
};

const leastConfidence = (segments: SplitDraft["segments"]): number | null => {
  const known = segments.map(({ metadata }) => metadata.confidence).filter((value) => value !== null);
  return known.length > 0 ? Math.min(...known) : null;
};

/** The metadata of a draft that becomes a split, beside what its segments say of themselves. */
export const ownMetadata = (
  { segments, sectionPath, metadata }: SplitDraft,
  { bbox, boxes, bbox_precision, ocr_confidence }: Location,
  part: Pick<OwnMetadata, "part_index" | "part_count">,
): OwnMetadata => ({
  segment_type: mainType(segments),
  confidence: leastConfidence(segments),
  section_path: sectionPath,
  bbox,
  boxes,
  bbox_precision,
  ocr_confidence,
  segment_indices: segments.map((segment) => segment.metadata.segment_index),
  ...metadata,
  ...part,
});
