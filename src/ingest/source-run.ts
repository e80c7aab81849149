import { embeddingText, lexicalText } from "../documents/embedding-text.js";
import { type FilterReason, filterReason, type SegmentFilter } from "../documents/filter.js";
import { documentVersion, pointIds } from "../documents/identity.js";
import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import type { DocumentSource } from "../documents/source.js";
import type { DocumentSplitter } from "../documents/splitter.js";
import { embedIsolating } from "../embeddings/isolate.js";
import type { EmbeddingModel } from "../embeddings/model.js";
import { messageOf, UnsiloedError } from "../errors.js";
import type { Point, VectorSink } from "../stores/sink.js";
import type { IngestEventListener } from "./events.js";
import { diffDocument, replaceDocument, storedVectors } from "./replace-document.js";
import type { IngestFailure, ReportBuilder, Stage } from "./report.js";

/** Runs a piece of work when its stage has room for it. */
export type StageLimiter = <T>(work: () => Promise<T>) => Promise<T>;

export interface RunContext {
  sink: VectorSink;
  embeddings: Pick<EmbeddingModel, "embedDocuments">;
  /** Whatever changes the points beside their content: model and dimensions. */
  versionOptions: object;
  splitter: DocumentSplitter;
  filter: SegmentFilter;
  limits: Readonly<Record<"parse" | "embed" | "store", StageLimiter>>;
  report: ReportBuilder;
  signal: AbortSignal | undefined;
  emit: IngestEventListener;
}

const indicesOf = (splits: Iterable<SplitDocument>): Set<number> =>
  new Set([...splits].flatMap((split) => split.metadata.segment_indices));

const asError = (thrown: unknown, stage: Stage): UnsiloedError =>
  thrown instanceof UnsiloedError
    ? thrown
    : new UnsiloedError(stage === "embed" ? "EMBEDDING_FAILED" : "UNEXPECTED", messageOf(thrown), {
        cause: thrown,
      });

/** Takes one source through all stages and adds what became of it to the report. */
export class SourceRun {
  readonly #source: DocumentSource;
  readonly #context: RunContext;
  readonly #failures: IngestFailure[] = [];
  readonly #filtered = new Map<string, number>();
  #stage: Stage = "parse";
  // Each counted where it happens, so that the report's check of their sum can fail.
  #total = 0;
  /** Segments that are meant for the store. */
  #kept = 0;
  #stored = 0;
  #failed = 0;

  constructor(source: DocumentSource, context: RunContext) {
    this.#source = source;
    this.#context = context;
  }

  /** @returns the error that ended the source, if one did */
  async run(): Promise<UnsiloedError | undefined> {
    try {
      await this.#process();
    } catch (thrown) {
      return this.refuse(asError(thrown, this.#stage));
    }
    this.#report();
    return undefined;
  }

  /** Counts the source as failed, with whatever was read of it so far. */
  refuse(error: UnsiloedError): UnsiloedError {
    this.#fail(error);
    this.#failed = this.#kept - this.#stored;
    this.#report();
    return error;
  }

  #report(): void {
    this.#context.report.addSource(
      { total: this.#total, stored: this.#stored, filtered: this.#filtered, failed: this.#failed },
      this.#failures,
      this.#source.source,
    );
  }

  #fail(error: UnsiloedError): void {
    const failure = {
      source: this.#source.source,
      stage: this.#stage,
      code: error.code,
      message: error.message.replace(/\s+/g, " ").trim(),
    };
    this.#failures.push(failure);
    this.#context.emit({ type: "source-failed", source: failure.source, failure });
  }

  async #process(): Promise<void> {
    const { limits, emit, splitter, report } = this.#context;
    const { source } = this.#source;
    emit({ type: "source-started", source });
    const kept = await limits.parse(() => this.#read());
    emit({ type: "source-parsed", source, segments: this.#total });

    this.#stage = "split";
    const splits = await splitter.transformDocuments(kept);
    this.#accountFor(kept, splits);
    report.addDocuments(splits.length);
    emit({ type: "source-split", source, documents: splits.length });

    if (splits.length === 0) this.#refuseEmpty();
    await this.#store(splits);
  }

  /** What the store holds of the document stays: a failed parse must not wipe out a good one. */
  #refuseEmpty(): never {
    this.#stage = "parse";
    const found = this.#total === 0 ? "no segments" : `${this.#total} segments, none with text to store`;
    throw new UnsiloedError(
      "EMPTY_RESULT",
      `the parse result holds ${found}; what is stored of the document stays as it is; check that it is not blank`,
    );
  }

  async #read(): Promise<SegmentDocument[]> {
    const { signal, filter, emit } = this.#context;
    const { source } = this.#source;
    const kept: SegmentDocument[] = [];
    const onStatus = (status: { state: string; jobId?: string }) =>
      emit({ type: "source-status", source, status });
    for await (const document of this.#source.read({ signal, onStatus })) {
      this.#total += 1;
      const reason = filterReason(document, filter);
      if (reason === null) {
        kept.push(document);
        this.#kept += 1;
      } else this.#leaveOut(reason);
    }
    return kept;
  }

