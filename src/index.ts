// In the order of the flow: parse jobs → Documents → splits → points.
// Stores, embeddings, retrieval and the emulator have entry points of their own, so that nobody loads what they do
// not use; what is not named here is internal.

export { UnsiloedFileLoader } from "../loaders/file-loader.js";
export { UnsiloedJobLoader } from "../loaders/job-loader.js";
export { UnsiloedResultLoader } from "../loaders/result-loader.js";
export type { CellReference } from "./documents/cell-references.js";
export { embeddingText, lexicalTexts } from "./documents/embedding-text.js";
export { fileDocId, jobDocId, pointIds, urlDocId } from "./documents/identity.js";
export {
  type DocumentMetadata,
  documentMetadataSchema,
  type PageBox,
  pointMetadataSchema,
  type Reference,
  type SegmentDocument,
  type SplitDocument,
  type SplitMetadata,
  splitMetadataSchema,
} from "./documents/metadata.js";
export type { SegmentPolicy } from "./documents/policies.js";
export type { BBox, PackedWords, PagePlace } from "./documents/segment.js";
export { SEGMENT_TYPES, type SegmentType } from "./documents/segment-type.js";
export type {
  AcceptedJob,
  DocumentSource,
  SourceIdentity,
  SourceObserver,
  SourceReadOptions,
  SourceStatus,
  SubmissionObserver,
} from "./documents/source.js";
export type { EmbeddingModel } from "./embeddings/model.js";
export { ERROR_CODES, type ErrorCode, type ErrorContext, UnsiloedError } from "./errors.js";
export { type ForgetTarget, forgetDocument } from "./ingest/forget.js";
export { ingest } from "./ingest/ingest.js";
export type { IngestConcurrency, IngestOptions, IngestSettings } from "./ingest/options.js";
export {
  type DocumentPlan,
  type PlannedAction,
  type PlannedReuse,
  type PlanOptions,
  planIngest,
} from "./ingest/plan.js";
export { type RepairOptions, type RepairReport, repairLedger } from "./ingest/repair.js";
export type { CreditBudget, CreditHold } from "./ingest/run/credit-budget.js";
export type { IngestEvent, IngestEventListener, ReadyEvent, SourceEvent } from "./ingest/run/events.js";
export type { IngestFailure, IngestReport, LeftOut } from "./ingest/run/report.js";
export type { Ledger, LedgerEntry, LedgerFilter } from "./ledger/ledger.js";
export { LmdbLedger } from "./ledger/lmdb/lmdb-ledger.js";
export { MemoryLedger } from "./ledger/memory-ledger.js";
export type { LedgerOptions } from "./ledger/options.js";
export type { ParseKey } from "./ledger/parse-key.js";
export type { LedgerError, LedgerRecord, LedgerState, SegmentCounts, Stage } from "./ledger/record.js";
export type { ResultArchive } from "./ledger/result-archive.js";
export type { KeepMode } from "./ledger/results/keep-mode.js";
export { KeptResults, type KeptResultsOptions } from "./ledger/results/kept-results.js";
export { UnsiloedClient } from "./parse-api/client.js";
export type { UnsiloedClientOptions } from "./parse-api/client-options.js";
export type { ParseRequestOptions } from "./parse-api/jobs/request-options.js";
export type { CallWindow } from "./parse-api/limits/call-window.js";
export { ParseBudget, type ParseBudgetOptions } from "./parse-api/limits/parse-budget.js";
export { SegmentSplitter } from "./splitters/segment-splitter.js";
export type { SearchFilter } from "./stores/filter.js";
export { LangChainSink } from "./stores/langchain/langchain-sink.js";
export type {
  Point,
  PointMetadata,
  PointVector,
  SearchHit,
  SearchQuery,
  StoreMode,
  VectorSink,
} from "./stores/sink.js";
