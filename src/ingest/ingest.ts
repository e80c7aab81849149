import type { DocumentSource } from "../documents/source.js";
import { embedQuestion, PROBE, recordedName } from "../embeddings/model.js";
import { throwIfAborted } from "../internal/async/clock.js";
import { WeightedSemaphore } from "../internal/async/weighted-semaphore.js";
import { parseOptions } from "../internal/options.js";
import { SEARCH_TEXT_VERSION } from "../internal/text/search-text.js";
import type { VectorSink } from "../stores/sink.js";
import {
  type CheckedIngestOptions,
  hashOptions,
  type IngestOptions,
  ingestOptionsSchema,
  storedFilter,
} from "./options.js";
import { checkSources } from "./parts.js";
import { CircuitBreaker } from "./run/circuit-breaker.js";
import { compareCounts, countRecorded } from "./run/compare-counts.js";
import { EmbeddingCheck } from "./run/embedding-check.js";
import { MemoryCreditBudget } from "./run/memory-credit-budget.js";
import { MemoryLimiter } from "./run/memory-limiter.js";
import { type IngestReport, ReportBuilder } from "./run/report.js";
import type { RunContext } from "./run/run-context.js";
import { RunCredits } from "./run/run-credits.js";
import { RunLedger } from "./run/run-ledger.js";
import { runSources } from "./run-sources.js";

/**
 * Takes documents from their sources into a vector store: parse, split, embed, store.
 *
 * Before the first source is read, the embeddings, the store and the place of kept results are tried, so that a
 * wrong key or a collection of another size costs no parse job; where a cache answered for the embeddings, the
 * service behind it is tried before the first submission. Sources that fail are reported and do not stop the others,
 * unless every other would fail for the same reason (a refused key, a store that is down). Running the same sources
 * again writes only documents that changed, and embeds only their new texts. With a `ledger`, unchanged documents
 * are not even read, no job that was paid for is submitted again, and two runs never work on one document at the
 * same time.
 *
 * The sources may be a stream without end, such as the messages of a queue: with a ledger, memory stays bounded
 * for any number of them. The run ends when the stream does: let it end when `drain` or `signal` aborts, or when
 * a `source-ended` event says `unfinished`. The event `source-ended` tells what became of each source.
 *
 * @param sources documents to ingest, such as `loader.sources()`; read as they are needed
 * @returns the outcome of every source, segment and point
 * @throws UnsiloedError `INVALID_OPTION`; `ABORTED` when the signal aborts; what the embeddings, the store or the kept
 *   results answer when they are tried: `UNAUTHORIZED`, `STORE_UNREACHABLE`, `STORE_MISMATCH`, `SERVICE_UNAVAILABLE`,
 *   `FILE_NOT_FOUND`, `MISSING_PACKAGE`
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
  const { clock, signal } = checked;
  const startedAt = clock.now();
  throwIfAborted(signal);
  const { context, description, concurrency } = await openRun(checked);
  const { breaker, report } = context;
  await runSources(sources, context, { concurrency, clock });
  const { stop } = breaker;
  return report.build({
    parsing: context.credits.costs,
    stopped: stop ? { stage: stop.stage, code: stop.error.code, message: stop.error.message } : null,
    ...description,
    duration_ms: Math.round(clock.now() - startedAt),
  });
};

/** Submissions on their way at once: the outcome of each would be unknown if the service broke down. */
const SUBMISSIONS = 4;

/** What documents between reading and the store may hold together, and how many are read at once. */
const MEMORY_BYTES = 64 * 1024 * 1024;
const READERS = 4;

/** Async, so that a sink that throws at once does not leave the trial of the embeddings beside it unobserved. */
const connect = async (sink: VectorSink, signal: AbortSignal | undefined): Promise<void> =>
  sink.connect?.({ signal });

/** Tries the embeddings, the store and the place of kept results, and puts together what the documents share. */
const openRun = async (checked: CheckedIngestOptions) => {
  const {
    sink,
    embeddings,
    splitter,
    signal,
    drain,
    model,
    onEvent,
    ledger,
    results,
    creditBudget,
    clock,
    ...settings
  } = checked;
  const emit = onEvent ?? (() => undefined);
  const modelName = model ?? recordedName(embeddings);
  const run = ledger && new RunLedger(ledger, clock);
  // The ledger is opened and read while the services answer.
  const [{ length: dimensions }, recordedPoints] = await Promise.all([
    embedQuestion(embeddings, PROBE),
    countRecorded(ledger, sink, settings.verify, signal),
    connect(sink, signal),
    ledger && results?.connect?.({ signal }),
  ]);
  await sink.prepare({ dimensions, model: modelName }, { signal });
  const description = { store: sink.description, embeddings: `${modelName} (${dimensions} dimensions)` };
  emit({ type: "ready", ...description });

  const { parse, embed, store } = settings.concurrency;
  const filter = storedFilter(settings.filter);
  const versionOptions = { model: modelName, dimensions, searchText: SEARCH_TEXT_VERSION };
  const { resubmitUnknown, refresh, retryFailedJobs } = settings;
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
    ...(await compareCounts(recordedPoints, sink, settings.verify, signal)),
    resubmitUnknown,
    refresh,
    retryFailedJobs,
    breaker: new CircuitBreaker(),
    credits: new RunCredits(creditBudget ?? new MemoryCreditBudget(settings.maxCredits)),
    report: new ReportBuilder(),
    signal,
    drain,
    emit,
  };
  // As many as the stages hold together, so that none of them waits for a source to be taken in.
  return { context, description, concurrency: parse + embed + store };
};
