import type { DocumentInterface } from "@langchain/core/documents";
import { z } from "zod";
import { type CellReference, cellReferenceSchema } from "./cell-references.js";
import { isPackedWords } from "./packed-words.js";
import {
  type BBox,
  bboxSchema,
  type PackedWords,
  type PagePlace,
  pagePlaceSchema,
  type Word,
  wordSchema,
} from "./segment.js";

/**
 * Describes and checks the metadata of a Document made from one segment. The payload indexes and the table in
 * docs/metadata.md follow from it, and a type test keeps {@link DocumentMetadata} the same.
 */
export const documentMetadataSchema = z.object({
  source: z.string().describe("what the user named: a path, URL, job id or saved result"),
  doc_id: z.string().describe("identity of the source, the same on every run"),
  title: z
    .string()
    .optional()
    .describe(
      "name of the document: the title given, else that of its title segment, else its file name in words",
    ),
  job_id: z.string().nullable().describe("parse job the segment came from"),
  chunk_id: z.string().nullable().describe("the service's chunk, new on every parse"),
  segment_id: z.string().nullable().describe("the service's segment, new on every parse"),
  segment_index: z.number().int().nonnegative().describe("position in reading order, from 0"),
  segment_type: z.string().describe("Title, SectionHeader, Text, ListItem, Table, Picture, Caption, …"),
  page_number: z.number().int().describe("page, from 1; 0 if the service gave none"),
  bbox: bboxSchema.nullable().describe("{left, top, width, height} in pixels of the page, origin top left"),
  confidence: z.number().nullable().describe("0 to 1, of the layout model"),
  page_width: z.number().nullable().describe("width of the page in pixels"),
  page_height: z.number().nullable().describe("height of the page in pixels"),
  section_path: z.array(z.string()).describe("titles and headings the segment stands under, outermost first"),
  loc: z.object({ pageNumber: z.number().int() }).describe("the page again, where LangChain expects it"),
  html: z.string().optional().describe("tables only: the rows as HTML; not stored with splits"),
  merged_page_bboxes: z
    .array(pagePlaceSchema)
    .optional()
    .describe(
      "tables merged over several pages: [{page_number, page_width, page_height, bbox}]; not stored with splits, whose `boxes` have them",
    ),
  cell_references: z
    .array(cellReferenceSchema)
    .optional()
    .describe("workbooks only: the cells it was made from, [{sheet, address, ref}]"),
  ocr: z
    .array(wordSchema)
    .optional()
    .describe("word boxes, relative to the corner of `bbox`, when asked for; not stored with splits"),
  packed_ocr: z
    .custom<PackedWords>(isPackedWords, "expected packed words")
    .optional()
    .describe("word boxes as lists of numbers, in place of `ocr`, for splitters that take them so"),
  image: z.string().optional().describe("picture URL or data URI, when asked for; URLs expire"),
  chart_data: z.unknown().optional().describe("pictures only: the data of a chart, when extracted"),
  references: z.unknown().optional().describe("bibliographic references, when extracted"),
  low_confidence: z
    .literal(true)
    .optional()
    .describe("flagged by a policy: the confidence is too low or unknown"),
});

