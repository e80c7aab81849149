import { z } from "zod";
import type { ParsedChunk } from "../../documents/result.js";
import { isRecord } from "../../internal/objects.js";
import { invalid, invalidPart, type ReadResultOptions, readSegment } from "./read-segment.js";
import { ResultCounter, type ResultTotals } from "./result-counter.js";

const chunkSchema = z.object({ chunk_id: z.string().nullish(), segments: z.array(z.unknown()).nullish() });

const CHUNK_KEYS = ["segments", "chunk_id", "chunk_length", "embed"];

/** Tells whether another product made a chunk: many have a field of that name. */
const isForeign = (chunk: object): boolean => {
  const keys = Object.keys(chunk);
  return keys.length > 0 && !keys.some((key) => CHUNK_KEYS.includes(key));
};

/** Describes a value for messages, without quoting it. */
export const describeFound = (value: unknown): string => {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (!isRecord(value)) return value === null ? "null" : `a ${typeof value}`;
  const keys = Object.keys(value).map((key) => (key.length > 60 ? `${key.slice(0, 57)}…` : key));
  if (keys.length === 0) return "an empty object";
  return `an object with ${keys.slice(0, 5).join(", ")}${keys.length > 5 ? ", …" : ""}`;
};

/** Checks an element of `chunks` but not its segments. */
export const readChunkFrame = (
  value: unknown,
  index: number,
  { name }: ReadResultOptions,
): { chunkId: string | null; segments: unknown[] } => {
  const path = `chunks[${index}]`;
  if (isRecord(value) && isForeign(value))
    throw invalid(name, `${path}: expected an object with "segments", found ${describeFound(value)}`);
  const parsed = chunkSchema.safeParse(value);
  if (!parsed.success) throw invalidPart(name, path, parsed.error, value);
  return { chunkId: parsed.data.chunk_id ?? null, segments: parsed.data.segments ?? [] };
};

/**
 * Checks chunks one at a time, as they are asked for.
 *
 * Missing, null and unknown fields are let through. Texts, segments and chunks that are there must have their type;
 * what is said about a text may be anything, and counts as unknown then.
 *
 * @param totals how many there should be
 * @throws UnsiloedError `INCOMPLETE_RESULT` at the end; `INVALID_RESULT`, such as
 *   `result.json: chunks[3].segments[1].content: expected string, got 5 (number)`
 */
export async function* readChunks(
  chunks: Iterable<unknown>,
  options: ReadResultOptions,
  totals: ResultTotals,
): AsyncGenerator<ParsedChunk> {
  const counter = new ResultCounter(options);
  for (const value of chunks) {
    const index = counter.chunks;
    counter.chunk();
    const { chunkId, segments } = readChunkFrame(value, index, options);
    const checked = segments.map((segment, at) => {
      counter.segment();
      const read = readSegment(segment, `chunks[${index}].segments[${at}]`, options);
      counter.page(read);
      return read;
    });
    yield { chunkId, segments: checked };
  }
  counter.assertWhole(totals);
}
