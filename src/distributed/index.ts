/**
 * Several machines with one PostgreSQL database: any of them adds documents to a queue, any of them ingests. Importing this
 * loads no driver; the first call does, and says what to install.
 */

export type { SpentCredits } from "../budget/postgres/credit-holds.js";
export {
  PostgresCreditBudget,
  type PostgresCreditBudgetOptions,
} from "../budget/postgres/postgres-credit-budget.js";
export type { Migrated } from "../internal/postgres/migrations.js";
export type { PostgresLedger } from "../ledger/postgres/postgres-ledger.js";
export type {
  DeadDocument,
  DocumentQueue,
  QueueCounts,
  QueueDetails,
  QueuedDocument,
  TakenDocument,
} from "../queue/queue.js";
export { QueueWorker, type QueueWorkerOptions } from "../worker/queue-worker.js";
export { type Enqueued, type EnqueueOptions, enqueueSources } from "./enqueue.js";
export {
  PostgresState,
  type PostgresStateOptions,
  type Retried,
  type RetryOptions,
  type SourceToQueue,
} from "./postgres-state.js";
export { describeSource, type FindOptions, findDescribed } from "./queued-source.js";
