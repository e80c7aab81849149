import type { ResultInfo } from "../../documents/result.js";
import type { Segment } from "../../documents/segment.js";
import type { UnsiloedError } from "../../errors.js";
import { JsonScanError, type ScanEvent } from "../../internal/json/scan.js";
import { JsonScanner } from "../../internal/json/scanner.js";
import { plainBytes } from "./decode-bytes.js";
import { openResult, readInfo } from "./in-memory.js";
import { DEFAULT_RESULT_LIMITS } from "./limits.js";
import { readChunkFrame } from "./read-chunk.js";
import { invalid, jsonProblem, type ReadResultOptions, readSegment } from "./read-segment.js";
import { mergeTotals, ResultCounter, type ResultTotals, readTotals } from "./result-counter.js";
import { WordReader } from "./word-reader.js";

export interface StreamOptions extends ReadResultOptions {
  /** Whether broken JSON is worth another request, as the connection may have cut it short. @default false */
  transient?: boolean | undefined;
  /** How much there should be, for a result that does not say so itself. @default unknown */
  totals?: ResultTotals | undefined;
}

/** A chunk, or a part of one that is too large to hold in memory. */
export interface ChunkPart {
  /** Index of the chunk in `chunks`. */
  index: number;
  chunkId: string | null;
  segments: Segment[];
  /** Whether the chunk is complete with this part. */
  last: boolean;
}

/** A result whose bytes have been read up to its chunks. */
export interface OpenedResult {
  /** What stands before the chunks; completed when all chunks have been read. */
  info: ResultInfo;
  parts: AsyncGenerator<ChunkPart>;
  /** Stops reading and frees the source, also when no part was read. */
  close(): Promise<void>;
}

/** Segments of a chunk are handed out when their JSON exceeds this; nearly all chunks are smaller. */
const PART_LENGTH = 1024 * 1024;

const FRAME_DEPTH = 5;

const LEVELS = [
  { key: "chunks", how: "elements" },
  { key: "segments", how: "elements" },
] as const;
/** The levels from the list of words of a segment to the numbers of a box. */
const WORD_DEPTH = 3;

/** Decides about word boxes: they are left out, left in, or left out after `reader` has read them. */
const levelsOf = (
  { words, limits = DEFAULT_RESULT_LIMITS }: StreamOptions,
  reader: WordReader | undefined,
) => {
  if (!words) return [...LEVELS, { key: "ocr", how: "skip" } as const];
  // The reader does not check the depth.
  const mayRead = reader && limits.depth >= WORD_DEPTH;
  return mayRead ? [...LEVELS, { key: "ocr", how: "skip", read: reader.read } as const] : LEVELS;
};

class ResultReader implements OpenedResult {
  info: ResultInfo = { jobId: null, state: null, fileName: null, pageCount: null };
  readonly parts = this.#readParts();
  readonly #options: StreamOptions;
  readonly #scanner: JsonScanner;
  readonly #events: AsyncGenerator<ScanEvent>;
  readonly #counter: ResultCounter;
  #totals: ResultTotals;
  readonly #words: WordReader | undefined;
  #hasChunks = false;
  #segment = 0;
  #lastSegment = "";