/** Metadata of a Document made from one segment. Names are the service's own; what the service did not give is `null`. */
export interface DocumentMetadata {
  /** What the user named: a path, URL, job id or saved result. */
  source: string;
  /** Identity of the source, the same on every run. */
  doc_id: string;
  /**
   * Name of the document: the title given, else that of its title segment, else its file name in words. Not in splits
   * of which it would take more than a sixth.
   */
  title?: string | undefined;
  /** The parse job that the segment came from. */
  job_id: string | null;
  /** The service's chunk, new on every parse. */
  chunk_id: string | null;
  /** The service's segment, new on every parse. */
  segment_id: string | null;
  /** Position in reading order, from 0. */
  segment_index: number;
  /** Title, SectionHeader, Text, ListItem, Table, Picture, Caption and so on. */
  segment_type: string;
  /** Page, from 1; 0 if the service gave none. */
  page_number: number;
  /** Box in pixels of the page, origin top left. */
  bbox: BBox | null;
  /** Confidence of the layout model, 0 to 1. */
  confidence: number | null;
  /** Width of the page in pixels. */
  page_width: number | null;
  /** Height of the page in pixels. */
  page_height: number | null;
  /** The titles and headings above the segment, outermost first. */
  section_path: string[];
  /** The page again, where LangChain expects it. */
  loc: { pageNumber: number };
  /** Tables only: the rows as HTML. Not stored with splits. */
  html?: string | undefined;
  /** Tables merged over several pages: their box on each page. Not stored with splits, whose `boxes` have them. */
  merged_page_bboxes?: PagePlace[] | undefined;
  /** Workbooks only: the cells it was made from. */
  cell_references?: CellReference[] | undefined;
  /** Word boxes, if asked for. Not stored with splits. */
  ocr?: Word[] | undefined;
  /** Word boxes as lists of numbers, in place of `ocr`, for splitters that take them so. */
  packed_ocr?: PackedWords | undefined;
  /** Picture URL or data URI, if asked for. URLs expire. */
  image?: string | undefined;
  /** Pictures only: the data of a chart, if extracted. */
  chart_data?: unknown;
  /** Bibliographic references, if extracted. */
  references?: unknown;
  /** Set by a policy if the confidence is too low or unknown. */
  low_confidence?: true | undefined;
}

export const pageBoxSchema = z.object({
  page_number: z.number().int(),
  bbox: bboxSchema.nullable(),
});

/** A box and the page it is on. */
export interface PageBox {
  /** Page, from 1. */
  page_number: number;
  /** Box in pixels of the page; `null` if the service gave none. */
  bbox: BBox | null;
}

export const referenceSchema = z.object({
  label: z.string(),
  segment_id: z.string().nullable(),
  segment_index: z.number().int().nonnegative(),
  page_number: z.number().int(),
});

/** A table or picture that a text mentions by its label. */
export interface Reference {
  /** The label as the caption prints it: `Table 2`. */
  label: string;
  /** The segment, new on every parse; `null` if the service gave none. */
  segment_id: string | null;
  /** The segment's position in reading order, from 0. */
  segment_index: number;
  /** Page of the segment, from 1. */
  page_number: number;
}

/** Describes and checks the metadata of a split. */
export const splitMetadataSchema = documentMetadataSchema
  .omit({ html: true, ocr: true, packed_ocr: true, merged_page_bboxes: true })
  .extend({
    part_index: z.number().int().nonnegative().describe("which part of its segment or group, from 0"),
    part_count: z.number().int().positive().describe("how many parts there are"),
    boxes: z
      .array(pageBoxSchema)
      .describe("every place the text stands, line by line: [{page_number, bbox}]; of a table, its rows"),
    bbox_precision: z
      .enum(["word", "segment"])
      .describe(
        "word: the boxes are of the very words, or table rows, of the split; segment: some are of whole segments, or estimates",
      ),
    ocr_confidence: z
      .object({ mean: z.number(), min: z.number() })
      .nullable()
      .describe("{mean, min} of the confidence of its words, 0 to 1; null when the words are not known"),
    segment_indices: z
      .array(z.number().int())
      .describe("segment_index of every segment with text in the split"),
    row_start: z.number().int().optional().describe("tables: first body row, from 0"),
    row_end: z.number().int().optional().describe("tables: last body row, inclusive"),
    header: z.array(z.string()).optional().describe("tables: column names"),
    repeated_columns: z
      .array(z.number().int())
      .optional()
      .describe("tables: places in `header`, from 0, of columns whose text here another part holds too"),
    repeated_rows: z
      .array(z.number().int())
      .optional()
      .describe(
        "tables: numbers of the rows above `row_start` that begin the part again, such as names of groups",
      ),
    row_groups: z
      .array(z.number().int())
      .optional()
      .describe(
        "tables with rows that name groups: for each line below the header, the line that names its group, from 0; -1 for none",
      ),
    caption: z.string().optional().describe("tables and pictures: text of their caption"),
    caption_id: z.string().optional().describe("tables and pictures: segment_id of their caption"),
    caption_of: z.string().optional().describe("captions: segment_id of their table or picture"),
    caption_score: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe("captions and what they describe: how sure the link is, 0 to 1"),
    refers_to: z
      .array(referenceSchema)
      .optional()
      .describe("tables and pictures the text mentions: [{label, segment_id, segment_index, page_number}]"),
  });

