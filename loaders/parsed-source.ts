import type { SegmentDocument } from "../src/documents/metadata.js";
import type { ParsedResult } from "../src/documents/result.js";
import type { DocumentSource, SourceIdentity, SourceReadOptions } from "../src/documents/source.js";
import { SegmentConverter } from "../src/documents/to-document.js";
import { addContext, UnsiloedError } from "../src/errors.js";

/** Fetches the result of a source whose job has ended. */
export type FetchResult = (signal: AbortSignal | undefined) => Promise<ParsedResult>;

export interface ParsedSourceSpec {
  source: string;
  /** Absolute path, where it is a file. */
  file?: string | undefined;
  docId: string;
  isDocIdChosen?: boolean | undefined;
  images: boolean;
  words: boolean;
  identify(options: Pick<SourceReadOptions, "signal">): Promise<SourceIdentity>;
  /** Does what takes long, such as submitting and waiting, and hands out how to fetch the result. */
  open(options: SourceReadOptions): Promise<FetchResult>;
  /** What is wrong with the source, if that is known before anything is paid for. */
  problem?: UnsiloedError | undefined;
}

/** A source whose segments come from a parse result. Opening and reading are apart, so that many can wait at once. */
export class ParsedSource implements DocumentSource {
  readonly source: string;
  readonly file: string | undefined;
  readonly docId: string;
  readonly isDocIdChosen: boolean | undefined;
  readonly problem: UnsiloedError | undefined;
  readonly #spec: ParsedSourceSpec;

  constructor(spec: ParsedSourceSpec) {
    this.source = spec.source;
    this.file = spec.file;
    this.docId = spec.docId;
    this.isDocIdChosen = spec.isDocIdChosen;
    this.problem = spec.problem && this.#named(spec.problem);
    this.#spec = spec;
  }

  identify(options: Pick<SourceReadOptions, "signal"> = {}): Promise<SourceIdentity> {
    return this.#attempt(() => this.#spec.identify(options));
  }

  open(options: SourceReadOptions): Promise<FetchResult> {
    return this.#attempt(() => this.#spec.open(options));
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
      throw this.#named(thrown);
    }
  }

  async *read(options: SourceReadOptions = {}): AsyncGenerator<SegmentDocument> {
    if (this.problem) throw this.problem;
    const { results, observer, signal } = options;
    const kept = await results?.read({ words: this.#spec.words });
    const fetchResult = kept ? async () => kept : await this.#openKeeping(options);
    await observer?.reading?.();
    yield* this.documents(fetchResult, signal);
  }

  /** How to fetch the result so that it is kept. Of a job that has expired, a kept result without words must do. */
  async #openKeeping(options: SourceReadOptions): Promise<FetchResult> {
    const { results } = options;
    const { words } = this.#spec;
    try {
      const fetchResult = await this.open(options);
      return async (signal) => {
        const result = await fetchResult(signal);
        return results?.keep(result, { words }) ?? result;
      };
    } catch (thrown) {
      if (!(thrown instanceof UnsiloedError) || thrown.code !== "JOB_NOT_FOUND") throw thrown;
      const kept = words ? await results?.read({ words: false }) : undefined;
      if (!kept) throw thrown;
      return async () => kept;
    }
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    if (this.problem) throw this.problem;
    try {
      return await work();
    } catch (thrown) {
      throw this.#named(thrown);
    }
  }

  #named(thrown: unknown): UnsiloedError {
    return addContext(thrown, { source: this.source });
  }
}
