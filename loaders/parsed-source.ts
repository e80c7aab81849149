import type { SegmentDocument } from "../src/documents/metadata.js";
import type { ParsedResult } from "../src/documents/result.js";
import type { DocumentSource, SourceIdentity, SourceReadOptions } from "../src/documents/source.js";
import { addContext, UnsiloedError } from "../src/errors.js";
import type { JobStatus } from "../src/parse-api/job-status.js";

type ResultOptions = Pick<SourceReadOptions, "signal" | "packWords">;
type ReadingOptions = ResultOptions & Pick<SourceReadOptions, "title">;

/** Gets a result from a job, which may have to be submitted and waited for. */
export interface JobOrigin {
  /** Does what takes long: submits the document, if need be, and waits for the job. */
  finishJob(options: SourceReadOptions): Promise<JobStatus>;
  readResult(job: JobStatus, options: ResultOptions): Promise<ParsedResult>;
}

/** Gets a result that is at hand. */
export interface SavedOrigin {
  readSaved(options: ResultOptions): Promise<ParsedResult>;
}

export interface ParsedSourceSpec {
  source: string;
  /** Absolute path, where it is a file. */
  file?: string | undefined;
  docId: string;
  isDocIdChosen?: boolean | undefined;
  /** The title that the caller gave. */
  title?: string | undefined;
  images: boolean;
  words: boolean;
  identify(options: Pick<SourceReadOptions, "signal">): Promise<SourceIdentity>;
  countPages?: (() => Promise<number | undefined>) | undefined;
  origin: JobOrigin | SavedOrigin;
  /** What is wrong with the source, if that is known before anything is paid for. */
  problem?: UnsiloedError | undefined;
}

/** A source whose segments come from a parse result. Its job and the result are apart, so that many can wait at once. */
export class ParsedSource implements DocumentSource {
  readonly source: string;
  readonly file: string | undefined;
  readonly docId: string;
  readonly isDocIdChosen: boolean | undefined;
  readonly title: string | undefined;
  readonly problem: UnsiloedError | undefined;
  readonly #spec: ParsedSourceSpec;

  constructor(spec: ParsedSourceSpec) {
    this.source = spec.source;
    this.file = spec.file;
    this.docId = spec.docId;
    this.isDocIdChosen = spec.isDocIdChosen;
    this.title = spec.title;
    this.problem = spec.problem && this.#named(spec.problem);
    this.#spec = spec;
  }

  identify(options: Pick<SourceReadOptions, "signal"> = {}): Promise<SourceIdentity> {
    return this.#attempt(() => this.#spec.identify(options));
  }

  async countPages(): Promise<number | undefined> {
    return this.problem ? undefined : this.#spec.countPages?.();
  }

  /** Submits the document, if need be, and waits for its job. @returns nothing for a saved result, which has none */
  finishJob(options: SourceReadOptions): Promise<JobStatus | undefined> {
    const { origin } = this.#spec;
    return this.#attempt(async () => ("finishJob" in origin ? origin.finishJob(options) : undefined));
  }

  /** Reads the result of the job. @param job what `finishJob` returned */
  async *documents(job: JobStatus | undefined, options: ReadingOptions): AsyncGenerator<SegmentDocument> {
    try {
      for await (const segments of this.#convert(await this.#result(job, options), options))
        for (const segment of segments) yield segment;
    } catch (thrown) {
      throw this.#named(thrown);
    }
  }

  async *read(options: SourceReadOptions = {}): AsyncGenerator<SegmentDocument> {
    if (this.problem) throw this.problem;
    const { observer, packWords } = options;
    const { words, origin } = this.#spec;
    // A saved result is there to be read again: a copy of it would help nobody.
    const results = "finishJob" in origin ? options.results : undefined;
    let kept = await results?.read({ words, packWords });
    let job: JobStatus | undefined;
    try {
      if (!kept) job = await this.finishJob(options);
    } catch (thrown) {
      // Of a job that has expired, a kept result without words must do.
      const isGone = thrown instanceof UnsiloedError && thrown.code === "JOB_NOT_FOUND";
      kept = isGone && words ? await results?.read({ words: false, packWords }) : undefined;
      if (!kept) throw thrown;
    }
    await observer?.reading?.();
    try {
      const result = kept ?? (await this.#result(job, options));
      const chunks = this.#convert(kept ? result : (results?.keep(result, { words }) ?? result), options);
      for await (const segments of chunks) for (const segment of segments) yield segment;
    } catch (thrown) {
      throw this.#named(thrown);
    }
  }

  async #result(job: JobStatus | undefined, options: ResultOptions): Promise<ParsedResult> {
    const { origin } = this.#spec;
    if (!("finishJob" in origin)) return origin.readSaved(options);
    return origin.readResult(job ?? (await origin.finishJob(options)), options);
  }

  /** Makes Documents by the chunk, so that few generators are resumed for each segment. */
  async *#convert(
    { info, chunks }: ParsedResult,
    { title: earlier }: ReadingOptions,
  ): AsyncGenerator<readonly SegmentDocument[]> {
    // Loaded here, so that the first submission does not wait for what reads results.
    const { SegmentConverter } = await import("../src/documents/to-document.js");
    const { nameInWords, withTitle } = await import("../src/documents/sections/title.js");
    const { source, docId, title = earlier } = this;
    const { images, words, origin } = this.#spec;
    const converter = new SegmentConverter({ source, docId, jobId: info.jobId, images, words });
    async function* convert(): AsyncGenerator<SegmentDocument[]> {
      for await (const { chunkId, segments } of chunks)
        yield segments.map((segment) => converter.convert(segment, chunkId));
    }
    // A saved result may have any name, and says which file it is of.
    const named = () => [nameInWords(source), nameInWords(info.fileName ?? "")];
    const otherwise = () => {
      const [own, recorded] = named();
      return "readSaved" in origin ? (recorded ?? own) : (own ?? recorded);
    };
    yield* withTitle(convert(), { given: title || undefined, otherwise });
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
