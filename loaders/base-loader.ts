import { BaseDocumentLoader } from "@langchain/core/document_loaders/base";
import pLimit from "p-limit";
import type { SegmentDocument } from "../src/documents/metadata.js";
import type { DocumentSource } from "../src/documents/source.js";
import type { UnsiloedError } from "../src/errors.js";
import type { JobStatus } from "../src/parse-api/job-status.js";
import { emptyCounts, type LoadCounts, LoadRun } from "./load-run.js";
import type { LoaderSettings, LoadFailure } from "./loader-options.js";
import { DistinctIds } from "./name-sources.js";
import type { ParsedSource } from "./parsed-source.js";

/** What `load` and `lazyLoad` take. */
export interface LoadOptions {
  /** Ends requests and waits. Jobs that were submitted continue; their ids are in `loader.failures`. */
  signal?: AbortSignal | undefined;
}

/** A source that is submitted and waited for. */
interface Started {
  source: ParsedSource;
  finished: Promise<{ job: JobStatus | undefined } | { error: UnsiloedError }>;
}

/** What the loaders have in common: several jobs are waited for at a time, and results are read in the order they were named. */
export abstract class UnsiloedLoader extends BaseDocumentLoader {
  readonly #settings: LoaderSettings;
  #run: LoadRun | undefined;

  protected constructor(settings: LoaderSettings) {
    super();
    this.#settings = settings;
  }

  /** Lists the sources without any paid call. */
  protected abstract list(): Promise<ParsedSource[]>;

  /** What failed in the last `load` or `lazyLoad`, in the order it happened. */
  get failures(): readonly LoadFailure[] {
    return this.#run?.failures ?? [];
  }

  /** Segments seen, kept and left out in the last `load` or `lazyLoad`. */
  get counts(): Readonly<LoadCounts> {
    return this.#run?.counts ?? emptyCounts();
  }

  /**
   * The sources, for an ingestion pipeline that works on them at its own pace. Nothing is submitted before a
   * source is read, and reading one leaves no segment out.
   */
  async *sources(): AsyncGenerator<DocumentSource> {
    yield* await this.#distinct();
  }

  /**
   * Loads all Documents: one per segment, in reading order, sources in the order they were named.
   *
   * With `onError: "throw"` the first failure ends the waits for the other jobs and rejects; what was submitted
   * continues at the service, and `failures` holds the job ids. A source that fails half-way gives no Document.
   */
  override async load(options: LoadOptions = {}): Promise<SegmentDocument[]> {
    const { concurrency, onError } = this.#settings;
    const run = this.#begin(options);
    let first: UnsiloedError | undefined;
    const collect = async (source: ParsedSource): Promise<SegmentDocument[]> => {
      const documents: SegmentDocument[] = [];
      if (run.stopped) return documents;
      const counts = emptyCounts();
      try {
        const job = await run.finishJob(source);
        for await (const document of run.documents(source, job, counts)) documents.push(document);
        run.add(counts);
      } catch (thrown) {
        const error = run.fail(source, thrown);
        documents.length = 0;
        if (onError === "throw") {
          first ??= error;
          run.stop();
        }
      }
      return documents;
    };
    try {
      const limit = pLimit(concurrency);
      const sources = await this.#checked(run);
      const loaded = await Promise.all(sources.map((source) => limit(() => collect(source))));
      if (first) throw first;
      run.throwIfAborted();
      return loaded.flat();
    } finally {
      run.stop();
    }
  }

  /**
   * Yields the Documents of `load`, in the same order, as they become available. At most `concurrency` sources are
   * submitted or waited for ahead of the consumer, and one result is held at a time; a consumer that stops early
   * has paid for no more than that. A source that fails half-way has given the Documents before the failure.
   */
  async *lazyLoad(options: LoadOptions = {}): AsyncGenerator<SegmentDocument, void, undefined> {
    const { concurrency, onError } = this.#settings;
    const run = this.#begin(options);
    const started: Started[] = [];
    try {
      const waiting = (await this.#checked(run))[Symbol.iterator]();
      for (;;) {
        // Once it is clear that loading will throw, nothing more is paid for.
        while (started.length < concurrency && (onError === "skip" || run.failures.length === 0)) {
          const { value: source, done } = waiting.next();
          if (done) break;
          started.push(this.#start(run, source));
        }
        const [head] = started;
        if (!head) return;
        const finished = await head.finished;
        if ("error" in finished) {
          if (onError === "throw") throw finished.error;
        } else yield* this.#read(run, head.source, finished.job);
        run.throwIfAborted();
        started.shift();
      }
    } finally {
      run.stop();
      await Promise.all(started.map(({ finished }) => finished));
    }
  }

  #start(run: LoadRun, source: ParsedSource): Started {
    const finished = run.finishJob(source).then(
      (job) => ({ job }),
      (thrown: unknown) => ({ error: run.fail(source, thrown) }),
    );
    return { source, finished };
  }

  async *#read(
    run: LoadRun,
    source: ParsedSource,
    job: JobStatus | undefined,
  ): AsyncGenerator<SegmentDocument> {
    const documents = run.documents(source, job, run.counts);
    try {
      for await (const document of documents) yield document;
    } catch (thrown) {
      const error = run.fail(source, thrown);
      if (this.#settings.onError === "throw") throw error;
    }
  }

  #begin({ signal }: LoadOptions): LoadRun {
    this.#run = new LoadRun(this.#settings, signal);
    this.#run.throwIfAborted();
    return this.#run;
  }

  /** The sources, once it is known that a failure which can be foreseen will not come after a paid call. */
  async #checked(run: LoadRun): Promise<ParsedSource[]> {
    const sources = await this.#distinct();
    if (this.#settings.onError === "throw") {
      const [first] = sources.flatMap((source) => (source.problem ? [run.fail(source, source.problem)] : []));
      if (first) throw first;
    }
    return sources;
  }

  async #distinct(): Promise<ParsedSource[]> {
    const ids = new DistinctIds();
    return (await this.list()).map((source) => ids.checked(source));
  }
}
