import { z } from "zod";
import { messageOf, UnsiloedError } from "../../errors.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { PostgresDatabase, type Query, type Values } from "../../internal/postgres/database.js";
import { assertMigrated } from "../../internal/postgres/migrations.js";
import { clockSchema } from "../../internal/schemas.js";
import { BUDGET_TABLES } from "./tables.js";

/** Options of all that machines share of an API key. */
export interface SharedKeyOptions {
  /** Which budget it is. Processes with the same name share it; use a hash, not the API key. */
  keyId: string;
  /** Time, as tests may set it. @default the system's clock, and that of the database for what machines share */
  clock?: Clock | undefined;
}

/** Options of what a process has until it gives it back, or ends. */
export interface LeasedKeyOptions extends SharedKeyOptions {
  /** How long what a process has stays taken after the process has ended, in milliseconds. @default 60000 */
  leaseMs?: number | undefined;
}

/** Checks {@link SharedKeyOptions}. */
export const sharedKeySchema = z.strictObject({
  keyId: z.string().min(1),
  clock: clockSchema.unwrap().optional(),
});

/** Checks {@link LeasedKeyOptions} and fills in their defaults. */
export const leasedKeySchema = sharedKeySchema.extend({
  leaseMs: z.number().int().min(1000).max(86_400_000).default(60_000),
});

/** The rows of one API key in the tables of a budget. */
export class SharedKey {
  readonly keyId: string;
  readonly clock: Clock;
  readonly #database: PostgresDatabase;
  readonly #isShared: boolean;
  readonly #hasOwnTime: boolean;
  #checked: Promise<void> | undefined;
  /** What is being written without anybody waiting for it. */
  readonly #writes = new Set<Promise<unknown>>();

  constructor(address: string | PostgresDatabase, { keyId, clock }: SharedKeyOptions) {
    this.keyId = keyId;
    this.clock = clock ?? systemClock;
    this.#hasOwnTime = clock !== undefined;
    this.#isShared = typeof address !== "string";
    this.#database =
      typeof address === "string" ? new PostgresDatabase(address, { connections: 4 }) : address;
  }

  /** The time for statements: `null` for the clock of the database, which all machines share. */
  get now(): number | null {
    return this.#hasOwnTime ? this.clock.now() : null;
  }

  /**
   * Runs statements in one transaction, after what was being written, so that they see it.
   *
   * @throws UnsiloedError `MISSING_PACKAGE`, `LEDGER_VERSION`, `LEDGER_FAILED`, all before anything is sent to the service
   */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#before(() => this.#database.transaction(work));
  }

  /** Runs one statement, which can be run twice, after what was being written. @throws UnsiloedError as `transaction` */
  query<Row extends object>(text: string, values: Values): Promise<Row[]> {
    return this.#before(() => this.#database.query<Row>(text, values));
  }

  /**
   * Writes what nobody waits for; it is forgotten where that fails.
   *
   * @param after what has to be written before
   * @returns a promise that never rejects
   */
  write(
    work: (query: Query) => Promise<unknown>,
    after: Promise<unknown> | undefined = undefined,
  ): Promise<unknown> {
    const begun = after
      ? after.then(() => this.#database.transaction(work))
      : this.#database.transaction(work);
    const writing: Promise<unknown> = begun
      .catch(() => undefined)
      .finally(() => this.#writes.delete(writing));
    this.#writes.add(writing);
    return writing;
  }

  /** Waits for what is being written, and closes connections that are not shared. Closing again does nothing. */
  async close(): Promise<void> {
    await Promise.all(this.#writes);
    if (!this.#isShared) await this.#database.close();
  }

  async #before<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.#check();
      await Promise.all(this.#writes);
      return await work();
    } catch (thrown) {
      throw unreachable(thrown);
    }
  }

  async #check(): Promise<void> {
    this.#checked ??= assertMigrated(this.#database, BUDGET_TABLES).catch((thrown: unknown) => {
      // The database may be there, or have its tables, when it is asked again.
      this.#checked = undefined;
      throw thrown;
    });
    await this.#checked;
  }
}

const unreachable = (thrown: unknown): unknown =>
  thrown instanceof UnsiloedError && thrown.code === "LEDGER_FAILED"
    ? new UnsiloedError(
        "LEDGER_FAILED",
        `nothing was sent, since what machines share cannot be counted: ${messageOf(thrown)}`,
        { cause: thrown, retryable: thrown.retryable },
      )
    : thrown;
