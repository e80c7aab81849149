import { randomUUID } from "node:crypto";
import { messageOf, UnsiloedError } from "../../errors.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { PostgresDatabase, type Query } from "../../internal/postgres/database.js";
import { assertMigrated, type Migrated, migrate } from "../../internal/postgres/migrations.js";
import type { CallWindow, Permit, RequestKind, Taken } from "../../parse-api/limits/call-window.js";
import {
  configureRate,
  countCall,
  DEFAULT_PAUSE_MS,
  DEFAULT_RATE,
  learnRefusal,
  newRate,
  nextCallAt,
  paceOf,
  pauseUntil,
  type Rate,
} from "../../parse-api/limits/rate.js";
import {
  addCall,
  type Call,
  lockRate,
  type Places,
  readPlaces,
  removeCall,
  saveRate,
  settleCall,
} from "./places.js";
import { BUDGET_TABLES } from "./tables.js";

/**
 * The longest time from a grant to an answer, by the limits of the client: a minute for a status, ten for a result or a
 * file that is sent slowly, and one more for a process that was held up. It only matters for a process that ended: nobody
 * hears of the answer, and the service may have counted the call as late as that.
 */
const LONGEST_CALL_MS: Readonly<Record<RequestKind, number>> = {
  fetch: 11 * 60_000,
  submit: 11 * 60_000,
  status: 2 * 60_000,
  poll: 2 * 60_000,
};
/** What part of a window may be made up for at once, when calls went later than their pace because nobody asked in time. */
const LATE_SHARE = 0.1;
/** The least time until the database is asked again: timers may be early. */
const LEAST_WAIT_MS = 2;

/** Options of {@link PostgresCallWindow}. */
export interface PostgresCallWindowOptions {
  /** Which budget it is. Processes with the same name share it; use a hash, not the API key. */
  keyId: string;
  /** Time of this process. Times in the database are by its own clock. @default the system's clock */
  clock?: Clock | undefined;
}

/**
 * Keeps the window of calls of one API key in a PostgreSQL database (13 or newer), for all processes that use the key.
 *
 * A call is one short transaction that locks the row of the key, so that no two processes see the same place as free.
 * It takes its place before it is sent and gives it back one window after the answer, by the clock of the database. A
 * process that waits asks again at the time that it was told, those with fewer places first. What refusals show and how
 * long they pause is kept in the row, so that it holds for all processes and outlives them. The latest configured limit
 * holds for all.
 *
 * @throws UnsiloedError `INVALID_OPTION` for an address that is none; from `take`: `MISSING_PACKAGE`, `LEDGER_VERSION`
 *   when the tables do not exist, `LEDGER_FAILED` when the database was not there for half a minute
 * @example
 * ```ts
 * const window = new PostgresCallWindow("postgres://ingest@db.example.com/documents", { keyId: "production" });
 * const client = new UnsiloedClient({ budget: new ParseBudget({ window }) });
 * ```
 */
export class PostgresCallWindow implements CallWindow {
  readonly #database: PostgresDatabase;
  readonly #keyId: string;
  readonly #clock: Clock;
  readonly #worker = randomUUID();
  /** The rate as it was last read. */
  #rate = newRate(DEFAULT_RATE.requests, DEFAULT_RATE.windowMs);
  #workers = 1;
  /** The limit to be set before the next call. */
  #configured: { requests: number; windowMs: number } | undefined;
  #checked: Promise<void> | undefined;
  /** The time told to this process; kinds that may use no more at once need not ask before. */
  #told: { kind: RequestKind; notBefore: number } | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** What is being written of calls that are over. */
  readonly #writes = new Set<Promise<unknown>>();

  /** @param address `postgres://user@host:port/database`; the password may be left to `PGPASSWORD` or `~/.pgpass` */
  constructor(address: string, { keyId, clock = systemClock }: PostgresCallWindowOptions) {
    this.#database = new PostgresDatabase(address, { connections: 4 });
    this.#keyId = keyId;
    this.#clock = clock;
  }

  /** Creates the tables, or brings older ones up to date. Any number of processes may do so at once. */
  static async migrate(address: string): Promise<Migrated[]> {
    const database = new PostgresDatabase(address, { connections: 1, answerMs: 0 });
    try {
      return await migrate(database, [BUDGET_TABLES]);
    } finally {
      await database.close();
    }
  }

  get limit(): number {
    return this.#configured?.requests ?? this.#rate.limit;
  }

