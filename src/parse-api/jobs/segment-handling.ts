import { z } from "zod";

/** How HTML or Markdown is made: by a model, or by rules. `VLM` is the newer name of `LLM`. */
export type Generation = "LLM" | "VLM" | "Auto";

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
  /** How titles of documents are handled. */
  Title?: SegmentHandling | undefined;
  /** How headings of sections are handled. */
  SectionHeader?: SegmentHandling | undefined;
  /** How paragraphs are handled. */
  Text?: SegmentHandling | undefined;
  /** How items of lists are handled. */
  ListItem?: SegmentHandling | undefined;
  /** How tables are handled. */
  Table?: ModelHandling | undefined;
  /** How pictures and charts are handled. */
  Picture?: PictureHandling | undefined;
  /** How captions of tables and pictures are handled. */
  Caption?: SegmentHandling | undefined;
  /** How formulas are handled. */
  Formula?: ModelHandling | undefined;
  /** How footnotes are handled. */
  Footnote?: SegmentHandling | undefined;
  /** How page headers are handled. */
  PageHeader?: SegmentHandling | undefined;
  /** How page footers are handled. */
  PageFooter?: SegmentHandling | undefined;
  /** How whole pages are handled, which `page_by_page` makes segments. */
  Page?: ModelHandling | undefined;
}

const contentSource = z.enum(["OCR", "HTML", "Markdown", "LLM"]);

const generation = z.enum(["LLM", "VLM", "Auto"]);

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

/** Checks {@link HandlingPerType}. */
export const handlingPerType = z.strictObject({
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
