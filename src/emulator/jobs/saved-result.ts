import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { messageOf, UnsiloedError } from "../../errors.js";
import { JsonScanner } from "../../internal/json/scanner.js";
import { isRecord, propertyOf } from "../../internal/objects.js";

/** A result split in two: the small fields, and the bytes of `chunks`, which may be half a gigabyte. */
export interface PreparedResult {
  /** Every top-level field but `chunks`. */
  fields: Readonly<Record<string, unknown>>;
  /** The JSON text of `chunks`; absent when the result has none. */
  chunks?: { size: number; open(): AsyncIterable<Buffer> };
}

/** A segment as it was saved. */
export type SavedSegment = Record<string, unknown>;

/** A chunk as it was saved. */
export interface SavedChunk {
  [field: string]: unknown;
  segments: SavedSegment[];
}

/** Serialises a result once; chunk by chunk, since the whole may be longer than a string can be. */
export const prepareObject = (result: Readonly<Record<string, unknown>>): PreparedResult => {
  const { chunks, ...fields } = result;
  if (chunks === undefined) return { fields };
  const pieces = Array.isArray(chunks)
    ? [
        ...chunks.map((chunk, index) => Buffer.from(`${index === 0 ? "[" : ","}${JSON.stringify(chunk)}`)),
        Buffer.from(chunks.length === 0 ? "[]" : "]"),
      ]
    : [Buffer.from(JSON.stringify(chunks))];
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return {
    fields,
    chunks: {
      size,
      open: async function* () {
        yield* pieces;
      },
    },
  };
};

const openFile = (path: string): Readable => {
  const file = createReadStream(path);
  if (!path.endsWith(".gz")) return file;
  const unpacked = createGunzip();
  file.on("error", (error) => unpacked.destroy(error));
  unpacked.on("close", () => file.destroy());
  return file.pipe(unpacked);
};

async function* slice(path: string, start: number, end: number): AsyncGenerator<Buffer> {
  let position = 0;
  for await (const piece of openFile(path)) {
    if (!Buffer.isBuffer(piece)) continue;
    const from = Math.max(0, start - position);
    const to = Math.min(piece.length, end - position);
    if (from < to) yield piece.subarray(from, to);
    position += piece.length;
    if (position >= end) return;
  }
}

/** What is served is what was saved, so nothing is too large or too deep here. */
export const NO_LIMITS = { depth: Number.POSITIVE_INFINITY, valueBytes: Number.POSITIVE_INFINITY };

/**
 * Finds `chunks` in the bytes of a result, without holding them.
 *
 * @returns the JSON of everything else, with `null` in their place, and where they are, the end exclusive
 */
export const findChunks = async (
  pieces: AsyncIterable<unknown>,
): Promise<{ rest: string; span?: { start: number; end: number } }> => {
  const scanner = new JsonScanner([{ key: "chunks", how: "skip" }], NO_LIMITS);
  let span: { start: number; end: number } | undefined;
  let rest = "";
  for await (const piece of pieces) {
    if (!Buffer.isBuffer(piece)) continue;
    for (const event of scanner.scan(piece)) {
      if (event.type === "skipped") span ??= { start: event.start, end: event.end };
      else if (event.type === "value") rest = event.text;
    }
  }
  const last = scanner.end();
  if (last?.type === "value") rest = last.text;
  return { rest, ...(span && { span }) };
};

/**
 * Reads a saved result once, to find where its chunks are; they are streamed from the file afterwards.
 *
 * @throws UnsiloedError `FILE_NOT_FOUND` or `INVALID_RESULT`; `INVALID_OPTION` for a directory
 */
export const prepareFile = async (path: string): Promise<PreparedResult> => {
  let fields: unknown;
  let span: { start: number; end: number } | undefined;
  try {
    const found = await findChunks(openFile(path));
    fields = JSON.parse(found.rest);
    span = found.span;
  } catch (thrown) {
    const code = propertyOf(thrown, "code");
    const missing = code === "ENOENT";
    if (code === "EISDIR")
      throw new UnsiloedError(
        "INVALID_OPTION",
        `startEmulator: results: expected a file with a saved result, got the directory "${path}"; choose a file of it for each document by a function or byFileName`,
        { cause: thrown, source: path },
      );
    throw new UnsiloedError(
      missing ? "FILE_NOT_FOUND" : "INVALID_RESULT",
      missing
        ? `emulator: there is no saved result at ${path}`
        : `emulator: ${path} is no saved result: ${messageOf(thrown)}`,
      { cause: thrown, source: path },
    );
  }
  if (!isRecord(fields)) {
    throw new UnsiloedError(
      "INVALID_RESULT",
      `emulator: ${path} is no saved result: expected a JSON object`,
      {
        source: path,
      },
    );
  }
  const { chunks: _placeholder, ...others } = fields;
  if (!span) return { fields: others };
  return {
    fields: others,
    chunks: { size: span.end - span.start, open: () => slice(path, span.start, span.end) },
  };
};
