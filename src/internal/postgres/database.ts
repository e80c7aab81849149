import type { Pool } from "pg";
import { UnsiloedError } from "../../errors.js";
import { systemClock } from "../async/clock.js";
import { retry } from "../async/retry.js";
import { importOptional } from "../optional-import.js";
import { nameOfDatabase } from "./address.js";
import { databaseError, isAnswer, isPassing } from "./errors.js";

/** The tables of this package have a schema of their own, so that a database can be shared with other programs. */
export const SCHEMA = "unsiloed";

/** How long a connection that was there before is sought again: longer than a server takes to restart. */
const RESTART_MS = 30_000;
/** How long a database is sought that was never there: somebody may be waiting to read that the address is wrong. */
const FIRST_MS = 2_000;
const LONGEST_WAIT_MS = 2_000;

/** A statement that gets no answer for so long is lost with its connection. */
const ANSWER_MS = 60_000;

export interface DatabaseOptions {
  /** Connections at most. @default 10 */
  connections?: number | undefined;
  /** How long to wait for the answer to a statement, in milliseconds; 0 for ever. @default 60000 */
  answerMs?: number | undefined;
}

/** Values of a statement: `$1` is the first. Arrays become arrays of PostgreSQL, and a Buffer bytes. */
export type Values = readonly (string | number | boolean | null | Buffer | readonly unknown[])[];

/** Runs one statement. @returns its rows */
export type Query = <Row extends object>(text: string, values?: Values) => Promise<Row[]>;

/**
 * Connections to a PostgreSQL database, opened as they are needed. They do not keep the process alive.
 *
 * @throws UnsiloedError `INVALID_OPTION` for an address that is none; from calls `MISSING_PACKAGE`, and `LEDGER_FAILED`,
 *   which is retryable when the server was not there
 */
export class PostgresDatabase {
  /** The address without user and password. */
  readonly name: string;
  readonly #address: string;
  readonly #options: DatabaseOptions;
  #pool: Promise<Pool> | undefined;
  /** What was begun and has not ended, so that closing can wait for it. */
  readonly #pending = new Set<Promise<unknown>>();
  #wasThere = false;
  #closed = false;

  constructor(address: string, options: DatabaseOptions = {}) {
    this.name = nameOfDatabase(address);
    this.#address = address;
    this.#options = options;
  }

  /**
   * Runs a statement. If the connection is lost, it is run again, so it must be one that can be run twice: nobody knows
   * whether the first one was.
   */
  readonly query: Query = <Row extends object>(text: string, values: Values = []): Promise<Row[]> =>
    this.#withRetries(async (pool) => rowsOf(await pool.query<Row>(text, [...values])));

  /** Runs statements in one transaction. If the connection is lost, `work` runs again, so it must bear that. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#withRetries(async (pool) => {
      const client = await pool.connect();
      // An error between two statements shows at the next one; without a listener it would end the process.
      client.on("error", ignore);
      let failure: Error | undefined;
      try {
        await client.query("begin");
        const result = await work(async <Row extends object>(text: string, values: Values = []) => {
          return rowsOf(await client.query<Row>(text, [...values]));
        });
        await client.query("commit");
        return result;
      } catch (thrown) {
        failure = thrown instanceof Error ? thrown : new Error(String(thrown));
        throw thrown;
      } finally {
        client.off("error", ignore);
        // Closing a connection undoes its transaction, also where it can no longer be told to.
        client.release(failure ?? false);
      }
    });
  }

  /** Closes the connections once their statements have ended. Closing again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#pending);
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.end();
  }

  #withRetries<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    const done = this.#retried(work);
    const ended = done.then(ignore, ignore).finally(() => this.#pending.delete(ended));
    this.#pending.add(ended);
    return done;
  }

  async #retried<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    const startedAt = systemClock.now();
    return retry(
      async () => {
        if (this.#closed)
          throw new UnsiloedError(
            "LEDGER_FAILED",
            `${this.name}: the connection is closed; open another one`,
          );
        this.#pool ??= this.#open();
        const pool = await this.#pool;
        try {
          const result = await work(pool);
          this.#wasThere = true;
          return result;
        } catch (thrown) {
          this.#wasThere ||= isAnswer(thrown);
          throw databaseError(thrown, this.name);
        }
      },
      {
        attempts: Number.POSITIVE_INFINITY,
        baseDelayMs: 100,
        maxDelayMs: LONGEST_WAIT_MS,
        retryOn: ({ cause }) =>
          isPassing(cause) && systemClock.now() - startedAt < (this.#wasThere ? RESTART_MS : FIRST_MS),
      },
    );
  }

  async #open(): Promise<Pool> {
    const { default: pg } = await importOptional(() => import("pg"), "a PostgreSQL database", "pg");
    const { connections = 10, answerMs = ANSWER_MS } = this.#options;
    const pool = new pg.Pool({
      connectionString: this.#address,
      application_name: "unsiloed-ingest",
      max: connections,
      connectionTimeoutMillis: 10_000,
      query_timeout: answerMs,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    // A connection that ends while nobody uses it is replaced by the next statement.
    pool.on("error", ignore);
    return pool;
  }
}

/** The driver returns a result for each of several statements in one text. */
const rowsOf = <Row extends object>(result: { rows: Row[] } | readonly { rows: Row[] }[]): Row[] =>
  Array.isArray(result) ? result.flatMap(({ rows }) => rows) : "rows" in result ? result.rows : [];

const ignore = (): void => undefined;
