import { createHash } from "node:crypto";
import type { ParsedChunk, ParsedResult } from "../../documents/result.js";
import type { Segment } from "../../documents/segment.js";
import { addContext, type UnsiloedError } from "../../errors.js";
import { type RetryOptions, retry } from "../../internal/async/retry.js";
import { invalid } from "./read-segment.js";
import type { ChunkPart, OpenedResult } from "./result-reader.js";

export interface ResumeOptions<T> {
  /** What the result is called in messages. */
  name: string;
  jobId: string;
  /** How often to try and how long to wait; the attempts are for the whole result, not for each chunk. */
  retry: RetryOptions & { attempts: number };
  /** Asks for the result. Its failures are final, since requests are retried where they are made. */
  connect(): Promise<T>;
  /** Opens the result on a connection. Its failures, and those of reading, cost an attempt. */
  open(connection: T): Promise<OpenedResult>;
}

/** Identifies a segment. URLs of pictures are new in every response, and stand in Markdown and HTML too. */
const fingerprint = ({ segment_id, segment_type, page_number, content }: Segment): string =>
  JSON.stringify([segment_id, segment_type, page_number, content]);

/** Records how far a result was read, with a hash of its segments. */
class Progress {
  readonly #hash = createHash("sha256");
  /** The chunk that comes next, or the one of which some segments were read. */
  index = 0;
  /** How many segments of that chunk were read. */
  segments = 0;
  total = 0;

  add({ segments, index, last }: ChunkPart): void {
    this.#hash.update(segments.map(fingerprint).join(""));
    this.total += segments.length;
    this.index = last ? index + 1 : index;
    this.segments = last ? 0 : this.segments + segments.length;
  }

  isBehind(other: Progress): boolean {
    return this.index < other.index || (this.index === other.index && this.segments < other.segments);
  }

  equals(other: Progress): boolean {
    return this.total === other.total && this.#digest() === other.#digest();
  }

  #digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** Reads one result over as many connections as it takes. */
class ResumableResult<T> {
  readonly #options: ResumeOptions<T>;
  readonly #handedOut = new Progress();
  #opened: OpenedResult | undefined;
  #attemptsLeft: number;
  #finalError: unknown;

  constructor(options: ResumeOptions<T>) {
    this.#options = options;
    this.#attemptsLeft = options.retry.attempts - 1;
  }

  async read(): Promise<ParsedResult> {
    const { info } = await this.#withRetries(() => this.#open());
    const result = { ...info, jobId: info.jobId ?? this.#options.jobId };
    return { info: result, chunks: this.#chunks(result) };
  }

  async *#chunks(info: ParsedResult["info"]): AsyncGenerator<ParsedChunk> {
    const next = () => this.#withRetries(() => this.#next());
    try {
      for (let part = await next(); part; part = await next()) {
        this.#handedOut.add(part);
        yield { chunkId: part.chunkId, segments: part.segments };
      }
      if (this.#opened)
        Object.assign(info, this.#opened.info, { jobId: this.#opened.info.jobId ?? info.jobId });
    } finally {
      await this.#opened?.close();
    }
  }

  async #open(): Promise<OpenedResult> {
    const connection = await this.#options.connect().catch((thrown: unknown) => {
      this.#finalError = thrown;
      throw thrown;
    });
    this.#opened = await this.#options.open(connection);
    return this.#opened;
  }

  /** Reads on, on a new connection after the last one broke. */
  async #next(): Promise<ChunkPart | undefined> {
    try {
      const rest = this.#opened ? undefined : await this.#skip(await this.#open());
      return rest ?? (await this.#opened?.parts.next())?.value ?? undefined;
    } catch (thrown) {
      await this.#opened?.close();
      this.#opened = undefined;
      throw thrown;
    }
  }

  /** Skips what was handed out. @returns the rest of a part of which some segments were handed out */
  async #skip({ parts }: OpenedResult): Promise<ChunkPart | undefined> {
    const handedOut = this.#handedOut;
    const skipped = new Progress();
    let rest: ChunkPart | undefined;
    while (skipped.isBehind(handedOut)) {
      const { value: part, done } = await parts.next();
      if (done) break;
      const known =
        part.index === handedOut.index ? handedOut.segments - skipped.segments : part.segments.length;
      if (known < part.segments.length) {
        rest = { ...part, segments: part.segments.slice(known) };
        skipped.add({ ...part, segments: part.segments.slice(0, known), last: false });
      } else skipped.add(part);
    }
    if (!skipped.equals(handedOut))
      throw invalid(
        this.#options.name,
        `the service sent another result than before: its first ${handedOut.total} segments have changed`,
      );
    return rest;
  }

  async #withRetries<R>(work: () => Promise<R>): Promise<R> {
    try {
      return await retry(work, {
        ...this.#options.retry,
        attempts: Number.POSITIVE_INFINITY,
        retryOn: (error: UnsiloedError) =>
          error.retryable && error !== this.#finalError && this.#attemptsLeft-- > 0,
      });
    } catch (thrown) {
      throw addContext(thrown, { jobId: this.#options.jobId });
    }
  }
}

/**
 * Reads a result whose connection may break at any time. Another attempt starts from the beginning and skips what was
 * handed out, which must be the same as before: the result of a job that has ended does not change.
 *
 * @throws UnsiloedError when no attempts are left, or the result is another one than before
 */
export const readResumably = <T>(options: ResumeOptions<T>): Promise<ParsedResult> =>
  new ResumableResult(options).read();
