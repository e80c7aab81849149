import type { JobInsert, PgBoss } from "pg-boss";
import { UnsiloedError } from "../../errors.js";
import { propertyOf } from "../../internal/objects.js";
import type { PostgresDatabase, Query } from "../../internal/postgres/database.js";
import { databaseError } from "../../internal/postgres/errors.js";
import { keyOf } from "../../internal/postgres/keys.js";
import { scrub } from "../../internal/scrub.js";
import {
  type DeadDocument,
  type DocumentQueue,
  KEPT_MS,
  type QueueCounts,
  type QueueDetails,
  type QueuedDocument,
  type TakenDocument,
} from "../queue.js";
import { DEAD_QUEUE, DOCUMENTS_QUEUE, executorOf, QUEUE_SCHEMA, startBoss, stopBoss } from "./boss.js";

export interface PgBossQueueOptions {
  /** Whether this process also looks for documents of processes that have ended; one of several does at a time. @default true */
  supervises?: boolean | undefined;
  /** How long this process has a document that it does not keep, in milliseconds. @default 60000 */
  keptMs?: number | undefined;
}

const JOBS = `${QUEUE_SCHEMA}.job`;

/** Documents that are listed in one query. */
const PAGE = 1000;

/** A document that was given up, as pg-boss keeps it. */
interface DeadRow {
  id: string;
  data: QueuedDocument;
  output: unknown;
  diedAt: Date;
}

/** Returns why a document failed: what {@link PgBossQueue.failed} was told, or what pg-boss says of an ended process. */
const reasonOf = (output: unknown): string => {
  const reason = propertyOf(output, "reason");
  if (typeof reason === "string" && reason !== "") return reason;
  return propertyOf(output, "value") === undefined
    ? "it failed too often"
    : "its worker ended too often while working on it";
};

const jobOf = ({ docId, source }: QueuedDocument): JobInsert => ({
  singletonKey: keyOf(docId),
  data: { docId, source },
});

const attemptsOf = (taken: readonly TakenDocument[]) =>
  taken.map(({ id, retries }) => ({ id, retryCount: retries }));

/**
 * Hands out documents by pg-boss, in the database of the ledger: one job for each document, by its key.
 *
 * Its statements are called by the worker itself (`fetch`, `touch`, `complete`), which takes what it has room for and
 * waits for parse jobs without holding a place in the queue.
 */
export class PgBossQueue implements DocumentQueue {
  readonly #database: PostgresDatabase;
  readonly keptMs: number;
  readonly #supervises: boolean;
  #boss: Promise<PgBoss> | undefined;
  #closed = false;

  /** @param database stays open when the queue is closed */
  constructor(database: PostgresDatabase, { supervises = true, keptMs = KEPT_MS }: PgBossQueueOptions = {}) {
    this.keptMs = keptMs;
    this.#database = database;
    this.#supervises = supervises;
  }

  /** @param query of a transaction, so that the documents are added together with what else it writes, or not at all */
  async enqueue(documents: readonly QueuedDocument[], query: Query = this.#database.query): Promise<number> {
    if (documents.length === 0) return 0;
    // In one order, so that two processes that add the same documents wait for each other instead of a deadlock.
    const jobs = documents
      .map(jobOf)
      .sort((a, b) => ((a.singletonKey ?? "") < (b.singletonKey ?? "") ? -1 : 1));
    const options = { db: executorOf(query), returnId: true };
    const added = await this.#with((boss) => boss.insert(DOCUMENTS_QUEUE, jobs, options));
    // Of a document that was given up there are two jobs: the one that failed, and its copy among the dead.
    await query(
      `delete from ${JOBS} where singleton_key = any($1) and (name = $2 or name = $3 and state = 'failed')`,
      [jobs.map(({ singletonKey }) => singletonKey), DEAD_QUEUE, DOCUMENTS_QUEUE],
    );
    return added?.length ?? 0;
  }

  /** Tells whether no document waits or is taken. @param query of a transaction, which has written to the queue or not */
  async isEmpty(query: Query): Promise<boolean> {
    await this.#with(async () => undefined);
    const [found] = await query<{ is_empty: boolean }>(
      `select not exists (select from ${JOBS} where name = $1 and state <= 'active') as is_empty`,
      [DOCUMENTS_QUEUE],
    );
    return found?.is_empty ?? true;
  }

