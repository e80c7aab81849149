import { z } from "zod";
import { packWords } from "../../documents/packed-words.js";
import { UNKNOWN_PAGE } from "../../documents/policies.js";
import {
  type BBox,
  bboxSchema,
  type Segment,
  segmentSchema,
  type Word,
  wordSchema,
} from "../../documents/segment.js";
import { UNKNOWN_TYPE } from "../../documents/segment-type.js";
import { messageOf, UnsiloedError } from "../../errors.js";
import { isRecord } from "../../internal/objects.js";
import { describeIssue } from "../../internal/options.js";
import { DEFAULT_RESULT_LIMITS, type ResultLimits } from "./limits.js";

export interface ReadResultOptions {
  /** What the result is called in messages: a path, or the job. */
  name: string;
  /** Kept out of all messages, also where the service repeats it. */
  apiKey?: string | undefined;
  /** Check and keep the word boxes, which are most of a result's bytes. @default false */
  words?: boolean | undefined;
  /** Pack the words into lists of numbers, in `packed_ocr` in place of `ocr`. @default false */
  packWords?: boolean | undefined;
  limits?: ResultLimits | undefined;
  /** Whether a scanner has checked the depth already. @default false */
  depthChecked?: boolean | undefined;
}

/** Reads a number that may have come as text; anything else is not known. */
const lenientNumber = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^-?\d{1,9}(?:\.\d+)?$/)
      .transform(Number),
  ])
  .nullish()
  .catch(null);

/** Reads an id that may have come as a number; anything else is not known. */
const lenientId = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(null);

/**
 * Checks a segment but its words, which are checked apart because there are a thousand of them to a page. A document
 * that is paid for is not refused for what is only said about the text: such values count as not given.
 */
const bareSegmentSchema = segmentSchema.omit({ ocr: true }).extend({
  segment_id: lenientId,
  segment_type: z.string().catch(UNKNOWN_TYPE),
  page_number: z.number().int().nonnegative().catch(UNKNOWN_PAGE),
  page_width: lenientNumber,
  page_height: lenientNumber,
  bbox: bboxSchema.nullish().catch(null),
  confidence: lenientNumber,
});

export const invalid = (name: string, message: string, cause?: unknown, retryable = false): UnsiloedError =>
  new UnsiloedError("INVALID_RESULT", `${name}: ${message}`, { cause, retryable });

