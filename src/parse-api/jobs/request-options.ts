import { z } from "zod";
import { SEGMENT_TYPES, type SegmentType } from "../../documents/segment-type.js";
import { nearestNames } from "../../internal/nearest-names.js";
import { type HandlingPerType, handlingPerType } from "./segment-handling.js";

/** Sizes of the service's own chunks. */
export interface ChunkProcessing {
  /** Leave running heads and feet out of chunks. */
  ignore_headers_and_footers?: boolean | undefined;
  /** Words in a chunk; 0 gives every segment a chunk of its own. @default 512 */
  target_length?: number | undefined;
  /** A tokenizer by name, or a Hugging Face tokenizer by its id. */
  tokenizer?:
    | { Enum: "Word" | "Cl100kBase" | "XlmRobertaBase" | "BertBaseUncased" }
    | { String: string }
    | undefined;
}

/** The model behind descriptions and tables. */
export interface LlmProcessing {
  /** What to do when the model fails: nothing, take the service's default, or another model. */
  fallback_strategy?: "None" | "Default" | { Model: string } | undefined;
  /** The most tokens of an answer. */
  max_completion_tokens?: number | undefined;
  /** The model, as the service names it. */
  model_id?: string | undefined;
  /** Randomness of the model's answers. */
  temperature?: number | undefined;
}

/** Fields of a result: `false` leaves one out. @default all are included */
export interface OutputFields {
  /** Boxes of segments. Without them no split has a box. */
  bbox?: boolean | undefined;
  /** Data of charts, where `extract_charts` asks for them. */
  chart_data?: boolean | undefined;
  /** Confidences of segments, which policies need. */
  confidence?: boolean | undefined;
  /** Text of segments. */
  content?: boolean | undefined;
  /** The service's own text for embedding each chunk. Not used by this package. */
  embed?: boolean | undefined;
  /** HTML of segments, of which tables are read best. */
  html?: boolean | undefined;
  /** Pictures of segments. */
  image?: boolean | undefined;
  /** What the prompt of a segment type's handling gave. */
  llm?: boolean | undefined;
  /** Markdown of segments. */
  markdown?: boolean | undefined;
  /** Words with their boxes: nearly all of a result's bytes, and what makes the boxes of splits exact. */
  ocr?: boolean | undefined;
}

/** Options of `POST /parse/excel`, which takes `.xls` and `.xlsx` files. */
export interface WorkbookRequestOptions {
  /** Leave out hidden sheets, rows and columns. */
  exclude_hidden?: boolean | undefined;
  /** Leave out hidden columns. */
  exclude_hidden_cols?: boolean | undefined;
  /** Leave out hidden rows. */
  exclude_hidden_rows?: boolean | undefined;
  /** Leave out hidden sheets. */
  exclude_hidden_sheets?: boolean | undefined;
  /** Leave out images. */
  exclude_images?: boolean | undefined;
  /** Leave out fonts, colours and borders. */
  exclude_styling?: boolean | undefined;
  /** Rows of a table in one segment. @default 50 */
  max_rows_per_segment?: number | undefined;
  /** Divide tables of more rows into several segments. @default true */
  split_large_tables?: boolean | undefined;
  /** How the tables of a sheet are told apart. */
  table_clustering?: "accurate" | "fast" | "off" | undefined;
}

/** Formats in which a job can export its result. */
export type ExportFormat = "docx" | "markdown" | "json";

/**
 * Options of a parse request, named as the service names them. All are optional; the defaults are the service's.
 *
 * Sources: the OpenAPI documents of `POST /parse` and `POST /v2/parse/upload` of March 2026, and the specification of
 * September 2026. `request-fields.ts` says which call of which of them knows an option.
 */
