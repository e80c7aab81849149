import { createHash } from "node:crypto";
import type { ParsedChunk, ParsedResult } from "../../documents/result.js";
import type { Segment } from "../../documents/segment.js";
import { addContext, type UnsiloedError } from "../../errors.js";
import { type RetryOptions, retry } from "../../internal/async/retry.js";
import { invalid } from "./read-segment.js";
import type { ChunkPart, OpenedStream } from "./result-reader.js";

export interface ResumeOptions<T> {
  name: string;
  jobId: string;
  /** Times and limits of tries; the tries are for the whole result, not for each chunk. */
  retry: RetryOptions & { attempts: number };
  /** Asks for the result. Its failures are final: what deserved another try had one already. */
  connect(): Promise<T>;
  open(connection: T): Promise<OpenedStream>;
}

/** What a segment is known by. Addresses of pictures are new in every answer, and stand in Markdown and HTML too. */
const fingerprint = ({ segment_id, segment_type, page_number, content }: Segment): string =>
  JSON.stringify([segment_id, segment_type, page_number, content]);

/** How far a result was handed out, and a hash of all that was. */
class Progress {
  readonly #hash = createHash("sha256");
  /** The chunk that comes next, or of which only some segments were handed out. */
  index = 0;
  segments = 0;
  total = 0;

  add({ segments, index, last }: ChunkPart): void {
    this.#hash.update(segments.map(fingerprint).join(""));
    this.total += segments.length;
    this.index = last ? index + 1 : index;
    this.segments = last ? 0 : this.segments + segments.length;
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  isBehind(other: Progress): boolean {
    return this.index < other.index || (this.index === other.index && this.segments < other.segments);
  }
}

/**
 * Reads a result whose connection may break at any time. Another try begins anew and passes over what was handed
 * out already, which must be what it was: the result of a job that has ended does not change.
 *
 * @throws UnsiloedError when the tries are used up, or the result is another one than before
 */
export const readResumably = async <T>(options: ResumeOptions<T>): Promise<ParsedResult> => {
  const { name, jobId, connect, open } = options;
  const handed = new Progress();
  let opened: OpenedStream | undefined;
  let parts: AsyncGenerator<ChunkPart> | undefined;
  let left = options.retry.attempts - 1;
  let final: unknown;

  /** Passes over what was handed out. @returns what is left of a part that was handed out up to its middle */
  const skip = async (source: AsyncGenerator<ChunkPart>): Promise<ChunkPart | undefined> => {
    const seen = new Progress();
    let rest: ChunkPart | undefined;
    while (seen.isBehind(handed)) {
      const { value: part, done } = await source.next();
      if (done) break;
      const most = part.index === handed.index ? handed.segments - seen.segments : part.segments.length;
      if (most < part.segments.length) {
        rest = { ...part, segments: part.segments.slice(most) };
        seen.add({ ...part, segments: part.segments.slice(0, most), last: false });
      } else seen.add(part);
    }
    if (seen.total !== handed.total || seen.digest() !== handed.digest())
      throw invalid(name, `it is another one than before: its first ${handed.total} segments have changed`);
    return rest;
  };

  const start = async (): Promise<OpenedStream> => {
    const connection = await connect().catch((thrown: unknown) => {
      final = thrown;
      throw thrown;
    });
    opened = await open(connection);
    parts = opened.parts();
    return opened;
  };

  const next = async (): Promise<ChunkPart | undefined> => {
    try {
      if (parts) return (await parts.next()).value ?? undefined;
      await start();
      // What `start` opened is of the result's beginning.
      return parts && ((await skip(parts)) ?? (await next()));
    } catch (thrown) {
      await opened?.close();
      opened = undefined;
      parts = undefined;
      throw thrown;
    }
  };

  const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await retry(work, {
        ...options.retry,
        attempts: Number.POSITIVE_INFINITY,
        retryOn: (error: UnsiloedError) => error.retryable && error !== final && left-- > 0,
      });
    } catch (thrown) {
      throw addContext(thrown, { jobId });
    }
  };

  const first = await patiently(start);
  const info = { ...first.info, jobId: first.info.jobId ?? jobId };

  async function* chunks(): AsyncGenerator<ParsedChunk> {
    try {
      for (let part = await patiently(next); part; part = await patiently(next)) {
        handed.add(part);
        yield { chunkId: part.chunkId, segments: part.segments };
      }
      if (opened) Object.assign(info, opened.info, { jobId: opened.info.jobId ?? jobId });
    } finally {
      await opened?.close();
    }
  }
  return { info, chunks: chunks() };
};
