import type { SegmentFilter } from "../../documents/filter.js";
import type { DocumentSplitter } from "../../documents/splitter.js";
import type { EmbeddingModel } from "../../embeddings/model.js";
import type { Seats } from "../../internal/async/weighted-semaphore.js";
import type { ResultArchive } from "../../ledger/result-archive.js";
import type { VectorSink } from "../../stores/sink.js";
import type { Breaker } from "./circuit-breaker.js";
import type { EmbeddingTrial } from "./embedding-check.js";
import type { IngestEventListener } from "./events.js";
import type { Room } from "./memory-limiter.js";
import type { ReportBuilder } from "./report.js";
import type { RunLedger } from "./run-ledger.js";

/** Runs a piece of work when its stage has room for it. */
export type StageLimiter = <T>(work: () => Promise<T>) => Promise<T>;

/** What the documents of one run share. */
export interface RunContext {
  sink: VectorSink;
  embeddings: Pick<EmbeddingModel, "embedDocuments" | "embedFloats" | "sharesRequests">;
  embeddingTrial: EmbeddingTrial;
  splitter: DocumentSplitter;
  filter: SegmentFilter;
  /** Whatever changes the points beside their content: model and dimensions. */
  versionOptions: object;
  /** Of these, the splitter, the filter and the store; `null` where it cannot be told whether they changed. */
  optionsHash: string | null;
  limits: Readonly<Record<"parse" | "store", StageLimiter> & Record<"submit" | "embed", Seats>>;
  /** For documents between reading and the store. */
  room: Room;
  ledger: RunLedger | undefined;
  archive: ResultArchive | undefined;
  /** Whether the store can be taken to hold what the ledger says, because it holds as many points. */
  trustsLedger: boolean;
  resubmitUnknown: boolean;
  refresh: boolean;
  retryFailedJobs: boolean;
  breaker: Breaker;
  report: ReportBuilder;
  /** Ends everything at once. */
  signal: AbortSignal | undefined;
  /** Begins nothing more and waits for no job; what is in flight is finished. */
  drain: AbortSignal | undefined;
  emit: IngestEventListener;
}