export interface ParseRequestOptions extends WorkbookRequestOptions {
  /** Read pages with a model that checks its own reading. */
  agentic_ocr?: "standard" | "advanced" | undefined;
  /** Sizes of the service's own chunks. */
  chunk_processing?: ChunkProcessing | undefined;
  /** Find checkboxes and whether they are ticked. @default false */
  detect_checkboxes?: boolean | undefined;
  /** Look for personal data before parsing; `pii_block_severity` says what blocks a document. */
  detect_pii?: boolean | undefined;
  /** Order segments as they are read, by a model. */
  enhance_reading_order?: boolean | undefined;
  /** Whether a non-critical error fails the job. @default "Continue" */
  error_handling?: "Continue" | "Fail" | undefined;
  /**
   * Seconds until the job and its result are deleted; since September 2026 the life of an upload's address, without
   * effect elsewhere. @default by plan
   */
  expires_in?: number | undefined;
  /** Files to make of the result, whose addresses are in `exports`. @default none */
  export_format?: ExportFormat | ExportFormat[] | undefined;
  /** Structured data of charts, in `chart_data`. @default false */
  extract_charts?: boolean | undefined;
  /** Text colours of a PDF's text layer, in the word boxes. @default false */
  extract_colors?: boolean | undefined;
  /** Links of a PDF, in the word boxes. @default false */
  extract_links?: boolean | undefined;
  /** Mark text that is struck through. */
  extract_strikethrough?: boolean | undefined;
  /** Older name of `segment_filter`. Not for large uploads. @default "all" */
  keep_segment_types?: string | string[] | undefined;
  /** `page_by_page` makes each page one segment. @default "smart_layout_detection" */
  layout_analysis?: "smart_layout_detection" | "page_by_page" | "advanced_layout_detection" | undefined;
  /** The model behind descriptions and tables. */
  llm_processing?: LlmProcessing | undefined;
  /** Tables that a model looks at together to merge them. @default 20 */
  merge_batch_size?: number | undefined;
  /** Make one table of a table that spans pages. @default false */
  merge_tables?: boolean | undefined;
  /** The engine that reads text. @default "UnsiloedHawk" */
  ocr_engine?: "UnsiloedBeta" | "UnsiloedHawk" | "UnsiloedStorm" | undefined;
  /** Older name of `ocr_strategy`, whose `auto_detection` it calls `auto_ocr`. @default "auto_ocr" */
  ocr_mode?: "auto_ocr" | "force_ocr" | undefined;
  /** `auto_detection` reads the text layer where there is one. @default "auto_detection" */
  ocr_strategy?: "auto_detection" | "force_ocr" | undefined;
  /** Fields to leave out of the result, with `false`; `ocr` is nearly all of its bytes. @default all are included */
  output_fields?: OutputFields | undefined;
  /** Pages to parse: `"1-5"`, `"2,4,6"` or `"[1,3,5]"`. @default all */
  page_range?: string | undefined;
  /** Least severity of personal data that blocks a document. */
  pii_block_severity?: "any" | "low" | "medium" | "high" | undefined;
  /** What looks for personal data. @default "standard" */
  pii_engine?: "standard" | "advanced" | undefined;
  /** `slim` leaves content, images, words, confidence, chart data and page sizes out of the result. */
  response_profile?: "slim" | "full" | "custom" | undefined;
  /** How HTML and Markdown are made, per segment type. */
  segment_analysis?: HandlingPerType | undefined;
  /** Segment types to return: a list, or the service's comma-separated text. @default "all" */
  segment_filter?: string | string[] | undefined;
  /** Another name of `segment_analysis`; it wins when both are given. */
  segment_processing?: HandlingPerType | undefined;
  /** `Other` names types `Header`, `List Item`, `Figure` …; Documents have the default names either way. @default "Unsiloed" */
  segment_type_naming?: "Unsiloed" | "Other" | undefined;
  /** Older name of `layout_analysis`. @default "smart_layout_detection" */
  segmentation_method?: "smart_layout_detection" | "page_by_page" | undefined;
  /** `v2` adds the segment types `KeyValuePair`, `Signature` and `Seal`. */
  segmentation_version?: "v1" | "v2" | undefined;
  /** Crop from high-resolution images: 2 to 3 seconds more a page. @default false */
  use_high_resolution?: boolean | undefined;
  /** Segment types that a vision model checks. @default ["Table", "Picture"] */
  validate_segments?: SegmentType[] | undefined;
  /** Older form of `validate_segments: ["Table"]`. @default false */
  validate_table_segments?: boolean | undefined;
  /** Link citations to the bibliography; PDF only. @default false */
  xml_citation?: boolean | undefined;
}

