import { z } from "zod";
import type { ParsedChunk, ParsedResult } from "../documents/result.js";
import { type Segment, segmentSchema, type Word, wordSchema } from "../documents/segment.js";
import { alwaysNeedsWords } from "../documents/segment-type.js";
import { UnsiloedError } from "../errors.js";
import { describeIssue } from "../internal/options.js";
import { isUnfinished } from "./answers.js";
import { redact } from "./redact.js";

export interface ReadResultOptions {
  /** What the result is called in messages: a path, or the job. */
  name: string;
  /** Check and keep the word boxes of all segments; they are most of a result's bytes. @default false */
  words?: boolean | undefined;
}

const chunkSchema = z.object({ chunk_id: z.string().nullish(), segments: z.array(z.unknown()).nullish() });

/** Word boxes are checked apart from the segment, because there are a thousand of them to a page. */
const bareSegmentSchema = segmentSchema.omit({ ocr: true });

const invalid = (name: string, message: string): UnsiloedError =>
  new UnsiloedError("INVALID_RESULT", `${name}: ${message}`);

/** The error for the first thing wrong with the part of a result that stands at `path`. */
const invalidPart = (name: string, path: string, error: z.ZodError, part: unknown): UnsiloedError => {
  const first = error.issues[0]?.path[0];
  const joint = first === undefined ? ": " : typeof first === "number" ? "" : ".";
  return invalid(name, `${path}${joint}${describeIssue(error, part)}`);
};

const isNumber = (value: unknown): boolean => typeof value === "number";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same test as `wordSchema`, but it copies nothing: words are nearly all of a result. */
const isWord = (value: unknown): value is Word => {
  if (!isRecord(value) || typeof value["text"] !== "string") return false;
  const { bbox, confidence } = value;
  if (confidence !== null && confidence !== undefined && typeof confidence !== "number") return false;
  return (
    isRecord(bbox) &&
    isNumber(bbox["left"]) &&
    isNumber(bbox["top"]) &&
    isNumber(bbox["width"]) &&
    isNumber(bbox["height"])
  );
};

/** A word without a text or a place marks nothing on the page. */
const isIncomplete = (value: unknown): boolean =>
  isRecord(value) && (value["text"] == null || value["bbox"] == null);

const readWords = (ocr: unknown, path: string, name: string): Word[] | null => {
  if (ocr == null) return null;
  if (!Array.isArray(ocr))
    throw invalidPart(name, path, z.array(z.unknown()).safeParse(ocr).error ?? new z.ZodError([]), ocr);
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

const readSegment = (value: unknown, path: string, { name, words }: ReadResultOptions): Segment => {
  const parsed = bareSegmentSchema.safeParse(value);
  if (!parsed.success) throw invalidPart(name, path, parsed.error, value);
  const segment = parsed.data;
  const ocr = segment["ocr"];
  if (words) return { ...segment, ocr: readWords(ocr, `${path}.ocr`, name) };
  const needed = Array.isArray(ocr) && alwaysNeedsWords(segment.segment_type);
  return { ...segment, ocr: needed ? ocr.filter(isWord) : null };
};

const CHUNK_KEYS = ["segments", "chunk_id", "chunk_length", "embed"];

/** Other products call their pieces of text chunks, too. */
const isForeign = (chunk: object): boolean => {
  const keys = Object.keys(chunk);
  return keys.length > 0 && !keys.some((key) => CHUNK_KEYS.includes(key));
};

/**
 * Checks one element of `chunks`.
 *
 * Missing, null and unknown fields are let through; `segment_type` and `page_number` are required, and a field
 * that is there must have its type.
 *
 * @param index its place in `chunks`, for messages
 * @throws UnsiloedError `INVALID_RESULT`, such as
 *   `result.json: chunks[3].segments[1].page_number: expected number, got "x" (string)`
 */
export const readChunk = (value: unknown, index: number, options: ReadResultOptions): ParsedChunk => {
  const path = `chunks[${index}]`;
  if (isRecord(value) && isForeign(value))
    throw invalid(options.name, `${path}: expected an object with "segments", found ${describeFound(value)}`);
  const parsed = chunkSchema.safeParse(value);
  if (!parsed.success) throw invalidPart(options.name, path, parsed.error, value);
  const { chunk_id, segments } = parsed.data;
  return {
    chunkId: chunk_id ?? null,
    segments: (segments ?? []).map((segment, at) => readSegment(segment, `${path}.segments[${at}]`, options)),
  };
};

/** Checks chunks one at a time, as they are asked for. */
export async function* readChunks(
  chunks: Iterable<unknown> | AsyncIterable<unknown>,
  options: ReadResultOptions,
): AsyncGenerator<ParsedChunk> {
  let index = 0;
  for await (const chunk of chunks) yield readChunk(chunk, index++, options);
}

const infoSchema = z.object({
  job_id: z.string().nullish().catch(null),
  status: z.string().nullish().catch(null),
  file_name: z.string().nullish().catch(null),
  page_count: z.number().nullish().catch(null),
  message: z.string().nullish().catch(null),
});

const describeFound = (value: unknown): string => {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (!isRecord(value)) return value === null ? "null" : `a ${typeof value}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return "an empty object";
  return `an object with ${keys.slice(0, 5).join(", ")}${keys.length > 5 ? ", …" : ""}`;
};

const EXPECTED = 'expected a parse result of Unsiloed, an object with "chunks"';

/**
 * Opens a result that is in memory, such as the body of `GET /parse/{job_id}`.
 *
 * @throws UnsiloedError `INVALID_RESULT` when it is something else, or the job had not ended; `JOB_FAILED` and
 *   `JOB_CANCELLED` when it is the answer of such a job
 */
export const openResult = (value: unknown, options: ReadResultOptions): ParsedResult => {
  const { name } = options;
  if (!isRecord(value)) throw invalid(name, `${EXPECTED}, found ${describeFound(value)}`);
  const { job_id, status, file_name, page_count, message } = infoSchema.parse(value);
  const jobId = job_id ?? null;
  const context = jobId === null ? {} : { jobId };
  const said = message ? redact(message) : "";
  if (status === "Failed")
    throw new UnsiloedError(
      "JOB_FAILED",
      `${name}: the parse job failed: ${said || "no reason given"}`,
      context,
    );
  if (status === "Cancelled")
    throw new UnsiloedError(
      "JOB_CANCELLED",
      `${name}: the parse job was cancelled${said ? `: ${said}` : ""}`,
      context,
    );
  const { chunks } = value;
  if (!("chunks" in value)) {
    if (status && jobId)
      throw invalid(
        name,
        `${EXPECTED}, found the status of job ${jobId} (${status}) without its result; ` +
          "fetch it once the job has succeeded, without include_chunks=false and output_file=true",
      );
    throw invalid(name, `${EXPECTED}, found ${describeFound(value)}`);
  }
  if (chunks != null && !Array.isArray(chunks))
    throw invalid(name, `chunks: expected array, found ${describeFound(chunks)}`);
  if (status && status !== "Succeeded" && (!chunks || isUnfinished(status)))
    throw invalid(name, `the parse job had not ended (${status}): fetch the result once it has succeeded`);
  return {
    info: { jobId, state: status ?? null, fileName: file_name ?? null, pageCount: page_count ?? null },
    chunks: readChunks(chunks ?? [], options),
  };
};
