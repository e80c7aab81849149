/** Shares the calls of an API key among machines, through PostgreSQL. Importing this loads no driver; the first call does. */

export type { Migrated } from "../../internal/postgres/migrations.js";
export type { CallWindow, Permit, RequestKind, Taken } from "../../parse-api/limits/call-window.js";
export { PostgresCallWindow, type PostgresCallWindowOptions } from "./postgres-call-window.js";
