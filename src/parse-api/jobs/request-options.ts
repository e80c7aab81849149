import { z } from "zod";
import { SEGMENT_TYPES, type SegmentType } from "../../documents/segment-type.js";

/** How HTML or Markdown is made: by a model, or by rules. */
export type Generation = "LLM" | "Auto";

/** Handling of one segment type. */
export interface SegmentHandling {
  /** Where a segment's `content` comes from. @default "OCR" */
  content_source?: "OCR" | "HTML" | "Markdown" | "LLM" | undefined;
  /** `All` crops every image, `Auto` those a model needs, `None` leaves their URLs out. */
  crop_image?: "All" | "Auto" | "None" | undefined;
  /** What a chunk's `embed` is made of. */
  embed_sources?: ("HTML" | "Markdown" | "LLM" | "Content")[] | undefined;
  /** Show the model the whole page. @default false */
  extended_context?: boolean | undefined;
  /** How HTML is made. */
  html?: Generation | undefined;
  /** How Markdown is made. */
  markdown?: Generation | undefined;
  /** Prompt for the model. */
  llm?: string | undefined;
}

/** Handling of pictures. */
export interface PictureHandling extends SegmentHandling {
  /** The model that describes them. */
  model_id?: string | undefined;
}

/** Handling of what a model may read: tables, formulas and whole pages. */
export interface ModelHandling extends PictureHandling {
  /** Give the model the table's structure from OCR. @default false */
  use_table_ocr?: boolean | undefined;
}

/** Handling of segments by their type. */
export interface HandlingPerType {
  Title?: SegmentHandling | undefined;
  SectionHeader?: SegmentHandling | undefined;
  Text?: SegmentHandling | undefined;
  ListItem?: SegmentHandling | undefined;
  Table?: ModelHandling | undefined;
  Picture?: PictureHandling | undefined;
  Caption?: SegmentHandling | undefined;
  Formula?: ModelHandling | undefined;
  Footnote?: SegmentHandling | undefined;
  PageHeader?: SegmentHandling | undefined;
  PageFooter?: SegmentHandling | undefined;
  Page?: ModelHandling | undefined;
}

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
export type OutputFields = {
  [Field in
    | "bbox"
    | "chart_data"
    | "confidence"
    | "content"
    | "embed"
    | "html"
    | "image"
    | "llm"
    | "markdown"
    | "ocr"]?: boolean | undefined;
};

/**
 * Options of a parse request, named as the service names them. All are optional; the defaults are the service's.
 *
 * Sources: the OpenAPI documents of `POST /parse` and `POST /v2/parse/upload`.
 */
export interface ParseRequestOptions {
  /** Sizes of the service's own chunks. */
  chunk_processing?: ChunkProcessing | undefined;
  /** Find checkboxes and whether they are ticked. @default false */
  detect_checkboxes?: boolean | undefined;
  /** Whether a non-critical error fails the job. @default "Continue" */
  error_handling?: "Continue" | "Fail" | undefined;
  /** Seconds until the job and its result are deleted. @default by plan */
  expires_in?: number | undefined;
  /** Structured data of charts, in `chart_data`. @default false */
  extract_charts?: boolean | undefined;
  /** Text colours of a PDF's text layer, in the word boxes. @default false */
  extract_colors?: boolean | undefined;
  /** Links of a PDF, in the word boxes. @default false */
  extract_links?: boolean | undefined;
  /** Segment types to return: a list, or the service's comma-separated text. Not for large uploads. @default "all" */
  keep_segment_types?: string | string[] | undefined;
  /** The model behind descriptions and tables. */
  llm_processing?: LlmProcessing | undefined;
  /** Make one table of a table that spans pages. @default false */
  merge_tables?: boolean | undefined;
  /** The engine that reads text. @default "UnsiloedBeta" */
  ocr_engine?: "UnsiloedBeta" | "UnsiloedHawk" | "UnsiloedStorm" | undefined;
  /** `auto_ocr` reads the text layer where there is one. @default "auto_ocr" */
  ocr_mode?: "auto_ocr" | "force_ocr" | undefined;
  /** Fields to leave out of the result, with `false`; `ocr` is nearly all of its bytes. @default all are included */
  output_fields?: OutputFields | undefined;
  /** Pages to parse: `"1-5"`, `"2,4,6"` or `"[1,3,5]"`. @default all */
  page_range?: string | undefined;
  /** How HTML and Markdown are made, per segment type. */
  segment_analysis?: HandlingPerType | undefined;
  /** Another name of `segment_analysis`; it wins when both are given. */
  segment_processing?: HandlingPerType | undefined;
  /** `Other` names types `Header`, `List Item`, `Figure` …; Documents have the default names either way. @default "Unsiloed" */
  segment_type_naming?: "Unsiloed" | "Other" | undefined;
  /** `page_by_page` makes each page one segment. @default "smart_layout_detection" */
  segmentation_method?: "smart_layout_detection" | "page_by_page" | undefined;
  /** Crop from high-resolution images: 2 to 3 seconds more a page. @default true */
  use_high_resolution?: boolean | undefined;
  /** Segment types that a vision model checks. */
  validate_segments?: SegmentType[] | undefined;
  /** Older form of `validate_segments: ["Table"]`. @default false */
  validate_table_segments?: boolean | undefined;
  /** Link citations to the bibliography; PDF only. @default false */
  xml_citation?: boolean | undefined;
}

