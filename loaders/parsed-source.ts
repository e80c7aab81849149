import type { SegmentDocument } from "../src/documents/metadata.js";
import type { ParsedResult } from "../src/documents/result.js";
import type { DocumentSource, SourceReadOptions } from "../src/documents/source.js";
import { SegmentConverter } from "../src/documents/to-document.js";
import type { UnsiloedError } from "../src/errors.js";
import { addContext } from "../src/parse-api/error-context.js";

export interface OpenOptions extends SourceReadOptions {
  /** Ends the wait for a job but, unlike `signal`, not a submission whose job id is not known yet. */
  waitSignal?: AbortSignal | undefined;
}

/** Fetches the result of a source whose job has ended. */
export type FetchResult = (signal: AbortSignal | undefined) => Promise<ParsedResult>;

export interface ParsedSourceSpec {
  source: string;
  docId: string;
  images: boolean;
  words: boolean;
  /** Does what takes long, such as submitting and waiting, and hands out how to fetch the result. */
  open(options: OpenOptions): Promise<FetchResult>;
  /** What is wrong with the source, if that is known before anything is paid for. */
  problem?: UnsiloedError | undefined;
}

/** A source whose segments come from a parse result. Opening and reading are apart, so that many can wait at once. */
export class ParsedSource implements DocumentSource {
  readonly source: string;
  readonly docId: string;
  readonly problem: UnsiloedError | undefined;
  readonly #spec: ParsedSourceSpec;

  constructor(spec: ParsedSourceSpec) {
    this.source = spec.source;
    this.docId = spec.docId;
    this.problem = spec.problem && this.#named(spec.problem, spec.source);
    this.#spec = spec;
  }

  async open(options: OpenOptions): Promise<FetchResult> {
    if (this.problem) throw this.problem;
    try {
      return await this.#spec.open(options);
    } catch (thrown) {
      throw this.#named(thrown, this.source);
    }
  }

  async *documents(
    fetchResult: FetchResult,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SegmentDocument> {
    const { source, docId } = this;
    const { images, words } = this.#spec;
    try {
      const { info, chunks } = await fetchResult(signal);
      const converter = new SegmentConverter({ source, docId, jobId: info.jobId, images, words });
      for await (const { chunkId, segments } of chunks)
        for (const segment of segments) yield converter.convert(segment, chunkId);
    } catch (thrown) {
      throw this.#named(thrown, source);
    }
  }

  async *read(options: SourceReadOptions = {}): AsyncGenerator<SegmentDocument> {
    yield* this.documents(await this.open(options), options.signal);
  }

  #named(thrown: unknown, source: string): UnsiloedError {
    return addContext(thrown, { source });
  }
}
