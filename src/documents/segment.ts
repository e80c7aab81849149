import { z } from "zod";
import { cellReferenceSchema } from "./cell-references.js";

/** A box in pixels, origin at the top left. */
export const bboxSchema = z.object({
  left: z.number(),
  top: z.number(),
  width: z.number(),
  height: z.number(),
});

export type BBox = z.infer<typeof bboxSchema>;

const optionalText = z.string().nullish();

/** A word as optical character recognition saw it; its box is relative to the segment's corner. */
export const wordSchema = z.object({
  text: z.string(),
  bbox: bboxSchema,
  confidence: z.number().nullish(),
});

export type Word = z.infer<typeof wordSchema>;

/**
 * The words of a segment as one text and one list of numbers. As objects they take ten times the memory, and most of
 * the time that reading a result takes.
 */
export interface PackedWords {
  /** The texts of all words, one after the other. */
  text: string;
  /**
   * Six for each word: left, top, width and height of its box, in pixels; its confidence, which is not a number where
   * it is not known; the place in `text` behind its last character.
   */
  numbers: Float64Array;
}

/** A page that a merged table stands on, and its box there. What the service did not give is `null`. */
export interface PagePlace {
  /** Page, from 1. */
  page_number: number;
  /** Width of the page in pixels. */
  page_width: number | null;
  /** Height of the page in pixels. */
  page_height: number | null;
  /** Box of the table in pixels of that page. */
  bbox: BBox | null;
}

export const pagePlaceSchema = z.object({
  page_number: z.number().int().nonnegative(),
  page_width: z.number().nullable().default(null),
  page_height: z.number().nullable().default(null),
  bbox: bboxSchema.nullable().default(null),
});

/**
 * One element of a parse result, as the service writes it. Only what nothing can do without is required;
 * fields that are not listed are let through.
 */
export const segmentSchema = z.looseObject({
  segment_id: optionalText,
  segment_type: z.string(),
  content: optionalText,
  markdown: optionalText,
  html: optionalText,
  llm: optionalText,
  image: optionalText,
  page_number: z.number().int().nonnegative(),
  page_width: z.number().nullish(),
  page_height: z.number().nullish(),
  bbox: bboxSchema.nullish(),
  confidence: z.number().nullish(),
  ocr: z.array(wordSchema).nullish(),
  chart_data: z.unknown().optional(),
  references: z.unknown().optional(),
  /** The box of each page of a merged table; of any other form is left out. */
  merged_page_bboxes: z.array(pagePlaceSchema).nullish().catch(null),
  /** The cells of a workbook; of any other form is left out. */
  cell_references: z.array(cellReferenceSchema).nullish().catch(null),
});

export type Segment = z.infer<typeof segmentSchema> & {
  /** The words, in place of `ocr`, when they are asked for in this form. */
  packed_ocr?: PackedWords | undefined;
};
