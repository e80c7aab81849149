import { randomUUID } from "node:crypto";
import { z } from "zod";
import { admission, type CreditAccount, NO_CREDITS } from "../../ingest/run/credit-account.js";
import type { CreditBudget, CreditHold } from "../../ingest/run/credit-budget.js";
import { backgroundClock, throwIfAborted } from "../../internal/async/clock.js";
import { WeightedSemaphore } from "../../internal/async/weighted-semaphore.js";
import { parseOptions } from "../../internal/options.js";
import type { PostgresDatabase, Query } from "../../internal/postgres/database.js";
import {
  addHold,
  endHold,
  type HoldLease,
  lockCredits,
  markSent,
  readHolds,
  removeHold,
  renewHolds,
} from "./credit-holds.js";
import { Leases } from "./leases.js";
import { type LeasedKeyOptions, leasedKeySchema, SharedKey } from "./shared-key.js";

/** The budget of the documents in the queue of a database. */
export const QUEUE_CREDITS = "queue";

/** How long to wait until it is seen again what submissions of other processes have cost. */
const LOOK_MS = 1_000;

/** Options of {@link PostgresCreditBudget}. */
export interface PostgresCreditBudgetOptions extends Omit<LeasedKeyOptions, "keyId"> {
  /** Credits that all processes may spend together. Each compares with its own limit, so give all of them the same. */
  maxCredits: number;
  /**
   * Which budget it is. Only that of the queue ever counts from zero again: when documents are added to an empty queue.
   * @default "queue"
   */
  keyId?: string | undefined;
}

const optionsSchema = leasedKeySchema.extend({
  keyId: leasedKeySchema.shape.keyId.default(QUEUE_CREDITS),
  maxCredits: z.number().min(0),
});

interface AdmitOptions {
  signal?: AbortSignal | undefined;
}

/**
 * Keeps what several processes submit within one limit, in a PostgreSQL database (13 or newer).
 *
 * A submission takes its part in a transaction that locks the budget, so that no two processes take the same credits.
 * The part is renewed while its process runs. If the process ends, it comes back one lease later, unless the document
 * may have been sent: then its estimate counts.
 *
 * @throws UnsiloedError `INVALID_OPTION` for a wrong option or an address that is none; from calls `MISSING_PACKAGE`,
 *   `LEDGER_VERSION` when the tables do not exist, `LEDGER_FAILED` when the database was not there for half a minute
 * @example
 * ```ts
 * const creditBudget = new PostgresCreditBudget("postgres://ingest@db.example.com/documents", { maxCredits: 500 });
 * await ingest(worker.sources(), { sink, splitter, embeddings, ledger: state.ledger, creditBudget });
 * await creditBudget.close();
 * ```
 */
export class PostgresCreditBudget implements CreditBudget {
  readonly isLimited = true;
  readonly #key: SharedKey;
  readonly #max: number;
  readonly #leaseMs: number;
  readonly #leases: Leases;
  /** One submission asks at a time, as the others would be told the same. */
  readonly #turn = new WeightedSemaphore(1);
  /** Ends the pause of the one that asks. */
  #pause = new AbortController();
  /** What was written last: parts are written in order. */
  #written: Promise<unknown> | undefined;

  /**
   * @param address `postgres://user@host:port/database`; the password may be left to `PGPASSWORD` or `~/.pgpass`. A
   *   database that is open already is shared, and stays open when this is closed.
   */
  constructor(address: string | PostgresDatabase, options: PostgresCreditBudgetOptions) {
    const { maxCredits, leaseMs, ...shared } = parseOptions(optionsSchema, options, "PostgresCreditBudget");
    this.#key = new SharedKey(address, shared);
    this.#max = maxCredits;
    this.#leaseMs = leaseMs;
    this.#leases = new Leases(options.clock ?? backgroundClock, leaseMs, (ids) =>
      this.#write((query) => renewHolds(query, ids, this.#lease)),
    );
  }

  async admit(pages: number | undefined, { signal }: AdmitOptions = {}): Promise<CreditHold> {
    const id = randomUUID();
    await this.#takeInTurn(id, pages, signal);
    return this.#hold(id, pages, signal);
  }

  /** Waits for pending statements, renews nothing any more, and closes its connections. Closing again does nothing. */
  async close(): Promise<void> {
    this.#leases.clear();
    await this.#key.close();
  }

  get #lease(): HoldLease {
    return { now: this.#key.now, leaseMs: this.#leaseMs };
  }

  #takeInTurn(id: string, pages: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    return this.#turn.run(
      async () => {
        for (;;) {
          throwIfAborted(signal);
          this.#pause = new AbortController();
          if (await this.#take(id, pages)) return;
          const ending = AbortSignal.any([this.#pause.signal, ...(signal ? [signal] : [])]);
          await this.#key.clock.delay(LOOK_MS, ending).catch(() => undefined);
        }
      },
      { signal },
    );
  }

  /** Takes a part of the budget if it fits. @returns `false` while the outcome of others tells whether it does */
  #take(id: string, pages: number | undefined): Promise<boolean> {
    const { keyId, now } = this.#key;
    return this.#key.transaction(async (query) => {
      const { since, ...account } = await lockCredits(query, keyId, now);
      // The transaction may have been done before its connection was lost.
      await removeHold(query, id);
      const { open, ended } = await readHolds(query, keyId);
      const counted = ` by all workers since ${since.toISOString()}`;
      const admitted = admission(sumOf(account, ended), open, pages, { max: this.#max, counted });
      if (admitted) await addHold(query, { id, keyId, pages, ...admitted }, this.#lease);
      return admitted !== undefined;
    });
  }

  #hold(id: string, pages: number | undefined, signal: AbortSignal | undefined): CreditHold {
    this.#leases.add(id);
    let hasEnded = false;
    return {
      sending: async () => {
        const isThere = () => this.#key.transaction((query) => markSent(query, id));
        // While this process stood still, the part may have gone to others.
        while (!(await isThere())) await this.#takeInTurn(id, pages, signal);
      },
      spend: (credits) => {
        if (hasEnded && credits === null) return;
        hasEnded = true;
        this.#write((query) => endHold(query, id, credits));
      },
      lose: () => {
        hasEnded = true;
        this.#write((query) => endHold(query, id, null));
      },
      release: () => {
        if (!hasEnded) this.#write((query) => removeHold(query, id));
      },
      close: () => {
        this.#leases.delete(id);
        this.#write((query) => renewHolds(query, [id], { ...this.#lease, leaseMs: 0 }));
      },
    };
  }

  /** Writes what nobody waits for. Where that fails, the part expires, and its estimate counts if it was sent. */
  #write(work: (query: Query) => Promise<unknown>): void {
    this.#written = this.#key.write(work, this.#written).then(() => this.#pause.abort());
  }
}

const sumOf = (one: CreditAccount, other: CreditAccount): CreditAccount => {
  const sum = { ...NO_CREDITS };
  for (const name of Object.keys(sum) as (keyof CreditAccount)[]) sum[name] = one[name] + other[name];
  return sum;
};
