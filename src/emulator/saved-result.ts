import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { messageOf, UnsiloedError } from "../errors.js";
import { TopLevelScanner } from "./top-level-scanner.js";

/** A result split in two: the small fields, and the bytes of `chunks`, which may be half a gigabyte. */
export interface PreparedResult {
  /** Every top-level field but `chunks`. */
  fields: Readonly<Record<string, unknown>>;
  /** The JSON text of `chunks`; absent when the result has none. */
  chunks?: { size: number; open(): AsyncIterable<Buffer> };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

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

/**
 * Reads a saved result once, to find where its chunks are; they are streamed from the file afterwards.
 *
 * @throws UnsiloedError `FILE_NOT_FOUND` or `INVALID_RESULT`
 */
export const prepareFile = async (path: string): Promise<PreparedResult> => {
  const scanner = new TopLevelScanner("chunks");
  let fields: unknown;
  try {
    for await (const piece of openFile(path)) if (Buffer.isBuffer(piece)) scanner.push(piece);
    fields = JSON.parse(scanner.rest());
  } catch (thrown) {
    const missing = thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
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
  const { span } = scanner;
  if (!span) return { fields: others };
  return {
    fields: others,
    chunks: { size: span.end - span.start, open: () => slice(path, span.start, span.end) },
  };
};