  constructor(source: AsyncIterable<Uint8Array>, options: StreamOptions) {
    const { limits = DEFAULT_RESULT_LIMITS, name, packWords, totals = readTotals({}) } = options;
    this.#totals = totals;
    this.#options = { ...options, depthChecked: true };
    this.#counter = new ResultCounter(options);
    this.#words = packWords ? new WordReader(limits.words) : undefined;
    this.#scanner = new JsonScanner(levelsOf(options, this.#words), {
      depth: limits.depth + FRAME_DEPTH,
      valueBytes: limits.segmentBytes,
    });
    this.#events = this.#scan(plainBytes(source, name, limits));
  }

  /** Reads up to the chunks, or to the end when there are none. */
  async open(): Promise<void> {
    for (;;) {
      const { value: event, done } = await this.#events.next();
      if (done) return;
      if (event.type === "begin") {
        this.#hasChunks = true;
        this.info = this.#infoOf(this.#scanner.partial(0));
        return;
      }
      // The whole was read without any chunks: its errors are known now.
      if (event.type !== "value") continue;
      const whole = this.#parse(event.text, "", event.start);
      this.info = openResult(whole, this.#options).info;
      this.#totals = mergeTotals(readTotals(whole), this.#totals);
    }
  }

  async *#readParts(): AsyncGenerator<ChunkPart> {
    let segments: Segment[] = [];
    let length = 0;
    /** Set while a chunk is handed out in parts. */
    let open: { chunkId: string | null } | undefined;
    for await (const event of this.#events) {
      if (event.type !== "value") continue;
      const { level, text, start } = event;
      const index = this.#counter.chunks;
      if (level === 2) {
        const path = `chunks[${index}].segments[${this.#segment}]`;
        this.#counter.segment();
        segments.push(this.#segmentOf(text, path, start));
        this.#segment += 1;
        this.#lastSegment = path;
        length += text.length;
        if (length < PART_LENGTH) continue;
        open ??= { chunkId: this.#frameOf(this.#scanner.partial(1), index, start).chunkId };
        yield { index, ...open, segments, last: false };
      } else if (level === 1) {
        const { chunkId } = this.#frameOf(text, index, start);
        this.#counter.chunk();
        this.#segment = 0;
        yield { index, chunkId: open ? open.chunkId : chunkId, segments, last: true };
        open = undefined;
      } else {
        Object.assign(this.info, this.#infoOf(text));
        continue;
      }
      segments = [];
      length = 0;
    }
    this.#counter.assertWhole(this.#totals);
  }

  async close(): Promise<void> {
    await this.#events.return(undefined);
  }

  /** Reads the fields beside the chunks. @throws UnsiloedError when they say that the job failed */
  #infoOf(text: string): ResultInfo {
    const whole = this.#parse(text, "", 0);
    this.#totals = mergeTotals(readTotals(whole), this.#totals);
    return readInfo(typeof whole === "object" && whole !== null ? whole : {}, this.#options, this.#hasChunks);
  }

  #segmentOf(text: string, path: string, start: number): Segment {
    const segment = readSegment(this.#parse(text, path, start), path, this.#options);
    this.#counter.page(segment);
    // If a segment has words twice, the last ones count, as in `JSON.parse`.
    const words = this.#words?.take();
    if (words) segment.packed_ocr = words;
    return segment;
  }

  #frameOf(text: string, index: number, start: number) {
    return readChunkFrame(this.#parse(text, `chunks[${index}]`, start), index, this.#options);
  }

  #parse(text: string, path: string, start: number): unknown {
    const { name, transient = false } = this.#options;
    try {
      const parsed: unknown = JSON.parse(text);
      return parsed;
    } catch (cause) {
      const problem = path ? `${path} at byte ${start}: not valid JSON` : "not valid JSON, perhaps cut short";
      throw invalid(name, `${problem}: ${jsonProblem(cause)}`, cause, transient);
    }
  }

  async *#scan(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<ScanEvent> {
    const { name, transient = false } = this.#options;
    try {
      for await (const piece of pieces) yield* this.#scanner.scan(piece);
      if (this.#scanner.byte === 0)
        throw invalid(name, "empty; expected the JSON of a parse result", undefined, transient);
      const last = this.#scanner.end();
      if (last) yield last;
    } catch (thrown) {
      throw thrown instanceof JsonScanError ? this.#scanProblem(thrown) : thrown;
    }
  }

  #scanProblem(error: JsonScanError): UnsiloedError {
    const { name, transient = false } = this.#options;
    const { segments } = this.#counter;
    const after = this.#lastSegment
      ? `after ${this.#lastSegment}, the last whole segment (${segments} read)`
      : "before any whole segment";
    if (error.kind === "limit")
      return invalid(name, `${error.message}, ${after}; see the option limits`, error);
    const problem = error.kind === "end" ? "not valid JSON, perhaps cut short" : "not valid JSON";
    return invalid(name, `${problem}: ${error.message}, ${after}`, error, transient);
  }
}

/**
 * Opens a result whose bytes come in pieces, such as from a socket or a file; they may be gzip.
 *
 * Reads no more than is needed: up to the chunks here, then chunk by chunk, or megabyte by megabyte in a chunk that is
 * larger. Holds one segment and the fields beside the chunks. Keys may come in any order: fields behind the chunks are
 * in `info` once the chunks have been read, and when these say that the job failed or had not ended, reading ends in
 * that error. The id of a chunk of more than a megabyte is `null` when it stands behind the segments.
 *
 * @throws UnsiloedError as `openResult` does; here or when parts are read `INVALID_RESULT` for a result that is cut
 *   short, with the byte and the last whole segment, or that exceeds `limits`; `INCOMPLETE_RESULT` after the last part
 *   when there are fewer chunks than the result says
 */
export const streamResult = async (
  source: AsyncIterable<Uint8Array>,
  options: StreamOptions,
): Promise<OpenedResult> => {
  const reader = new ResultReader(source, options);
  try {
    await reader.open();
  } catch (thrown) {
    await reader.close();
    throw thrown;
  }
  return reader;
};