  /**
   * A splitter that drops a segment with text would lose it for good: better to fail the source. Segments that have
   * no text, and no caption that would stand for it, are left out here if they were not before.
   */
  #accountFor(kept: readonly SegmentDocument[], splits: readonly SplitDocument[]): void {
    const present = indicesOf(splits);
    const known = new Set(kept.map(({ metadata }) => metadata.segment_index));
    const foreign = [...present].find((index) => !known.has(index));
    if (foreign !== undefined || known.size !== kept.length) {
      const wrong = foreign === undefined ? "two segments have one index" : `no segment has index ${foreign}`;
      throw new UnsiloedError("INVARIANT", `the splits and the segments do not fit together: ${wrong}`);
    }
    const absent = kept.filter(({ metadata }) => !present.has(metadata.segment_index));
    const lost = absent.filter(({ pageContent }) => pageContent.trim() !== "");
    const [first] = lost;
    if (first) {
      const { segment_index, page_number } = first.metadata;
      throw new UnsiloedError(
        "INVARIANT",
        `the splitter dropped ${lost.length} segments, the first is segment ${segment_index} on page ${page_number}`,
      );
    }
    for (const _ of absent) {
      this.#kept -= 1;
      this.#leaveOut("empty");
    }
  }

  #leaveOut(reason: FilterReason): void {
    this.#filtered.set(reason, (this.#filtered.get(reason) ?? 0) + 1);
  }

  async #store(splits: SplitDocument[]): Promise<void> {
    const { sink, limits, report, emit, signal, versionOptions } = this.#context;
    const { docId, source } = this.#source;
    const ids = pointIds(docId, splits);
    const version = documentVersion(splits, versionOptions);

    this.#stage = "store";
    const diff = await limits.store(() => diffDocument(sink, docId, { ids, version }, { signal }));
    if (diff.unchanged) {
      this.#stored = indicesOf(splits).size;
      report.addPoints({ unchanged: ids.length });
      emit({ type: "source-stored", source, upserted: 0, unchanged: ids.length, deleted: 0 });
      return;
    }
    const reusable = await limits.store(() => storedVectors(sink, docId, diff.known, { signal }));

    this.#stage = "embed";
    const { vectors, failures } = await limits.embed(() => this.#embed(splits, ids, reusable));

    this.#stage = "store";
    const points = splits.flatMap((split, index): Point[] => {
      const vector = vectors[index];
      const id = ids[index];
      if (!vector || id === undefined) return [];
      const { pageContent: content, metadata } = split;
      return [{ id, vector, content, lexical: lexicalText(split), metadata: { ...metadata, version } }];
    });
    // While some new text could not be embedded, the old text it replaces stays findable.
    const stale = failures.size > 0 ? [] : diff.stale;
    await limits.store(() => replaceDocument(sink, { docId, version, points, stale }, { signal }));

    const incomplete = indicesOf(splits.filter((_, index) => failures.has(index)));
    this.#stored = [...indicesOf(splits)].filter((index) => !incomplete.has(index)).length;
    this.#failed = incomplete.size;
    report.addPoints({ upserted: points.length, deleted: stale.length });
    emit({ type: "source-stored", source, upserted: points.length, unchanged: 0, deleted: stale.length });
    this.#stage = "embed";
    for (const error of failures.values()) this.#fail(error);
  }

  async #embed(
    splits: readonly SplitDocument[],
    ids: readonly string[],
    reusable: ReadonlyMap<string, readonly number[]>,
  ): Promise<{ vectors: (readonly number[] | undefined)[]; failures: Map<number, UnsiloedError> }> {
    const { embeddings, signal, emit } = this.#context;
    const vectors = ids.map((id) => reusable.get(id));
    const missing = splits.flatMap((split, index) =>
      vectors[index] ? [] : [{ index, text: embeddingText(split) }],
    );
    emit({ type: "source-embedding", source: this.#source.source, texts: missing.length });
    const embedded = await embedIsolating(
      (texts) => embeddings.embedDocuments(texts, { signal }),
      missing.map(({ text }) => text),
    );
    const failures = new Map<number, UnsiloedError>();
    for (const [position, { index }] of missing.entries()) vectors[index] = embedded.vectors[position];
    for (const { index: position, error } of embedded.failures) {
      const split = missing[position];
      if (split) failures.set(split.index, asError(error, "embed"));
    }
    const reused = splits.length - missing.length;
    emit({ type: "source-embedded", source: this.#source.source, embedded: missing.length, reused });
    return { vectors, failures };
  }
}
