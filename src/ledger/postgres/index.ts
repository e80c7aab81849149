/** Keeps the ledger in PostgreSQL, for several machines. Importing this loads no driver; the first call does. */

export type { Migrated } from "../../internal/postgres/migrations.js";
export { PostgresLedger, type PostgresLedgerOptions } from "./postgres-ledger.js";
