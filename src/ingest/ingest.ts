import type { DocumentSource } from "../documents/source.js";
import { embedQuestion, PROBE, recordedName } from "../embeddings/model.js";
import { anySignal } from "../internal/async/any-signal.js";
import { throwIfAborted } from "../internal/async/clock.js";
import { forEachConcurrently } from "../internal/async/concurrency.js";
import { type Permit, WeightedSemaphore } from "../internal/async/weighted-semaphore.js";
import { parseOptions } from "../internal/options.js";
import { SEARCH_TEXT_VERSION } from "../internal/text/search-text.js";
import type { VectorSink } from "../stores/sink.js";
import { duplicateId } from "./document/id-conflict.js";
import { ingestDocument, refuseDocument, reportUnfinished } from "./document/ingest-document.js";
import {
  type CheckedIngestOptions,
  hashOptions,
  type IngestOptions,
  ingestOptionsSchema,
  storedFilter,
} from "./options.js";
import { checkedSources, checkSources } from "./parts.js";
import { CircuitBreaker } from "./run/circuit-breaker.js";
import { RunCreditBudget } from "./run/credit-budget.js";
import { EmbeddingCheck } from "./run/embedding-check.js";
import { MemoryLimiter } from "./run/memory-limiter.js";
import { type IngestReport, ReportBuilder } from "./run/report.js";
import type { RunContext } from "./run/run-context.js";
import { RunLedger } from "./run/run-ledger.js";

/**
 * Takes documents from their sources into a vector store: parse, split, embed, store.
 *
 * Before the first source is read, the embeddings and the store are tried, so that a wrong key or a collection of
 * another size costs no parse job; where a cache answered for the embeddings, the service behind it is tried before the
 * first submission. Sources that fail are reported and do not stop the others, unless every other would fail for the
 * same reason (a refused key, a store that is down). Running the same sources again writes only documents that changed, and
 * embeds only their new texts. With a `ledger`, unchanged documents are not even read, no job that was paid for is
 * submitted again, and two runs never work on one document at the same time.
 *
 * @param sources documents to ingest, such as `loader.sources()`; read as they are needed
 * @returns the outcome of every source, segment and point
 * @throws UnsiloedError `INVALID_OPTION`; `ABORTED` when the signal aborts; what the embeddings or the store
 *   answer when they are tried: `UNAUTHORIZED`, `STORE_UNREACHABLE`, `STORE_MISMATCH`, `MISSING_PACKAGE`
 *
 * @example
 * ```ts
 * const loader = new UnsiloedFileLoader("contracts/*.pdf");
 * const sink = new LanceDbSink({ directory: "./vectors" });
 * const report = await ingest(loader.sources(), {
 *   splitter: new SegmentSplitter(),
 *   embeddings: new StaticEmbeddings(),
 *   sink,
 * });
 * console.log(report.segments, report.failures);
 * await sink.close();
 * ```
 */
export const ingest = async (
  sources: Iterable<DocumentSource> | AsyncIterable<DocumentSource>,
  options: IngestOptions,
): Promise<IngestReport> => {
  const checked = parseOptions(ingestOptionsSchema, options, "ingest");
  checkSources(sources);
  const { clock, signal, drain } = checked;
  const startedAt = clock.now();
  throwIfAborted(signal);
  const { context, description, concurrency } = await openRun(checked);
  const { breaker, report, emit } = context;

  const seen = new Map<string, string>();
  const postponed: { source: DocumentSource; claimId: string }[] = [];
  /** Sources that were reported as waiting, so that each is reported once. */
  const announced = new Set<DocumentSource>();
  const isEnding = () => breaker.isOpen || drain?.aborted === true;
  const runOne = async (source: DocumentSource, permit: Permit): Promise<void> => {
    const outcome = isEnding()
      ? reportUnfinished(source, context)
      : await ingestDocument(source, permit, context);
    throwIfAborted(signal);
    if (typeof outcome === "string") return;
    const { claimId, type } = outcome;
    postponed.push({ source, claimId });
    if (announced.has(source)) return;
    announced.add(source);
    emit({ type, source: source.source, doc_id: source.docId });
  };
  const runPostponed = async (waiting: (typeof postponed)[number], permit: Permit): Promise<void> => {
    const { source, claimId } = waiting;
    // Asked first, since a document is hashed again when its turn comes.
    if (!isEnding() && (await context.ledger?.isClaimed(claimId))) postponed.push(waiting);
    else await runOne(source, permit);
  };
  const runFirst = async (source: DocumentSource, permit: Permit): Promise<void> => {
    const duplicate = seen.get(source.docId);
    if (duplicate === source.source) return;
    seen.set(source.docId, source.source);
    if (duplicate === undefined) await runOne(source, permit);
    else refuseDocument(source, duplicateId(source, duplicate), context);
  };
  await forEachConcurrently(checkedSources(sources), concurrency, runFirst, signal);
  // Documents that were claimed by another run, or whose content was: their turn comes when that claim has ended.
  while (postponed.length > 0) {
    if (!isEnding())
      await clock.delay(POSTPONED_MS, anySignal(signal, drain)).catch(() => throwIfAborted(signal));
    await forEachConcurrently(postponed.splice(0), concurrency, runPostponed, signal);
  }
  const { stop } = breaker;
  return report.build({
    parsing: context.credits.costs,
    stopped: stop ? { stage: stop.stage, code: stop.error.code, message: stop.error.message } : null,
    ...description,
    duration_ms: Math.round(clock.now() - startedAt),
  });
};

