import { randomUUID } from "node:crypto";
import { parseOptions } from "../../internal/options.js";
import { PostgresDatabase, type Query } from "../../internal/postgres/database.js";
import { type Migrated, migrate } from "../../internal/postgres/migrations.js";
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
import { SharedKey, type SharedKeyOptions, sharedKeySchema } from "./shared-key.js";
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
export interface PostgresCallWindowOptions extends SharedKeyOptions {}

/**
 * Keeps the window of calls of one API key in a PostgreSQL database (13 or newer), for all processes that use the key.
 *
 * A call is one short transaction that locks the row of the key, so that no two processes see the same place as free.
 * It takes its place before it is sent and gives it back one window after the answer, by the clock of the database. A
 * process that waits asks again at the time that it was told, those with fewer places first. What refusals show and how
 * long they pause is kept in the row, so that it holds for all processes and outlives them. The latest configured limit
 * holds for all.
 *
 * @throws UnsiloedError `INVALID_OPTION` for a wrong option or an address that is none; from `take`: `MISSING_PACKAGE`, `LEDGER_VERSION`
 *   when the tables do not exist, `LEDGER_FAILED` when the database was not there for half a minute
 * @example
 * ```ts
 * const window = new PostgresCallWindow("postgres://ingest@db.example.com/documents", { keyId: "production" });
 * const client = new UnsiloedClient({ budget: new ParseBudget({ window }) });
 * ```
 */
export class PostgresCallWindow implements CallWindow {
  readonly #key: SharedKey;
  readonly #worker = randomUUID();
  /** The rate as it was last read. */
  #rate = newRate(DEFAULT_RATE.requests, DEFAULT_RATE.windowMs);
  #workers = 1;
  /** The limit to be set before the next call. */
  #configured: { requests: number; windowMs: number } | undefined;
  /** The time told to this process; kinds that may use no more at once need not ask before. */
  #told: { kind: RequestKind; notBefore: number } | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  /**
   * @param address `postgres://user@host:port/database`; the password may be left to `PGPASSWORD` or `~/.pgpass`. A
   *   database that is open already is shared, and stays open when the window is closed.
   */
  constructor(address: string | PostgresDatabase, options: PostgresCallWindowOptions) {
    this.#key = new SharedKey(address, parseOptions(sharedKeySchema, options, "PostgresCallWindow"));
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
    const now = this.#key.clock.now();
    if (this.#pausedUntil > now) return { notBefore: this.#pausedUntil };
    const told = this.#told;
    if (told && told.notBefore > now && (kind === "poll" || told.kind !== "poll"))
      return { notBefore: told.notBefore };
    return this.#take(kind);
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#key.clock.now() + ms);
    this.#key.write((query) => this.#change(query, (rate, { now }) => pauseUntil(rate, now + ms)));
  }

  /** Waits for pending statements and closes its connections. Closing again does nothing. */
  async close(): Promise<void> {
    await this.#key.close();
  }

  #take(kind: RequestKind): Promise<Taken> {
    const call: Call = { id: randomUUID(), keyId: this.#key.keyId, worker: this.#worker };
    return this.#key.transaction((query) => this.#takeIn(query, call, kind));
  }

  async #takeIn(query: Query, call: Call, kind: RequestKind): Promise<Taken> {
    const configured = this.#configured;
    const { requests, windowMs } = configured ?? DEFAULT_RATE;
    const rate = await lockRate(query, this.#key.keyId, newRate(requests, windowMs));
    const isChanged = configured !== undefined && configureRate(rate, requests, windowMs);
    const places = await readPlaces(query, call, this.#key.now, rate.limit);
    const { now } = places;
    const nextAt = nextCallAt(rate, kind, { ...places, freeTimes: freeTimesOf(places, rate) }, now);
    const isFree = places.isGranted || nextAt <= now;
    let number = rate.granted;
    if (isFree && !places.isGranted) {
      number = countCall(rate, now, rate.windowMs * LATE_SHARE);
      await addCall(query, call, LONGEST_CALL_MS[kind] + rate.windowMs, this.#key.now);
    }
    if (isFree || isChanged) await saveRate(query, this.#key.keyId, rate);
    this.#rate = rate;
    this.#workers = Math.max(1, places.workers + (isFree && places.own === 0 ? 1 : 0));
    if (this.#configured === configured) this.#configured = undefined;
    if (isFree) return { permit: this.#permit(call, number) };
    const waitMs = Math.max(nextAt - now + turnMs(places, rate), LEAST_WAIT_MS);
    this.#told = { kind, notBefore: this.#key.clock.now() + waitMs };
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
    const answered = (query: Query, refused: boolean) =>
      settleCall(query, call, { windowMs, refused, now: this.#key.now });
    return {
      answered: () => {
        if (settle()) this.#key.write(relaxed((query) => answered(query, false)));
      },
      tooFast: (retryAfterMs = DEFAULT_PAUSE_MS) => {
        settle();
        this.#pausedUntil = Math.max(this.#pausedUntil, this.#key.clock.now() + retryAfterMs);
        this.#key.write((query) =>
          this.#change(
            query,
            (rate, { now, accepted }) => {
              learnRefusal(rate, number, accepted, now);
              pauseUntil(rate, now + retryAfterMs);
            },
            () => answered(query, true),
          ),
        );
      },
      unused: () => {
        if (!settle()) return;
        this.#told = undefined;
        this.#key.write(relaxed((query) => removeCall(query, call)));
      },
    };
  }

  /** Changes the rate of all processes. */
  async #change(
    query: Query,
    change: (rate: Rate, places: Places) => void,
    before?: () => Promise<unknown>,
  ): Promise<void> {
    const rate = await lockRate(query, this.#key.keyId, this.#rate);
    await before?.();
    const none: Call = { id: this.#worker, keyId: this.#key.keyId, worker: this.#worker };
    change(rate, await readPlaces(query, none, this.#key.now, Number.POSITIVE_INFINITY));
    await saveRate(query, this.#key.keyId, rate);
    this.#rate = rate;
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
const freeTimesOf = ({ now, used, freeTimes }: Places, { windowMs, limit }: Rate): number[] =>
  used < limit
    ? []
    : [...freeTimes, ...Array.from({ length: Math.max(0, used - freeTimes.length) }, () => now + windowMs)];

/** How much later than the others a process asks: the fewer places it has, the sooner. */
const turnMs = ({ own, used }: Places, rate: Rate): number =>
  own === used ? 0 : ((own / used) * paceOf(rate)) / 2;
