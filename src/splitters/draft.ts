import { Document } from "@langchain/core/documents";
import type {
  DocumentMetadata,
  SegmentDocument,
  SplitDocument,
  SplitMetadata,
} from "../documents/metadata.js";
import { isHeading } from "../documents/segment-type.js";
import type { TextRange } from "./sentences.js";

/** What splitters add to the metadata of a split beyond its place. */
export type DraftMetadata = Partial<
  Pick<
    SplitMetadata,
    | "row_start"
    | "row_end"
    | "header"
    | "repeated_columns"
    | "caption"
    | "caption_id"
    | "caption_of"
    | "caption_score"
    | "refers_to"
  >
>;

/** Part of a text, which is that of a segment or stands in it. */
export interface Excerpt extends TextRange {
  of: string;
}

/** Rows of a table, `from` and `to` inclusive, that stand in one segment. */
export interface TableRowsOf {
  segment: SegmentDocument;
  /** The texts of all body rows of the table in that segment. */
  cells: readonly (readonly string[])[];
  from: number;
  to: number;
}

/** A split before its metadata is put together. */
export interface Draft {
  text: string;
  /** The segments whose text it holds, in reading order; at least one. */
  segments: readonly [SegmentDocument, ...SegmentDocument[]];
  sectionPath: string[];
  metadata?: DraftMetadata;
  /** What it holds of the last segment. @default all of its text; of the segments before it always all */
  excerpt?: Excerpt;
  /** The rows it holds of tables among the segments. */
  rows?: readonly TableRowsOf[];
}

/** Where a draft stands on its pages. */
export type Place = Pick<SplitMetadata, "bbox" | "boxes" | "bbox_precision" | "ocr_confidence">;

/** The type that holds most of the text; headings count only when there is nothing else. */
const mainType = (segments: Draft["segments"]): string => {
  const [first] = segments;
  if (segments.length === 1) return first.metadata.segment_type;
  const lengths = new Map<string, number>();
  for (const { pageContent, metadata } of segments) {
    lengths.set(metadata.segment_type, (lengths.get(metadata.segment_type) ?? 0) + pageContent.length);
  }
  const types = [...lengths].sort(([a, x], [b, y]) => Number(isHeading(a)) - Number(isHeading(b)) || y - x);
  return types[0]?.[0] ?? first.metadata.segment_type;
};

const leastConfidence = (segments: Draft["segments"]): number | null => {
  const known = segments.map(({ metadata }) => metadata.confidence).filter((value) => value !== null);
  return known.length > 0 ? Math.min(...known) : null;
};

type Part = Pick<SplitMetadata, "part_index" | "part_count">;

const finish = (draft: Draft, place: Place, part: Part): SplitMetadata => {
  const { segments, sectionPath, metadata: added } = draft;
  const [first] = segments;
  // Keys that only a later segment has are kept too; where both have one, the first counts.
  const merged: DocumentMetadata =
    segments.length === 1 ? first.metadata : Object.assign({}, ...segments.map((s) => s.metadata).reverse());
  const { html: _html, ocr: _ocr, ...metadata } = merged;
  // Assigning to the copy takes a fifth of the time of spreading it into another.
  return Object.assign(
    metadata,
    { segment_type: mainType(segments), confidence: leastConfidence(segments), section_path: sectionPath },
    place,
    { segment_indices: segments.map((segment) => segment.metadata.segment_index) },
    added,
    part,
  );
};

/** Turns the parts of one segment, or of one group of segments, into splits. */
export const toSplits = (drafts: readonly Draft[], placeOf: (draft: Draft) => Place): SplitDocument[] =>
  drafts.map((draft, index) => {
    const metadata = finish(draft, placeOf(draft), { part_index: index, part_count: drafts.length });
    return new Document({ pageContent: draft.text, metadata });
  });