const contentSource = z.enum(["OCR", "HTML", "Markdown", "LLM"]);

const generation = z.enum(["LLM", "Auto"]);

const segmentHandling = z.strictObject({
  content_source: contentSource.optional(),
  crop_image: z.enum(["All", "Auto", "None"]).optional(),
  embed_sources: z.array(z.enum(["HTML", "Markdown", "LLM", "Content"])).optional(),
  extended_context: z.boolean().optional(),
  html: generation.optional(),
  markdown: generation.optional(),
  llm: z.string().optional(),
});

const pictureHandling = segmentHandling.extend({ model_id: z.string().optional() });

const modelHandling = pictureHandling.extend({
  use_table_ocr: z.boolean().optional(),
});

const handlingPerType = z.strictObject({
  Title: segmentHandling.optional(),
  SectionHeader: segmentHandling.optional(),
  Text: segmentHandling.optional(),
  ListItem: segmentHandling.optional(),
  Table: modelHandling.optional(),
  Picture: pictureHandling.optional(),
  Caption: segmentHandling.optional(),
  Formula: modelHandling.optional(),
  Footnote: segmentHandling.optional(),
  PageHeader: segmentHandling.optional(),
  PageFooter: segmentHandling.optional(),
  Page: modelHandling.optional(),
});

/** `"1-5"`, `"2,4,6"` or `"[1,3,5]"`, the three forms the service documents. */
const PAGE_RANGE = /^(?:\d+(?:-\d+)?(?:\s*,\s*\d+(?:-\d+)?)*|\[\s*\d+(?:\s*,\s*\d+)*\s*\])$/;

const flag = z.boolean().optional();

/** Checks {@link ParseRequestOptions}; the emulator takes the same. */
export const parseRequestSchema = z.strictObject({
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
  error_handling: z.enum(["Continue", "Fail"]).optional(),
  expires_in: z.number().int().min(1).max(2_147_483_647).optional(),
  extract_charts: flag,
  extract_colors: flag,
  extract_links: flag,
  keep_segment_types: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
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
  merge_tables: flag,
  ocr_engine: z.enum(["UnsiloedBeta", "UnsiloedHawk", "UnsiloedStorm"]).optional(),
  ocr_mode: z.enum(["auto_ocr", "force_ocr"]).optional(),
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
  segment_analysis: handlingPerType.optional(),
  segment_processing: handlingPerType.optional(),
  segment_type_naming: z.enum(["Unsiloed", "Other"]).optional(),
  segmentation_method: z.enum(["smart_layout_detection", "page_by_page"]).optional(),
  use_high_resolution: flag,
  validate_segments: z.array(z.enum(SEGMENT_TYPES)).optional(),
  validate_table_segments: flag,
  xml_citation: flag,
});

export type ParseRequest = z.output<typeof parseRequestSchema>;