/**
 * Metadata of a split: that of its first segment, and what the splitters add. A split of several segments has the
 * type of most of its text as `segment_type`, the lowest confidence, and every segment in `segment_indices`.
 */
export interface SplitMetadata
  extends Omit<DocumentMetadata, "html" | "ocr" | "packed_ocr" | "merged_page_bboxes"> {
  /** Which part of its segment or group this is, from 0. */
  part_index: number;
  /** How many parts there are. */
  part_count: number;
  /** Every box of the text, line by line; of a table, those of its rows. */
  boxes: PageBox[];
  /** `word`: the boxes are of exactly the words, or table rows, of the split; `segment`: some are of whole segments. */
  bbox_precision: "word" | "segment";
  /** Confidence of its words, 0 to 1; `null` if the words are not known. */
  ocr_confidence: { mean: number; min: number } | null;
  /** The `segment_index` of every segment with text in the split. */
  segment_indices: number[];
  /** Tables: first body row, from 0. */
  row_start?: number | undefined;
  /** Tables: last body row, inclusive. */
  row_end?: number | undefined;
  /** Tables: column names. */
  header?: string[] | undefined;
  /** Tables: positions in `header`, from 0, of columns whose text another split contains too. */
  repeated_columns?: number[] | undefined;
  /**
   * Tables: numbers of the body rows before `row_start` that the split shows again above its own, because they name the
   * group of rows it goes on with.
   */
  repeated_rows?: number[] | undefined;
  /**
   * Tables with rows that name groups: for each line below the header, the line that names its group, from 0; -1 for
   * none. Each row is embedded and searched with the names of its groups.
   */
  row_groups?: number[] | undefined;
  /** Tables and pictures: text of their caption. */
  caption?: string | undefined;
  /** Tables and pictures: `segment_id` of their caption. */
  caption_id?: string | undefined;
  /** Captions: `segment_id` of their table or picture. */
  caption_of?: string | undefined;
  /** Captions and what they describe: how certain the link is, 0 to 1. */
  caption_score?: number | undefined;
  /** The tables and pictures that the text mentions. */
  refers_to?: Reference[] | undefined;
}

/** Describes and checks what is stored with a split. A lost ledger is rebuilt from the hashes. */
export const pointMetadataSchema = splitMetadataSchema.extend({
  version: z.string().describe("of the document, on stored points: equal versions mean nothing changed"),
  point_count: z
    .number()
    .int()
    .optional()
    .describe("on stored points, with a ledger: how many points the document has in that version"),
  content_hash: z
    .string()
    .nullish()
    .describe("on stored points, with a ledger: of the bytes that were parsed"),
  parse_hash: z.string().nullish().describe("on stored points, with a ledger: of the parse options"),
  options_hash: z
    .string()
    .nullish()
    .describe("on stored points, with a ledger: of every other option that changes points"),
});

/** Metadata of a stored point: that of its split, and what identifies the version of the document. */
export interface PointMetadata extends SplitMetadata {
  /** Version of the document: equal versions mean that nothing changed. */
  version: string;
  /** With a ledger: how many points the document has in this version. */
  point_count?: number | undefined;
  /** With a ledger: hash of the bytes that were parsed. */
  content_hash?: string | null | undefined;
  /** With a ledger: hash of the parse options. */
  parse_hash?: string | null | undefined;
  /** With a ledger: hash of every other option that changes points. */
  options_hash?: string | null | undefined;
}

/** A LangChain Document made from one segment. */
export type SegmentDocument = DocumentInterface<DocumentMetadata>;

/** A LangChain Document made from part of a segment or from several. */
export type SplitDocument = DocumentInterface<SplitMetadata>;
