import type { SegmentDocument, SplitMetadata } from "../documents/metadata.js";

/** Part of a text, from `start` up to and without `end`. */
export interface TextRange {
  start: number;
  end: number;
}

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
