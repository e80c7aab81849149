import { readCredits, restartCredits, type SpentCredits } from "../budget/postgres/credit-holds.js";
import { QUEUE_CREDITS } from "../budget/postgres/postgres-credit-budget.js";
import { BUDGET_TABLES } from "../budget/postgres/tables.js";
import type { DocumentSource } from "../documents/source.js";
import { UnsiloedError } from "../errors.js";
import { needsAnotherParse } from "../ingest/document/record-state.js";
import { streamBatches } from "../internal/batching.js";
import { parseOptions } from "../internal/options.js";
import { PostgresDatabase, type Query } from "../internal/postgres/database.js";
import { assertMigrated, type Migrated, migrate } from "../internal/postgres/migrations.js";
import type { LedgerEntry } from "../ledger/ledger.js";
import { PostgresLedger } from "../ledger/postgres/postgres-ledger.js";
import { LEDGER_TABLES } from "../ledger/postgres/tables.js";
import { advance, type LedgerRecord, newRecord } from "../ledger/record.js";
import { currentNames } from "../parse-api/jobs/request-names.js";
import { type ParseRequestOptions, parseRequestSchema } from "../parse-api/jobs/request-options.js";
import { migrateQueue } from "../queue/pg-boss/boss.js";
import { PgBossQueue } from "../queue/pg-boss/pg-boss-queue.js";
import type { DeadDocument, DocumentQueue, QueuedDocument } from "../queue/queue.js";
import { describeRecord } from "./queued-source.js";

/** Documents that are compared or added at a time, in one transaction. */
export const BATCH = 1000;

/**
 * How long a claim on a document lasts without being renewed, where machines share the ledger: until then nobody can
 * tell that the one that has it was switched off.
 */
export const SHARED_LEASE_MS = 30_000;

/** Options of {@link PostgresState}. */
export interface PostgresStateOptions {
  /** Keys in use, such as the API key: they are removed from errors, and no record that holds one is written. @default [] */
  secrets?: string[] | undefined;
  /**
   * How long a claim lasts without being renewed, in milliseconds. Documents of a worker that has ended are handed out
   * again after twice that. @default 30000
   */
  leaseMs?: number | undefined;
  /** Whether this process also looks for documents of processes that have ended, as workers do. @default true */
  supervises?: boolean | undefined;
  /** Whether the ledger is only read: then methods that write reject with `LEDGER_FAILED`. @default false */
  readOnly?: boolean | undefined;
}

/** A source, and what the queue is to hold of it. */
export interface SourceToQueue {
  source: Pick<DocumentSource, "docId" | "source" | "file" | "title">;
  queued: QueuedDocument;
}

/** Options of {@link PostgresState.retry}. */
export interface RetryOptions {
  /** Only these documents. @default all that are not stored */
  docIds?: readonly string[] | undefined;
  /** Options of the parse request. @default those of the submission */
  parse?: ParseRequestOptions | undefined;
  /** Also documents of unknown outcome, which may be paid for twice. @default false */
  resubmitUnknown?: boolean | undefined;
}

/** What became of documents that were to be tried again. */
export interface Retried {
  /** Documents that were added to the queue. */
  enqueued: number;
  /** Documents that waited already, or are worked on. */
  alreadyQueued: number;
  /** Documents of unknown outcome, which were left as they are. */
  unknown: number;
}

/** Documents that are not stored, those that only wait in the queue excepted. */
const LEFT_OVER = ["submitting", "submitted", "parsed", "failed"] as const;

/** Tells whether a dead document needs nobody's attention any more: it was stored later, or deleted. */
const isSettled = ({ diedAt }: DeadDocument, entry: LedgerEntry | undefined): boolean => {
  const { record, problem } = entry ?? {};
  if (problem) return false;
  return !record || (record.stored_at !== null && record.state === "stored" && record.stored_at >= diedAt);
};

