import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import type { Clock } from "../../internal/async/clock.js";
import { sha256 } from "../../internal/hashing.js";
import { parseOptions } from "../../internal/options.js";
import { clockSchema, functionSchema, objectSchema } from "../../internal/schemas.js";
import { ActiveJobs, type JobPermit, type JobSize } from "./active-jobs.js";
import type { CallWindow, Permit, RequestKind } from "./call-window.js";
import { PollScheduler, type Priority } from "./poll-scheduler.js";
import { DEFAULT_RATE } from "./rate.js";
import { RateLimiter } from "./rate-limiter.js";
import type { SharedJobs } from "./shared-jobs.js";

/** Limits of one API key. */
export interface KeyLimits {
  /** Calls of all kinds in any window of time. Refusals lower it, see `RateLimiter`. @default 60 in 60000 ms */
  rateLimit?: RateLimit | undefined;
  /** Jobs that may be under way at once; further submissions wait. @default no limit until the service says "full" */
  maxActiveJobs?: number | undefined;
}

export interface RateLimit {
  /** Calls in a window. @default 60 */
  requests?: number | undefined;
  /** Length of the window, in milliseconds. @default 60000 */
  windowMs?: number | undefined;
}

const limitsShape = {
  rateLimit: z
    .strictObject({
      requests: z.number().int().min(1).default(DEFAULT_RATE.requests),
      windowMs: z.number().min(1).max(2_147_483_647).default(DEFAULT_RATE.windowMs),
    })
    .optional(),
  maxActiveJobs: z.number().int().min(1).optional(),
};

const limitsSchema = z.strictObject(limitsShape);

/** Checks {@link ParseBudgetOptions} and fills in their defaults. */
export const parseBudgetSchema = z.strictObject({
  ...limitsShape,
  clock: clockSchema,
  priority: functionSchema<Priority>().optional(),
  window: objectSchema<CallWindow>(["take", "pause", "configure"], "a CallWindow").optional(),
  jobs: objectSchema<SharedJobs>(["take", "named", "watched", "ended", "full"], "SharedJobs").optional(),
});

/** Options of {@link ParseBudget}. */
export interface ParseBudgetOptions extends KeyLimits {
  /** Tells the time and waits. @default the system's clock */
  clock?: Clock | undefined;
  /** Says which waiting job is asked for first. @default the one that has most probably ended */
  priority?: Priority | undefined;
  /**
   * Says whether one more call may be sent, such as a `PostgresCallWindow` for several machines. `rateLimit` is set on it,
   * if it is given. @default a window of this process
   */
  window?: CallWindow | undefined;
  /**
   * Counts jobs under way for several machines, such as `PostgresActiveJobs`. `maxActiveJobs` is set on it, if it is given.
   * @default jobs of this process
   */
  jobs?: SharedJobs | undefined;
}

/** A call that may be sent. */
export interface CallPermit extends Permit {
  /** The service has no room for another job. */
  full(retryAfterMs: number): void;
  /** The call is over. @param ok whether it succeeded */
  close(ok: boolean): void;
}

/**
 * What one API key may do: calls in a window of time, jobs under way, and whose status is asked for next.
 *
 * All clients of one key and host in a process share one of these. Make one yourself to share it otherwise, for
 * instance between two keys of one account.
 *
 * @throws UnsiloedError `INVALID_OPTION`
 * @example
 * ```ts
 * const budget = new ParseBudget({ rateLimit: { requests: 30 }, maxActiveJobs: 100 });
 * const clients = keys.map((apiKey) => new UnsiloedClient({ apiKey, budget }));
 * ```
 */
export class ParseBudget {
  readonly #rate: RateLimiter;
  readonly #jobs: ActiveJobs;
  readonly #polls: PollScheduler;

  constructor(options: ParseBudgetOptions = {}) {
    const { rateLimit, maxActiveJobs, clock, priority, window, jobs } = parseOptions(
      parseBudgetSchema,
      options,
      "ParseBudget",
    );
    this.#rate = new RateLimiter({ ...rateLimit, clock, window });
    if (window && rateLimit) window.configure(rateLimit.requests, rateLimit.windowMs);
    this.#jobs = new ActiveJobs(clock, maxActiveJobs, jobs);
    this.#polls = new PollScheduler(this.#rate, this.#jobs, clock, priority);
  }