/** Takes V8's message without the piece of the document that it quotes. */
export const jsonProblem = (cause: unknown): string =>
  messageOf(cause)
    .replace(/,? ?(\.\.\.)?".*$/s, "")
    .trim();

/** Makes the error for the first issue with the part of a result at `path`. */
export const invalidPart = (name: string, path: string, error: z.ZodError, part: unknown): UnsiloedError => {
  const first = error.issues[0]?.path[0];
  const joint = first === undefined ? ": " : typeof first === "number" ? "" : ".";
  return invalid(name, `${path}${joint}${describeIssue(error, part)}`);
};

const tooMuch = (name: string, path: string, most: number, unit: string, found: number): UnsiloedError =>
  invalid(name, `${path}: expected at most ${most} ${unit}, found ${found}; see the option limits`);

/** Far beyond any page; the largest seen are of 13,200 pixels. */
const MOST_PIXELS = 1_000_000;

const isLength = (value: unknown): value is number =>
  typeof value === "number" && value >= 0 && value <= MOST_PIXELS;

const isPlace = (value: unknown): boolean => typeof value === "number" && Math.abs(value) <= MOST_PIXELS;

/** Tells whether a box can be on a page. Any other says nothing about where the text is. */
export const isOnPage = ({ left, top, width, height }: Record<keyof BBox, unknown>): boolean =>
  isPlace(left) && isPlace(top) && isLength(width) && isLength(height);

/** Checks the same as `wordSchema` without a copy, as words are nearly all of a result. */
const isWord = (value: unknown): value is Word => {
  if (!isRecord(value) || typeof value["text"] !== "string") return false;
  const { bbox, confidence } = value;
  if (confidence !== null && confidence !== undefined && typeof confidence !== "number") return false;
  const { left, top, width, height } = isRecord(bbox) ? bbox : {};
  return isOnPage({ left, top, width, height });
};

const isNumber = (value: unknown): boolean => typeof value === "number";

/** Tells whether a word lacks its text or its place on the page. Such words are left out. */
const isIncomplete = (value: unknown): boolean => {
  if (!isRecord(value)) return false;
  const { text, bbox } = value;
  if (text == null || bbox == null) return true;
  if (typeof text !== "string" || !isRecord(bbox)) return false;
  const { left, top, width, height } = bbox;
  return [left, top, width, height].every(isNumber) && !isOnPage({ left, top, width, height });
};

const readWords = (ocr: unknown, path: string, name: string, most: number): Word[] | null => {
  if (ocr == null) return null;
  if (!Array.isArray(ocr))
    throw invalidPart(name, path, z.array(z.unknown()).safeParse(ocr).error ?? new z.ZodError([]), ocr);
  if (ocr.length > most) throw tooMuch(name, path, most, "words", ocr.length);
  const words: Word[] = [];
  for (const [index, value] of ocr.entries()) {
    if (isWord(value)) words.push(value);
    else if (!isIncomplete(value)) {
      const { error } = wordSchema.safeParse(value);
      if (error) throw invalidPart(name, `${path}[${index}]`, error, value);
    }
  }
  return words;
};

/** Tells whether arrays and objects are nested deeper than allowed, without going any deeper itself. */
const isDeeper = (value: unknown, depth: number): boolean => {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
};

/** Limits names, as a long one would be repeated in every point of the store. */
const NAME_LENGTH = 1_000;
const NAMES = ["segment_id", "segment_type"] as const;
const TEXTS = ["content", "markdown", "html", "llm"] as const;

const checkLengths = (segment: Segment, path: string, name: string, { textLength }: ResultLimits): void => {
  for (const [fields, most] of [
    [NAMES, NAME_LENGTH],
    [TEXTS, textLength],
  ] as const)
    for (const field of fields) {
      const { length = 0 } = segment[field] ?? "";
      if (length > most) throw tooMuch(name, `${path}.${field}`, most, "characters", length);
    }
};

/** Reads a page number that came as text; other texts are no page. */
const pageOf = (given: string): number =>
  /^\s*\d{1,9}(?:\.0+)?\s*$/.test(given) ? Number(given) : UNKNOWN_PAGE;

/** Copies a value with what a segment needs: no words that are not asked for, and no page number as text. */
const prepared = (value: unknown, words: boolean): unknown => {
  if (!isRecord(value)) return value;
  const { page_number: page } = value;
  const isText = typeof page === "string";
  const hasOtherWords = !words && value["ocr"] != null;
  if (!isText && !hasOtherWords) return value;
  return { ...value, ...(hasOtherWords && { ocr: null }), ...(isText && { page_number: pageOf(page) }) };
};

/**
 * Checks one segment. A page number that is missing or none, and a missing type, count as unknown, so that one segment
 * does not refuse a whole result. A box or a page size that cannot be, such as one of negative width or without a
 * height, and a confidence that is not between 0 and 1, count as not given. The texts must be texts.
 *
 * @throws UnsiloedError `INVALID_RESULT`
 */
export const readSegment = (value: unknown, path: string, options: ReadResultOptions): Segment => {
  const {
    name,
    words = false,
    packWords: packs = false,
    limits = DEFAULT_RESULT_LIMITS,
    depthChecked = false,
  } = options;
  const given = prepared(value, words);
  if (!depthChecked && isDeeper(given, limits.depth))
    throw invalid(name, `${path}: nested deeper than ${limits.depth} levels; see the option limits`);
  const parsed = bareSegmentSchema.safeParse(given);
  if (!parsed.success) throw invalidPart(name, path, parsed.error, given);
  // The schema has made a copy, which is changed here instead of copied again.
  const segment: Segment = parsed.data;
  checkLengths(segment, path, name, limits);
  const { bbox, page_width, page_height, confidence } = segment;
  if (bbox && !isOnPage(bbox)) segment.bbox = null;
  if (page_width != null && !isLength(page_width)) segment.page_width = null;
  if (page_height != null && !isLength(page_height)) segment.page_height = null;
  if (confidence != null && !(confidence >= 0 && confidence <= 1)) segment.confidence = null;
  for (const page of segment.merged_page_bboxes ?? []) {
    if (page.bbox && !isOnPage(page.bbox)) page.bbox = null;
    if (!isLength(page.page_width)) page.page_width = null;
    if (!isLength(page.page_height)) page.page_height = null;
  }
  const checked = words ? readWords(segment["ocr"], `${path}.ocr`, name, limits.words) : null;
  segment.ocr = packs ? null : checked;
  // A field of this name that came with the result is not ours.
  if (packs && checked) segment.packed_ocr = packWords(checked);
  else if (segment.packed_ocr !== undefined) segment.packed_ocr = undefined;
  return segment;
};