  /** The pace of all calls, times the processes that share it. */
  get paceMs(): number {
    return paceOf(this.#rate) * this.#workers;
  }

  configure(requests: number, windowMs: number): void {
    this.#configured = { requests, windowMs };
    this.#told = undefined;
  }

  take(kind: RequestKind): Taken | Promise<Taken> {
    const now = this.#clock.now();
    if (this.#pausedUntil > now) return { notBefore: this.#pausedUntil };
    const told = this.#told;
    if (told && told.notBefore > now && (kind === "poll" || told.kind !== "poll"))
      return { notBefore: told.notBefore };
    return this.#take(kind);
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + ms);
    this.#write((query) => this.#change(query, (rate, { now }) => pauseUntil(rate, now + ms)));
  }

  /** Waits for pending statements and closes the connections. Closing again does nothing. */
  async close(): Promise<void> {
    await Promise.all(this.#writes);
    await this.#database.close();
  }

  async #take(kind: RequestKind): Promise<Taken> {
    const call: Call = { id: randomUUID(), keyId: this.#keyId, worker: this.#worker };
    try {
      await this.#check();
      // What this process has learnt of a refusal comes before its next call.
      await Promise.all(this.#writes);
      return await this.#database.transaction((query) => this.#takeIn(query, call, kind));
    } catch (thrown) {
      throw unreachable(thrown);
    }
  }

  async #takeIn(query: Query, call: Call, kind: RequestKind): Promise<Taken> {
    const configured = this.#configured;
    const { requests, windowMs } = configured ?? DEFAULT_RATE;
    const rate = await lockRate(query, this.#keyId, newRate(requests, windowMs));
    const isChanged = configured !== undefined && configureRate(rate, requests, windowMs);
    const places = await readPlaces(query, this.#keyId, this.#worker, call.id);
    const { now } = places;
    const nextAt = nextCallAt(rate, kind, { ...places, freeTimes: freeTimesOf(places, rate) }, now);
    const isFree = places.isGranted || nextAt <= now;
    let number = rate.granted;
    if (isFree && !places.isGranted) {
      number = countCall(rate, now, rate.windowMs * LATE_SHARE);
      await addCall(query, call, LONGEST_CALL_MS[kind] + rate.windowMs);
    }
    if (isFree || isChanged) await saveRate(query, this.#keyId, rate);
    this.#rate = rate;
    this.#workers = Math.max(1, places.workers + (isFree && places.own === 0 ? 1 : 0));
    if (this.#configured === configured) this.#configured = undefined;
    if (isFree) return { permit: this.#permit(call, number) };
    const waitMs = Math.max(nextAt - now + turnMs(places, rate), LEAST_WAIT_MS);
    this.#told = { kind, notBefore: this.#clock.now() + waitMs };
    return { notBefore: this.#told.notBefore };
  }

  #permit(call: Call, number: number): Permit {
    const { windowMs } = this.#rate;
    let inFlight = true;
    const settle = (): boolean => {
      const wasInFlight = inFlight;
      inFlight = false;
      return wasInFlight;
    };
    return {
      answered: () => {
        if (settle()) this.#write(relaxed((query) => settleCall(query, call, windowMs, false)));
      },
      tooFast: (retryAfterMs = DEFAULT_PAUSE_MS) => {
        settle();
        this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + retryAfterMs);
        this.#write((query) =>
          this.#change(
            query,
            (rate, { now, accepted }) => {
              learnRefusal(rate, number, accepted, now);
              pauseUntil(rate, now + retryAfterMs);
            },
            () => settleCall(query, call, windowMs, true),
          ),
        );
      },
      unused: () => {
        if (!settle()) return;
        this.#told = undefined;
        this.#write(relaxed((query) => removeCall(query, call)));
      },
    };
  }

  /** Changes the rate of all processes. */
  async #change(
    query: Query,
    change: (rate: Rate, places: Places) => void,
    before?: () => Promise<unknown>,
  ): Promise<void> {
    const rate = await lockRate(query, this.#keyId, this.#rate);
    await before?.();
    change(rate, await readPlaces(query, this.#keyId, this.#worker, this.#worker));
    await saveRate(query, this.#keyId, rate);
    this.#rate = rate;
  }

  /**
   * Writes what nobody waits for. Where it fails, the place stays taken for as long as that of a process that ended, and
   * what a refusal showed is forgotten; this process still pauses.
   */
  #write(work: (query: Query) => Promise<unknown>): void {
    const writing: Promise<unknown> = this.#database
      .transaction(work)
      .catch(() => undefined)
      .finally(() => this.#writes.delete(writing));
    this.#writes.add(writing);
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

/** A crash of the server may forget what is written so. For an answer that only keeps the place longer; grants are kept. */
const relaxed =
  <T>(work: (query: Query) => Promise<T>) =>
  async (query: Query): Promise<T> => {
    await query("set local synchronous_commit = off");
    return work(query);
  };

/** A place of a call on its way is free one window from now at the earliest, when it is answered at once. */
const freeTimesOf = ({ now, used, freeTimes }: Places, { windowMs }: Rate): number[] => [
  ...freeTimes,
  ...Array.from({ length: Math.max(0, used - freeTimes.length) }, () => now + windowMs),
];

/** How much later than the others a process asks: the fewer places it has, the sooner. */
const turnMs = ({ own, used }: Places, rate: Rate): number =>
  own === used ? 0 : ((own / used) * paceOf(rate)) / 2;

const unreachable = (thrown: unknown): unknown =>
  thrown instanceof UnsiloedError && thrown.code === "LEDGER_FAILED"
    ? new UnsiloedError(
        "LEDGER_FAILED",
        `nothing was sent, since the calls that machines share cannot be counted: ${messageOf(thrown)}`,
        { cause: thrown, retryable: thrown.retryable },
      )
    : thrown;