  /** What is allowed at present, by option and by what refusals showed, and how many jobs are under way. */
  get state(): { requests: number; maxActiveJobs: number; activeJobs: number } {
    return { requests: this.#rate.limit, maxActiveJobs: this.#jobs.limit, activeJobs: this.#jobs.count };
  }

  /** Schedules the polls of waiting jobs. */
  get polls(): PollScheduler {
    return this.#polls;
  }

  /** Sets new limits; those that are not given stay. */
  configure({ rateLimit, maxActiveJobs }: z.output<typeof limitsSchema>): void {
    if (rateLimit) this.#rate.configure(rateLimit.requests, rateLimit.windowMs);
    if (maxActiveJobs !== undefined) this.#jobs.configure(maxActiveJobs);
  }

  /**
   * Waits until a call may be sent; a submission waits for room for its job first.
   *
   * @throws UnsiloedError `ABORTED`; `LEDGER_FAILED` when a shared window cannot be reached: nothing may be sent then
   */
  async acquire(kind: RequestKind, signal?: AbortSignal): Promise<CallPermit> {
    if (kind !== "submit") return this.callPermit(await this.#rate.acquire(kind, signal));
    const place = await this.#jobs.reserve(signal);
    try {
      return this.callPermit(await this.#rate.acquire(kind, signal), place);
    } catch (thrown) {
      place.free();
      throw thrown;
    }
  }

  /** A permit of the rate budget as the HTTP layer wants it. */
  callPermit(permit: Permit, place?: JobPermit): CallPermit {
    return {
      ...permit,
      full: (retryAfterMs) => this.#jobs.full(retryAfterMs),
      close: (ok) => {
        permit.answered();
        if (ok) place?.accepted();
        else place?.free();
      },
    };
  }

  /** Pauses all calls and leaves the limit as it is. */
  pause(ms?: number): void {
    this.#rate.pause(ms);
  }

  /** The service has a job's document. */
  submitted(jobId: string, size: JobSize): void {
    this.#jobs.submitted(jobId, size);
  }

  /** A job was seen to have ended. */
  ended(jobId: string): void {
    this.#jobs.ended(jobId);
  }
}

/** Names a key at a host without showing it. */
export const keyIdOf = (baseUrl: URL, apiKey: string): string => sha256([baseUrl.host, apiKey]);

/** Budgets by clock and by a hash of key and host, for time is only shared on one clock. */
const shared = new WeakMap<Clock, Map<string, ParseBudget>>();

export const budgetShape = {
  ...limitsShape,
  budget: z.custom<ParseBudget>((value) => value instanceof ParseBudget, "expected a ParseBudget").optional(),
};

interface BudgetOwner extends z.output<typeof limitsSchema> {
  budget?: ParseBudget | undefined;
  apiKey: string;
  baseUrl: URL;
  clock: Clock;
}

/**
 * The budget given, or the one that all clients of the key and host share. Limits that are given hold for all of
 * them, the latest given.
 *
 * @throws UnsiloedError `INVALID_OPTION`
 */
export const budgetOf = (owner: BudgetOwner): ParseBudget => {
  const { budget, apiKey, baseUrl, clock, rateLimit, maxActiveJobs } = owner;
  if (budget) {
    if (rateLimit || maxActiveJobs !== undefined)
      throw new UnsiloedError(
        "INVALID_OPTION",
        "UnsiloedClient: with a budget, rateLimit and maxActiveJobs are options of that budget",
      );
    return budget;
  }
  const budgets = shared.get(clock) ?? new Map<string, ParseBudget>();
  shared.set(clock, budgets);
  const id = keyIdOf(baseUrl, apiKey);
  const known = budgets.get(id);
  known?.configure({ rateLimit, maxActiveJobs });
  const used = known ?? new ParseBudget({ rateLimit, maxActiveJobs, clock });
  budgets.set(id, used);
  return used;
};
