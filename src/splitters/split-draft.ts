import type { SegmentDocument, SplitMetadata } from "../documents/metadata.js";

/** A range of a text, from `start` up to and without `end`. */
export interface TextRange {
  start: number;
  end: number;
}

/** The metadata that splitters add to a split beside its location. */
export type DraftMetadata = Partial<
  Pick<
    SplitMetadata,
    | "row_start"
    | "row_end"
    | "header"
    | "repeated_columns"
    | "repeated_rows"
    | "row_groups"
    | "caption"
    | "caption_id"
    | "caption_of"
    | "caption_score"
    | "refers_to"
  >
>;

/** A range of the text of a segment, or of a text within it. */
export interface Excerpt extends TextRange {
  segment: SegmentDocument;
  of: string;
}

/** The rows of a table, `from` and `to` inclusive, that are in one segment. */
export interface RowsInSegment {
  segment: SegmentDocument;
  /** The texts of all body rows of the table in the segment. */
  cells: readonly (readonly string[])[];
  from: number;
  to: number;
}

/** A split before its metadata is put together. */
export interface SplitDraft {
  text: string;
  /** The segments whose text it contains, in reading order; at least one. */
  segments: readonly [SegmentDocument, ...SegmentDocument[]];
  sectionPath: string[];
  metadata?: DraftMetadata;
  /** The parts of segments' texts. @default the whole text of each segment that is not listed */
  excerpts?: readonly Excerpt[];
  /** The rows of tables among the segments. */
  rows?: readonly RowsInSegment[];
}

/** Where a split is on its pages. */
export type Location = Pick<SplitMetadata, "bbox" | "boxes" | "bbox_precision" | "ocr_confidence"> &
  /** The page on which it begins, if that is another than the first of its segment. */
  Partial<Pick<SplitMetadata, "page_number" | "loc" | "page_width" | "page_height">>;