/** `"1-5"`, `"2,4,6"` or `"[1,3,5]"`, the three forms the service documents. */
const PAGE_RANGE = /^(?:\d+(?:-\d+)?(?:\s*,\s*\d+(?:-\d+)?)*|\[\s*\d+(?:\s*,\s*\d+)*\s*\])$/;

const flag = z.boolean().optional();
const segmentTypes = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional();
const exportFormat = z.enum(["docx", "markdown", "json"]);

/** Checks {@link WorkbookRequestOptions}. */
export const workbookRequestSchema = z.strictObject({
  exclude_hidden: flag,
  exclude_hidden_cols: flag,
  exclude_hidden_rows: flag,
  exclude_hidden_sheets: flag,
  exclude_images: flag,
  exclude_styling: flag,
  max_rows_per_segment: z.number().int().min(1).optional(),
  split_large_tables: flag,
  table_clustering: z.enum(["accurate", "fast", "off"]).optional(),
});

const parseRequestShape = {
  ...workbookRequestSchema.shape,
  agentic_ocr: z.enum(["standard", "advanced"]).optional(),
  chunk_processing: z
    .strictObject({
      ignore_headers_and_footers: flag,
      target_length: z.number().int().min(0).optional(),
      tokenizer: z
        .union([
          z.strictObject({ Enum: z.enum(["Word", "Cl100kBase", "XlmRobertaBase", "BertBaseUncased"]) }),
          z.strictObject({ String: z.string().min(1) }),
        ])
        .optional(),
    })
    .optional(),
  detect_checkboxes: flag,
  detect_pii: flag,
  enhance_reading_order: flag,
  error_handling: z.enum(["Continue", "Fail"]).optional(),
  expires_in: z.number().int().min(1).max(2_147_483_647).optional(),
  export_format: z.union([exportFormat, z.array(exportFormat).min(1)]).optional(),
  extract_charts: flag,
  extract_colors: flag,
  extract_links: flag,
  extract_strikethrough: flag,
  keep_segment_types: segmentTypes,
  layout_analysis: z.enum(["smart_layout_detection", "page_by_page", "advanced_layout_detection"]).optional(),
  llm_processing: z
    .strictObject({
      fallback_strategy: z
        .union([z.enum(["None", "Default"]), z.strictObject({ Model: z.string().min(1) })])
        .optional(),
      max_completion_tokens: z.number().int().min(0).optional(),
      model_id: z.string().optional(),
      temperature: z.number().optional(),
    })
    .optional(),
  merge_batch_size: z.number().int().min(1).optional(),
  merge_tables: flag,
  ocr_engine: z.enum(["UnsiloedBeta", "UnsiloedHawk", "UnsiloedStorm"]).optional(),
  ocr_mode: z.enum(["auto_ocr", "force_ocr"]).optional(),
  ocr_strategy: z.enum(["auto_detection", "force_ocr"]).optional(),
  output_fields: z
    .strictObject({
      bbox: flag,
      chart_data: flag,
      confidence: flag,
      content: flag,
      embed: flag,
      html: flag,
      image: flag,
      llm: flag,
      markdown: flag,
      ocr: flag,
    })
    .optional(),
  page_range: z.string().trim().regex(PAGE_RANGE, 'expected "1-5", "2,4,6" or "[1,3,5]"').optional(),
  pii_block_severity: z.enum(["any", "low", "medium", "high"]).optional(),
  pii_engine: z.enum(["standard", "advanced"]).optional(),
  response_profile: z.enum(["slim", "full", "custom"]).optional(),
  segment_analysis: handlingPerType.optional(),
  segment_filter: segmentTypes,
  segment_processing: handlingPerType.optional(),
  segment_type_naming: z.enum(["Unsiloed", "Other"]).optional(),
  segmentation_method: z.enum(["smart_layout_detection", "page_by_page"]).optional(),
  segmentation_version: z.enum(["v1", "v2"]).optional(),
  use_high_resolution: flag,
  validate_segments: z.array(z.enum(SEGMENT_TYPES)).optional(),
  validate_table_segments: flag,
  xml_citation: flag,
};

/** Checks {@link ParseRequestOptions}; the emulator takes the same. */
export const parseRequestSchema = z.strictObject(parseRequestShape, {
  error: nearestNames(Object.keys(parseRequestShape)),
});

export type ParseRequest = z.output<typeof parseRequestSchema>;
