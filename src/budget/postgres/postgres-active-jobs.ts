import { randomUUID } from "node:crypto";
import { backgroundClock } from "../../internal/async/clock.js";
import { parseOptions } from "../../internal/options.js";
import type { PostgresDatabase, Query } from "../../internal/postgres/database.js";
import { keyOf } from "../../internal/postgres/keys.js";
import { milliseconds, timeOf } from "../../internal/postgres/time.js";
import { UNWATCHED_MS } from "../../parse-api/limits/active-jobs.js";
import {
  configureJobLimit,
  type JobLimit,
  learnFull,
  newJobLimit,
  roomAt,
} from "../../parse-api/limits/job-limit.js";
import type { SharedJobs, TakenJob } from "../../parse-api/limits/shared-jobs.js";
import { Leases } from "./leases.js";
import { type LeasedKeyOptions, leasedKeySchema, SharedKey } from "./shared-key.js";
import { JOB_LIMITS, JOBS } from "./tables.js";

/** How long to wait before jobs of other processes are counted again: nobody says that one has ended. */
const LOOK_MS = 1_000;

/** Options of {@link PostgresActiveJobs}. */
export interface PostgresActiveJobsOptions extends LeasedKeyOptions {}

/**
 * Counts the jobs under way of one API key in a PostgreSQL database (13 or newer), for all processes that use the key.
 *
 * A job counts from its submission until a process has seen its end. What a process has is renewed while it runs, and is
 * free again one lease after it has ended; the process that waits for one of its jobs next counts it again. The latest
 * configured limit holds for all, and so does what the service shows by refusing a job.
 *
 * @throws UnsiloedError `INVALID_OPTION` for a wrong option or an address that is none; from `take`: `MISSING_PACKAGE`,
 *   `LEDGER_VERSION` when the tables do not exist, `LEDGER_FAILED` when the database was not there for half a minute
 * @example
 * ```ts
 * const jobs = new PostgresActiveJobs("postgres://ingest@db.example.com/documents", { keyId: "production" });
 * const client = new UnsiloedClient({ budget: new ParseBudget({ jobs, maxActiveJobs: 100 }) });
 * ```
 */
export class PostgresActiveJobs implements SharedJobs {
  readonly #key: SharedKey;
  readonly #leaseMs: number;
  readonly #leases: Leases;
  /** What was written last: a job that has ended must not be written after its end. */
  #written: Promise<unknown> | undefined;
  /** The limit as it was last read; `undefined` while none was ever set. */
  #limit: JobLimit | undefined;
  /** The limit to be set before the next submission. */
  #configured: number | undefined;

  /**
   * @param address `postgres://user@host:port/database`; the password may be left to `PGPASSWORD` or `~/.pgpass`. A
   *   database that is open already is shared, and stays open when this is closed.
   */
  constructor(address: string | PostgresDatabase, options: PostgresActiveJobsOptions) {
    const { leaseMs, ...shared } = parseOptions(leasedKeySchema, options, "PostgresActiveJobs");
    this.#key = new SharedKey(address, shared);
    this.#leaseMs = leaseMs;
    // A program that has nothing else to do ends, and its places one lease later.
    this.#leases = new Leases(options.clock ?? backgroundClock, leaseMs, (ids) => this.#renew(ids));
  }

  get limit(): number {
    return this.#configured ?? this.#limit?.limit ?? Number.POSITIVE_INFINITY;
  }

  configure(maxActiveJobs: number): void {
    this.#configured = maxActiveJobs;
  }

