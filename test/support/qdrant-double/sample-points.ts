import type { Point, PointMetadata } from "../../../src/stores/sink.js";

/** UUID number `n`. */
export const uuid = (n: number): string => `00000000-0000-5000-8000-${n.toString(16).padStart(12, "0")}`;

export const sampleMetadata = (change: Partial<PointMetadata> = {}): PointMetadata => ({
  source: "report.pdf",
  doc_id: "report.pdf",
  job_id: null,
  chunk_id: null,
  segment_id: null,
  segment_index: 0,
  segment_type: "Text",
  page_number: 1,
  bbox: { left: 10, top: 20, width: 300, height: 40 },
  confidence: 0.9,
  page_width: 612,
  page_height: 792,
  section_path: ["Report", "Results"],
  loc: { pageNumber: 1 },
  part_index: 0,
  part_count: 1,
  boxes: [{ page_number: 1, bbox: { left: 10, top: 20, width: 300, height: 40 } }],
  bbox_precision: "segment",
  ocr_confidence: null,
  segment_indices: [0],
  version: "v1",
  ...change,
});

export const samplePoint = (
  n: number,
  change: Partial<Omit<Point, "metadata">> & { metadata?: Partial<PointMetadata> } = {},
): Point => {
  const { metadata, ...rest } = change;
  const content = rest.content ?? `passage number ${n}`;
  return {
    id: uuid(n),
    vector: [1, n / 10, 0, 0],
    content,
    lexical: content,
    ...rest,
    metadata: sampleMetadata(metadata),
  };
};