/**
 * Ledger and queue of several machines, in one PostgreSQL database (13 or newer). The packages `pg` and `pg-boss` are
 * loaded by the first call; install both.
 *
 * @throws UnsiloedError `INVALID_OPTION` for an address that is none; from calls `MISSING_PACKAGE`, which says what to
 *   install, `LEDGER_FAILED`, and `LEDGER_VERSION` until {@link PostgresState.migrate} has run
 * @example
 * ```ts
 * const address = "postgres://ingest@db.example.com/documents";
 * await PostgresState.migrate(address);
 * const state = new PostgresState(address, { secrets: [apiKey] });
 * console.log(await state.queue.counts());
 * await state.close();
 * ```
 */
export class PostgresState {
  /** Remembers what was done with each document. */
  readonly ledger: PostgresLedger;
  /** Hands out documents to workers. */
  readonly queue: DocumentQueue;
  readonly #queue: PgBossQueue;
  readonly #database: PostgresDatabase;
  readonly #isShared: boolean;

  /**
   * @param address `postgres://user@host:port/database`; the password may be left to `PGPASSWORD` or `~/.pgpass`. A
   *   database that is open already is shared, and stays open when the state is closed.
   */
  constructor(address: string | PostgresDatabase, options: PostgresStateOptions = {}) {
    const { supervises = true, leaseMs = SHARED_LEASE_MS, ...others } = options;
    this.#isShared = typeof address !== "string";
    this.#database = typeof address === "string" ? new PostgresDatabase(address) : address;
    this.ledger = new PostgresLedger(this.#database, { ...others, leaseMs });
    this.#queue = new PgBossQueue(this.#database, { supervises, keptMs: 2 * leaseMs });
    this.queue = this.#queue;
  }

  /** Creates the tables of ledger, budget and queue, or brings older ones up to date. Any number of processes may do so at once. */
  static async migrate(address: string): Promise<Migrated[]> {
    const database = new PostgresDatabase(address, { answerMs: 0 });
    try {
      const tables = await migrate(database, [LEDGER_TABLES, BUDGET_TABLES]);
      return [...tables, { name: "queue", ...(await migrateQueue(database)) }];
    } finally {
      await database.close();
    }
  }

  /**
   * Adds documents to the queue and to the ledger, in one transaction: a process that is killed leaves both or none.
   * Documents that wait or are worked on are not added again, and records that there are stay as they are.
   *
   * @param documents at most some thousands, so that the transaction stays short
   * @returns how many were added to the queue
   */
  async enqueue(documents: readonly SourceToQueue[]): Promise<number> {
    if (documents.length === 0) return 0;
    const records = documents.map(({ source }) => newRecord(source, { state: "queued" }, Date.now()));
    return this.#database.transaction(async (query) => {
      await this.ledger.putNew(records, query);
      return this.#addToQueue(documents, query);
    });
  }

  /**
   * Adds documents to the queue again that failed, were given up or were left unfinished, as workers are to try them once
   * more: with the parse options of their submission, and by another submission where the job failed at the service.
   *
   * @throws UnsiloedError `INVALID_OPTION` for a document that neither ledger nor queue knows
   */
  async retry({ docIds, parse, resubmitUnknown = false }: RetryOptions = {}): Promise<Retried> {
    const retried: Retried = { enqueued: 0, alreadyQueued: 0, unknown: 0 };
    const wanted = docIds && new Set(docIds);
    const send = async (documents: readonly Again[]): Promise<void> => {
      const sent: Again[] = [];
      for (const document of documents) {
        const { record } = document;
        if (record?.state !== "submitting" || resubmitUnknown) sent.push(document);
        else if (!(await this.ledger.holder(record.doc_id))) retried.unknown += 1;
      }
      const enqueued = await this.#enqueueAgain(sent);
      retried.enqueued += enqueued;
      retried.alreadyQueued += sent.length - enqueued;
    };
    const done = new Set<string>();
    for await (const batch of streamBatches(this.dead(), BATCH)) {
      const dead = batch.filter(({ docId }) => wanted?.has(docId) ?? true);
      const known = await this.ledger.getMany(dead.map(({ docId }) => docId));
      for (const { docId } of dead) done.add(docId);
      await send(
        dead.map(({ docId, source }) => ({ record: known.get(docId)?.record, queued: { docId, source } })),
      );
    }
    const described = (record: LedgerRecord): Again => {
      // An earlier version may have written older names, of which the user need not be told.
      const recorded = parseOptions(parseRequestSchema, record.parse_options ?? {}, "parse");
      return { record, queued: describeRecord(record, parse ?? currentNames(recorded)) };
    };
    if (docIds) {
      const others = docIds.filter((docId) => !done.has(docId));
      const known = await this.ledger.getMany(others);
      await send(others.map((docId) => described(recordOf(docId, known.get(docId)))));
      return retried;
    }
    for await (const batch of streamBatches(this.ledger.list({ states: LEFT_OVER }), BATCH))
      await send(
        batch.flatMap(({ docId, record }) => (record && !done.has(docId) ? [described(record)] : [])),
      );
    return retried;
  }

  /** Lists the documents that were given up, without those that were stored or deleted since. */
  async *dead(): AsyncGenerator<DeadDocument> {
    for await (const { dead, isOver } of this.#allDead()) if (!isOver) yield dead;
  }

  /** Removes dead documents from the queue that were stored or deleted since. */
  async forgetSettled(): Promise<void> {
    for await (const batch of streamBatches(this.#allDead(), BATCH))
      await this.queue.forget(batch.flatMap(({ dead, isOver }) => (isOver ? [dead.docId] : [])));
  }

  /**
   * What workers with a `PostgresCreditBudget` spent since the queue was last empty; `undefined` where none had one.
   *
   * @throws UnsiloedError `LEDGER_VERSION`, `LEDGER_FAILED`
   */
  async spentCredits(): Promise<SpentCredits | undefined> {
    await assertMigrated(this.#database, BUDGET_TABLES);
    return readCredits(this.#database.query, QUEUE_CREDITS);
  }

  /** Closes the connections. Closing again does nothing. */
  async close(): Promise<void> {
    await this.queue.close();
    await this.ledger.close();
    if (!this.#isShared) await this.#database.close();
  }

  async *#allDead(): AsyncGenerator<{ dead: DeadDocument; isOver: boolean }> {
    for await (const batch of streamBatches(this.queue.dead(), BATCH)) {
      const known = await this.ledger.getMany(batch.map(({ docId }) => docId));
      for (const dead of batch) yield { dead, isOver: isSettled(dead, known.get(dead.docId)) };
    }
  }

  #enqueueAgain(documents: readonly Again[]): Promise<number> {
    return this.#database.transaction(async (query) => {
      for (const { record } of documents) {
        if (record?.state !== "failed" && record?.state !== "submitting") continue;
        const isUseless = record.last_error !== null && needsAnotherParse(record.last_error);
        const next = advance(record, { state: "queued", ...(isUseless && { job_id: null }) }, Date.now());
        await this.ledger.replaceUnclaimed(next, record.state, query);
      }
      return this.#addToQueue(documents, query);
    });
  }

  async #addToQueue(documents: readonly { queued: QueuedDocument }[], query: Query): Promise<number> {
    // What was spent on documents that are all done does not count for new ones.
    if (documents.length > 0 && (await this.#queue.isEmpty(query))) {
      await assertMigrated(this.#database, BUDGET_TABLES);
      await restartCredits(query, QUEUE_CREDITS);
    }
    return this.#queue.enqueue(
      documents.map(({ queued }) => queued),
      query,
    );
  }
}

/** A document that is to be tried again. */
interface Again {
  record: LedgerRecord | undefined;
  queued: QueuedDocument;
}

const recordOf = (docId: string, entry: LedgerEntry | undefined): LedgerRecord => {
  if (entry?.record) return entry.record;
  throw (
    entry?.problem ??
    new UnsiloedError(
      "INVALID_OPTION",
      `${docId}: no such document; "unsiloed-ingest status" lists those that failed`,
    )
  );
};