/** How long a document that waits for a claim is left alone. */
const POSTPONED_MS = 500;

/** Submissions on their way at once: the outcome of each would be unknown if the service broke down. */
const SUBMISSIONS = 4;

/** What documents between reading and the store may hold together, and how many are read at once. */
const MEMORY_BYTES = 64 * 1024 * 1024;
const READERS = 4;

/** Async, so that a sink that throws at once does not leave the trial of the embeddings beside it unobserved. */
const connect = async (sink: VectorSink, signal: AbortSignal | undefined): Promise<void> =>
  sink.connect?.({ signal });

/** Tries the embeddings and the store, and puts together what the documents share. */
const openRun = async (checked: CheckedIngestOptions) => {
  const { sink, embeddings, splitter, signal, drain, model, onEvent, ledger, results, clock, ...settings } =
    checked;
  const emit = onEvent ?? (() => undefined);
  const modelName = model ?? recordedName(embeddings);
  const [{ length: dimensions }] = await Promise.all([
    embedQuestion(embeddings, PROBE),
    connect(sink, signal),
  ]);
  await sink.prepare({ dimensions, model: modelName }, { signal });
  const description = { store: sink.description, embeddings: `${modelName} (${dimensions} dimensions)` };
  emit({ type: "ready", ...description });

  const { parse, embed, store } = settings.concurrency;
  const filter = storedFilter(settings.filter);
  const versionOptions = { model: modelName, dimensions, searchText: SEARCH_TEXT_VERSION };
  const run = ledger && new RunLedger(ledger, clock);
  const { resubmitUnknown, refresh, retryFailedJobs, verify } = settings;
  const context: RunContext = {
    sink,
    embeddings,
    embeddingCheck: new EmbeddingCheck(embeddings, signal),
    splitter,
    filter,
    versionOptions,
    optionsHash: hashOptions({ ...versionOptions, splitter, filter, sink }),
    limits: {
      submit: new WeightedSemaphore(SUBMISSIONS),
      parse: new WeightedSemaphore(parse),
      embed: new WeightedSemaphore(embed),
      store: new WeightedSemaphore(store),
    },
    memory: new MemoryLimiter(MEMORY_BYTES, READERS),
    ledger: run,
    archive: ledger && results,
    ...(verify ? { trustsLedger: false, knowsStore: false } : await compareCounts(run, sink, signal)),
    resubmitUnknown,
    refresh,
    retryFailedJobs,
    breaker: new CircuitBreaker(),
    credits: new RunCreditBudget(settings.maxCredits),
    report: new ReportBuilder(),
    signal,
    drain,
    emit,
  };
  // As many as the stages hold together, so that none of them waits for a source to be taken in.
  return { context, description, concurrency: parse + embed + store };
};

/** Compares the points of the store with those of the ledger by their number: it may have been emptied or replaced. */
const compareCounts = async (
  ledger: RunLedger | undefined,
  sink: VectorSink,
  signal: AbortSignal | undefined,
): Promise<Pick<RunContext, "trustsLedger" | "knowsStore">> => {
  if (sink.canList === false) return { trustsLedger: true, knowsStore: false };
  const expected = (await ledger?.countPoints(sink.description, signal)) ?? 0;
  const found = await sink.count(undefined, { signal });
  return { trustsLedger: found >= expected, knowsStore: found === expected };
};
