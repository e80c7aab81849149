/** Shares the calls and jobs of an API key among machines, through PostgreSQL. Importing this loads no driver; the first call does. */

export type { CreditBudget, CreditHold } from "../../ingest/run/credit-budget.js";
export type { Migrated } from "../../internal/postgres/migrations.js";
export type { CallWindow, Permit, RequestKind, Taken } from "../../parse-api/limits/call-window.js";
export type { SharedJobs, TakenJob } from "../../parse-api/limits/shared-jobs.js";
export { PostgresActiveJobs, type PostgresActiveJobsOptions } from "./postgres-active-jobs.js";
export { PostgresCallWindow, type PostgresCallWindowOptions } from "./postgres-call-window.js";
export { PostgresCreditBudget, type PostgresCreditBudgetOptions } from "./postgres-credit-budget.js";
