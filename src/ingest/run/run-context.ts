import type { SegmentFilter } from "../../documents/filter.js";
import type { DocumentSplitter } from "../../documents/splitter.js";
import type { EmbeddingModel } from "../../embeddings/model.js";
import type { WeightedSemaphore } from "../../internal/async/weighted-semaphore.js";
import type { ResultArchive } from "../../ledger/result-archive.js";
import type { VectorSink } from "../../stores/sink.js";
import type { CircuitBreaker } from "./circuit-breaker.js";
import type { EmbeddingCheck } from "./embedding-check.js";
import type { IngestEventListener } from "./events.js";
import type { MemoryLimiter } from "./memory-limiter.js";
import type { ReportBuilder } from "./report.js";
import type { RunCredits } from "./run-credits.js";
import type { RunLedger } from "./run-ledger.js";

/** What the documents of one run share. */
export interface RunContext {
  sink: VectorSink;
  embeddings: Pick<EmbeddingModel, "embedDocuments" | "embedFloats" | "sharesRequests" | "givesZeros">;
  embeddingCheck: EmbeddingCheck;
  splitter: DocumentSplitter;
  filter: SegmentFilter;
  /** What changes the points of a document beside its content: model and dimensions. */
  versionOptions: { readonly dimensions: number };
  /** Hash of these, the splitter, the filter and the store; `null` where it cannot be told whether they changed. */
  optionsHash: string | null;
  /** How many documents are in each stage at once. */
  limits: Readonly<Record<"submit" | "parse" | "embed" | "store", WeightedSemaphore>>;
  /** For documents between reading and the store. */
  memory: MemoryLimiter;
  ledger: RunLedger | undefined;
  archive: ResultArchive | undefined;
  /** Whether the store can be taken to hold what the ledger says, because it holds as many points. */
  trustsLedger: boolean;
  /** Whether the store held just the points that the ledger knew of when the run began; without a ledger, none. */
  knowsStore: boolean;
  resubmitUnknown: boolean;
  refresh: boolean;
  retryFailedJobs: boolean;
  breaker: CircuitBreaker;
  credits: RunCredits;
  report: ReportBuilder;
  /** Ends everything at once. */
  signal: AbortSignal | undefined;
  /** Begins nothing more and waits for no job; work in progress is finished. */
  drain: AbortSignal | undefined;
  emit: IngestEventListener;
}
