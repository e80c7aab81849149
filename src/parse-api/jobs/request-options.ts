import { z } from "zod";
import { SEGMENT_TYPES } from "../../documents/segment-type.js";

/** Where a segment's `content` comes from. @default "OCR" */
const contentSource = z.enum(["OCR", "HTML", "Markdown", "LLM"]);

/** How HTML or Markdown is made: by a model, or by rules. */
const generation = z.enum(["LLM", "Auto"]);

/** Handling of one segment type. */
const segmentHandling = z.strictObject({
  content_source: contentSource.optional(),
  /** `All` crops every image, `Auto` those a model needs, `None` leaves their URLs out. */
  crop_image: z.enum(["All", "Auto", "None"]).optional(),
  /** What a chunk's `embed` is made of. */
  embed_sources: z.array(z.enum(["HTML", "Markdown", "LLM", "Content"])).optional(),
  /** Show the model the whole page. @default false */
  extended_context: z.boolean().optional(),
  html: generation.optional(),
  markdown: generation.optional(),
  /** Prompt for the model. */
  llm: z.string().optional(),
});

const pictureHandling = segmentHandling.extend({ model_id: z.string().optional() });

const modelHandling = pictureHandling.extend({
  /** Give the model the table's structure from OCR. @default false */
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

/**
 * Options of a parse request, named as the service names them. All are optional; the defaults are the service's.
 *
 * Sources: the OpenAPI documents of `POST /parse` and `POST /v2/parse/upload`.
 */
export const parseRequestSchema = z.strictObject({
  /** Sizes of the service's own chunks. */
  chunk_processing: z
    .strictObject({
      ignore_headers_and_footers: flag,
      /** Words in a chunk; 0 gives every segment a chunk of its own. @default 512 */
      target_length: z.number().int().min(0).optional(),
      /** A tokenizer by name, or a Hugging Face tokenizer by its id. */
      tokenizer: z
        .union([
          z.strictObject({ Enum: z.enum(["Word", "Cl100kBase", "XlmRobertaBase", "BertBaseUncased"]) }),
          z.strictObject({ String: z.string().min(1) }),
        ])
        .optional(),
    })
    .optional(),
  /** @default false */
  detect_checkboxes: flag,
  /** Whether a non-critical error fails the job. @default "Continue" */
  error_handling: z.enum(["Continue", "Fail"]).optional(),
  /** Seconds until the job and its result are deleted. @default by plan */
  expires_in: z.number().int().min(1).max(2_147_483_647).optional(),
  /** Structured data of charts, in `chart_data`. @default false */
  extract_charts: flag,
  /** Text colours of a PDF's text layer, in the word boxes. @default false */
  extract_colors: flag,
  /** Links of a PDF, in the word boxes. @default false */
  extract_links: flag,
  /** Segment types to return: a list, or the service's comma-separated text. Not for large uploads. @default "all" */
  keep_segment_types: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional(),
  /** The model behind descriptions and tables. */
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
  /** Make one table of a table that spans pages. @default false */
  merge_tables: flag,
  /** @default "UnsiloedBeta" */
  ocr_engine: z.enum(["UnsiloedBeta", "UnsiloedHawk", "UnsiloedStorm"]).optional(),
  /** `auto_ocr` reads the text layer where there is one. @default "auto_ocr" */
  ocr_mode: z.enum(["auto_ocr", "force_ocr"]).optional(),
  /** Fields to leave out of the result, with `false`; `ocr` is nearly all of its bytes. @default all are included */
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
  /** Pages to parse: `"1-5"`, `"2,4,6"` or `"[1,3,5]"`. @default all */
  page_range: z.string().trim().regex(PAGE_RANGE, 'expected "1-5", "2,4,6" or "[1,3,5]"').optional(),
  /** How HTML and Markdown are made, per segment type. */
  segment_analysis: handlingPerType.optional(),
  /** Another name of `segment_analysis`; it wins when both are given. */
  segment_processing: handlingPerType.optional(),
  /** `Other` names types `Header`, `List Item`, `Figure` …; Documents have the default names either way. @default "Unsiloed" */
  segment_type_naming: z.enum(["Unsiloed", "Other"]).optional(),
  /** `page_by_page` makes each page one segment. @default "smart_layout_detection" */
  segmentation_method: z.enum(["smart_layout_detection", "page_by_page"]).optional(),
  /** Crop from high-resolution images: 2 to 3 seconds more a page. @default true */
  use_high_resolution: flag,
  /** Segment types that a vision model checks. */
  validate_segments: z.array(z.enum(SEGMENT_TYPES)).optional(),
  /** Older form of `validate_segments: ["Table"]`. @default false */
  validate_table_segments: flag,
  /** Link citations to the bibliography; PDF only. @default false */
  xml_citation: flag,
});

export type ParseRequestOptions = z.input<typeof parseRequestSchema>;
export type ParseRequest = z.output<typeof parseRequestSchema>;