  async take(limit: number): Promise<TakenDocument[]> {
    if (limit < 1) return [];
    const jobs = await this.#with((boss) =>
      boss.fetch<QueuedDocument>(DOCUMENTS_QUEUE, { batchSize: limit }),
    );
    // The time is a job's own, as processes may differ in it.
    if (jobs.some(({ heartbeatSeconds }) => heartbeatSeconds !== this.keptMs / 1000))
      await this.#database.query(
        `update ${JOBS} set heartbeat_seconds = $3 where name = $1 and id = any($2::uuid[])`,
        [DOCUMENTS_QUEUE, jobs.map(({ id }) => id), Math.ceil(this.keptMs / 1000)],
      );
    return jobs.map(({ id, retryCount, data }) => ({ ...data, id, retries: retryCount }));
  }

  async keep(taken: readonly TakenDocument[]): Promise<void> {
    if (taken.length > 0) await this.#with((boss) => boss.touch(DOCUMENTS_QUEUE, attemptsOf(taken)));
  }

  async done(taken: readonly TakenDocument[]): Promise<void> {
    // What gives access to a source is not kept for longer than it is needed, and the ledger remembers the rest.
    if (taken.length > 0) await this.#with((boss) => boss.deleteJob(DOCUMENTS_QUEUE, attemptsOf(taken)));
  }

  async giveBack(taken: readonly TakenDocument[]): Promise<void> {
    if (taken.length === 0) return;
    await this.#with((boss) =>
      this.#database.transaction(async (query) => {
        const options = { db: executorOf(query) };
        await boss.deleteJob(DOCUMENTS_QUEUE, attemptsOf(taken), options);
        // Those that another process has taken by now are there, and are not added.
        await boss.insert(DOCUMENTS_QUEUE, taken.map(jobOf), options);
      }),
    );
  }

  async failed(taken: TakenDocument, reason: string): Promise<void> {
    await this.#with((boss) => boss.fail(DOCUMENTS_QUEUE, attemptsOf([taken]), { reason: scrub(reason) }));
  }

  async counts(): Promise<QueueCounts> {
    await this.#with(async () => undefined);
    const [counts] = await this.#database.query<{ [count in keyof QueueCounts]: number }>(
      `select
         count(*) filter (where name = $1 and state < 'active')::float8 as waiting,
         count(*) filter (where name = $1 and state = 'active')::float8 as taken,
         count(*) filter (where name = $2 and state < 'active')::float8 as dead
       from ${JOBS} where name = any(array[$1, $2])`,
      [DOCUMENTS_QUEUE, DEAD_QUEUE],
    );
    return counts ?? { waiting: 0, taken: 0, dead: 0 };
  }

  async details(): Promise<QueueDetails> {
    const instances = await this.#with((boss) => boss.getInstances());
    const [waiting] = await this.#database.query<Omit<QueueDetails, "workers">>(
      `select
         count(*) filter (where state = 'retry')::float8 as paused,
         extract(epoch from now() - min(created_on))::float8 as "oldestWaitingSeconds"
       from ${JOBS} where name = $1 and state < 'active'`,
      [DOCUMENTS_QUEUE],
    );
    const workers = instances.filter(({ supervise, live }) => supervise && live).length;
    return { paused: 0, oldestWaitingSeconds: null, ...waiting, workers };
  }

  async *dead(): AsyncGenerator<DeadDocument> {
    await this.#with(async () => undefined);
    let rows: DeadRow[] = [];
    do {
      rows = await this.#database.query<DeadRow>(
        `select id, data, source_output as output, created_on as "diedAt" from ${JOBS}
         where name = $1 and id > $2 order by id limit ${PAGE}`,
        [DEAD_QUEUE, rows.at(-1)?.id ?? "00000000-0000-0000-0000-000000000000"],
      );
      for (const { data, output, diedAt } of rows)
        yield { ...data, reason: reasonOf(output), diedAt: new Date(diedAt).toISOString() };
    } while (rows.length === PAGE);
  }

  async forget(docIds: readonly string[]): Promise<void> {
    if (docIds.length === 0) return;
    await this.#with(async () => undefined);
    await this.#database.query(
      `delete from ${JOBS} where name = any($1) and singleton_key = any($2) and state <> 'active'`,
      [[DOCUMENTS_QUEUE, DEAD_QUEUE], docIds.map(keyOf)],
    );
  }

  /** Looks for documents of processes that have ended; done regularly by itself where the queue supervises. */
  async supervise(): Promise<void> {
    await this.#with((boss) => boss.supervise(DOCUMENTS_QUEUE));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const boss = await this.#boss?.catch(() => undefined);
    this.#boss = undefined;
    if (boss) await stopBoss(boss);
  }

  async #with<T>(work: (boss: PgBoss) => Promise<T>): Promise<T> {
    if (this.#closed) throw new UnsiloedError("LEDGER_FAILED", "the queue is closed; open another one");
    this.#boss ??= startBoss(this.#database, this.#supervises, this.keptMs).catch((thrown: unknown) => {
      this.#boss = undefined;
      throw thrown;
    });
    const boss = await this.#boss;
    try {
      return await work(boss);
    } catch (thrown) {
      throw databaseError(thrown, this.#database.name);
    }
  }
}