  async take(): Promise<TakenJob> {
    const place = randomUUID();
    const taken = (await this.#takeFreely(place)) ?? (await this.#takeOne(place));
    if ("place" in taken) this.#leases.add(place, UNWATCHED_MS);
    return taken;
  }

  named(place: string, jobId: string): void {
    const id = keyOf(jobId);
    this.#leases.delete(place);
    this.#leases.add(id, UNWATCHED_MS);
    this.#write(async (query) => {
      await this.#delete(query, place);
      await this.#upsert(query, [id], true);
    });
  }

  watched(jobId: string): void {
    const id = keyOf(jobId);
    const isKnown = this.#leases.has(id);
    this.#leases.add(id);
    if (!isKnown) this.#renew([id]);
  }

  ended(jobOrPlace: string): void {
    const id = keyOf(jobOrPlace);
    if (!this.#leases.has(id)) return;
    this.#leases.delete(id);
    this.#write((query) => this.#delete(query, id));
  }

  full(retryAfterMs: number): void {
    this.#write(async (query) => {
      const limit = await this.#lock(query);
      const { now, named } = await this.#count(query);
      learnFull(limit, named, retryAfterMs, now);
      await this.#save(query, limit);
    });
  }

  /** Waits for pending statements, renews nothing any more, and closes its connections. Closing again does nothing. */
  async close(): Promise<void> {
    this.#leases.clear();
    await this.#key.close();
  }

  /** Takes a place where no limit was ever set, which needs no lock. */
  async #takeFreely(place: string): Promise<TakenJob | undefined> {
    if (this.#configured !== undefined || this.#limit) return undefined;
    const { keyId, now } = this.#key;
    const added = await this.#key.query(
      `insert into ${JOBS} (key_id, id, named, expires_at)
       select $1, $2, false, ${timeOf("$3")} + ${milliseconds("$4")}
       where not exists (select from ${JOB_LIMITS} where key_id = $1)
       on conflict (key_id, id) do update set expires_at = excluded.expires_at
       returning 1`,
      [keyId, place, now, this.#leaseMs],
    );
    return added.length > 0 ? { place } : undefined;
  }

  #takeOne(place: string): Promise<TakenJob> {
    return this.#key.transaction(async (query) => {
      const configured = this.#configured;
      const limit = await this.#lock(query);
      const before = JSON.stringify(limit);
      if (configured !== undefined) configureJobLimit(limit, configured);
      const { now, used } = await this.#count(query);
      const freeAt = roomAt(limit, used, now);
      if (freeAt <= now) await this.#upsert(query, [place], false);
      if (JSON.stringify(limit) !== before) await this.#save(query, limit);
      this.#limit = limit;
      if (this.#configured === configured) this.#configured = undefined;
      if (freeAt <= now) return { place };
      return { notBefore: this.#key.clock.now() + Math.min(freeAt - now, LOOK_MS) };
    });
  }

  /** Locks the limit of the key for the transaction, and creates it when there is none. */
  async #lock(query: Query): Promise<JobLimit> {
    const { keyId } = this.#key;
    await query(`insert into ${JOB_LIMITS} (key_id, job_limit) values ($1, $2) on conflict do nothing`, [
      keyId,
      JSON.stringify(newJobLimit(null)),
    ]);
    const [row] = await query<{ job_limit: JobLimit }>(
      `select job_limit from ${JOB_LIMITS} where key_id = $1 for update`,
      [keyId],
    );
    return row?.job_limit ?? newJobLimit(null);
  }

  #save(query: Query, limit: JobLimit): Promise<object[]> {
    return query(`update ${JOB_LIMITS} set job_limit = $2 where key_id = $1`, [
      this.#key.keyId,
      JSON.stringify(limit),
    ]);
  }

  /** Counts the jobs of all processes, and forgets those of processes that have ended. */
  async #count(query: Query): Promise<{ now: number; used: number; named: number }> {
    const { keyId, now } = this.#key;
    await query(`delete from ${JOBS} where key_id = $1 and expires_at <= ${timeOf("$2")}`, [keyId, now]);
    const [row] = await query<{ now: number; used: number; named: number }>(
      `select extract(epoch from ${timeOf("$2")})::float8 * 1000 as now, count(*)::int as used,
         (count(*) filter (where named))::int as named
       from ${JOBS} where key_id = $1`,
      [keyId, now],
    );
    return row ?? { now: this.#key.clock.now(), used: 0, named: 0 };
  }

  #renew(ids: readonly string[]): void {
    this.#write((query) => this.#upsert(query, ids, true));
  }

  #write(work: (query: Query) => Promise<unknown>): void {
    this.#written = this.#key.write(work, this.#written);
  }

  #upsert(query: Query, ids: readonly string[], named: boolean): Promise<object[]> {
    const { keyId, now } = this.#key;
    return query(
      `insert into ${JOBS} (key_id, id, named, expires_at)
       select $1, id, $5, ${timeOf("$3")} + ${milliseconds("$4")} from unnest($2::text[]) as id
       on conflict (key_id, id) do update set expires_at = excluded.expires_at`,
      [keyId, [...ids].sort(), now, this.#leaseMs, named],
    );
  }

  #delete(query: Query, id: string): Promise<object[]> {
    return query(`delete from ${JOBS} where key_id = $1 and id = $2`, [this.#key.keyId, id]);
  }
}
