import type { Db, PgBoss } from "pg-boss";
import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import { importOptional } from "../../internal/optional-import.js";
import type { PostgresDatabase, Query, Values } from "../../internal/postgres/database.js";
import { databaseError } from "../../internal/postgres/errors.js";
import { KEPT_MS } from "../queue.js";

/** The tables of pg-boss have a schema of their own, so that other programs may use it in theirs. */
export const QUEUE_SCHEMA = "unsiloed_queue";

export const DOCUMENTS_QUEUE = "documents";
export const DEAD_QUEUE = "dead-documents";

const DAY = 86_400;
/** A backlog may last for years, and no document may get lost. */
const TEN_YEARS = 3650 * DAY;

const DOCUMENTS_OPTIONS = {
  heartbeatSeconds: KEPT_MS / 1000,
  // The most that pg-boss takes; the heartbeat tells whether somebody works on a document.
  expireInSeconds: DAY,
  retentionSeconds: TEN_YEARS,
  // The ledger remembers what was done.
  deleteAfterSeconds: DAY / 24,
  retryLimit: 5,
  retryDelay: 15,
  retryBackoff: true,
  retryDelayMax: 3600,
  deadLetter: DEAD_QUEUE,
};

/** Runs the statements of pg-boss on connections of ours. It looks at the errors of the driver. */
export const executorOf = (query: Query): Db => ({
  executeSql: async (text, values = []) => {
    try {
      return { rows: await query(text, values as Values) };
    } catch (thrown) {
      throw (thrown instanceof UnsiloedError && thrown.cause) || thrown;
    }
  },
});

/** @param mode `migrate` creates the tables, `supervise` also looks for processes that have ended, `client` neither */
const createBoss = async (
  database: PostgresDatabase,
  mode: "migrate" | "supervise" | "client",
  keptMs = KEPT_MS,
): Promise<PgBoss> => {
  const { PgBoss } = await importOptional(() => import("pg-boss"), "a queue of documents", "pg pg-boss");
  // It looks for processes that have ended after half the time that their documents are kept for them.
  const supervisionSeconds = Math.ceil(keptMs / 2000);
  const boss = new PgBoss({
    db: executorOf(database.query),
    schema: QUEUE_SCHEMA,
    schedule: false,
    migrate: mode === "migrate",
    supervise: mode === "supervise",
    // So that it is known which workers there are.
    registerInstance: mode === "supervise",
    superviseIntervalSeconds: supervisionSeconds,
    monitorIntervalSeconds: supervisionSeconds,
  });
  // What goes wrong in the background is done again later; what a caller waits for is thrown there.
  boss.on("error", () => undefined);
  return boss;
};

/** Starts pg-boss on tables that exist. @throws UnsiloedError `LEDGER_VERSION` when they do not */
export const startBoss = async (
  database: PostgresDatabase,
  supervises: boolean,
  keptMs: number,
): Promise<PgBoss> => {
  const boss = await createBoss(database, supervises ? "supervise" : "client", keptMs);
  try {
    await boss.start();
    if (await boss.getQueue(DOCUMENTS_QUEUE)) return boss;
  } catch (thrown) {
    await stopBoss(boss);
    // Only errors of the database have codes.
    if (propertyOf(thrown, "code") !== undefined) throw databaseError(thrown, database.name);
  }
  await stopBoss(boss);
  throw new UnsiloedError(
    "LEDGER_VERSION",
    `${database.name}: the tables of the queue do not exist or are of another version: run "unsiloed-ingest migrate"`,
  );
};

export const stopBoss = (boss: PgBoss): Promise<void> => boss.stop({ close: false, graceful: false });

/** Creates the tables of the queue, or brings older ones up to date. */
export const migrateQueue = async (database: PostgresDatabase): Promise<{ from: number; to: number }> => {
  const boss = await createBoss(database, "migrate");
  try {
    const from = (await boss.isInstalled()) ? ((await boss.schemaVersion()) ?? 0) : 0;
    await boss.start();
    await boss.createQueue(DEAD_QUEUE, { retentionSeconds: TEN_YEARS });
    await boss.createQueue(DOCUMENTS_QUEUE, { ...DOCUMENTS_OPTIONS, policy: "exclusive" });
    await boss.updateQueue(DOCUMENTS_QUEUE, DOCUMENTS_OPTIONS);
    return { from, to: (await boss.schemaVersion()) ?? 0 };
  } catch (thrown) {
    throw databaseError(thrown, database.name);
  } finally {
    await stopBoss(boss);
  }
};
