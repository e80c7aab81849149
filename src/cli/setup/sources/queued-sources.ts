import { UnsiloedError } from "../../../errors.js";
import type { PostgresDatabase } from "../../../internal/postgres/database.js";
import { PgBossQueue } from "../../../queue/pg-boss/pg-boss-queue.js";
import type { DocumentQueue } from "../../../queue/queue.js";

/** Opens the queue in the database of the ledger. @throws UnsiloedError `INVALID_OPTION` where the ledger is in none */
export const openQueue = (database: PostgresDatabase | undefined, supervises: boolean): DocumentQueue => {
  if (database) return new PgBossQueue(database, { supervises });
  throw new UnsiloedError(
    "INVALID_OPTION",
    "--state: expected postgres://…, the database in which machines share ledger and queue",
  );
};
