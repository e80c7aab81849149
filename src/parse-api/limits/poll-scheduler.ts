import { Alarm } from "../../internal/async/alarm.js";
import { abortError, type Clock, throwIfAborted } from "../../internal/async/clock.js";
import type { JobStatus } from "../job-status.js";
import type { ActiveJobs, JobSize } from "./active-jobs.js";
import type { Permit } from "./call-window.js";
import { DurationModel } from "./duration-model.js";
import type { RateLimiter } from "./rate-limiter.js";

/** A job that is waited for, as the choice sees it. Times are milliseconds of the clock. */
export interface WaitingJob extends JobSize {
  readonly jobId: string;
  /** When the service had the document; of a job that was not submitted here, what its status says. */
  bornAt: number;
  /** Whether anything is known of its age. */
  ageKnown: boolean;
  /** When it was last known not to have ended. */
  unendedAt: number;
  /** When it was last asked for, else when the wait began. */
  askedAt: number;
}

/** Says how much it is worth to ask for a job now. */
export type Priority = (job: WaitingJob, now: number) => number;

/** Priority of the first check of a job of unknown age: it may well have ended. */
const UNKNOWN_AGE = 0.5;
/** A job that is due and was passed over for so many rounds goes first. */
const MOST_ROUNDS = 6;

interface Request {
  dueAt: number;
  deadline: number;
  grant(permit: Permit): void;
  fail(reason: unknown): void;
}

/** The wait for one job. */
export interface PollTicket {
  /**
   * Resolves when the job may be asked for.
   *
   * @param dueAt not before this time
   * @param deadline when a check becomes urgent
   * @throws UnsiloedError `ABORTED`; what the rate budget throws when it cannot be asked
   */
  turn(dueAt: number, deadline: number, signal?: AbortSignal): Promise<Permit>;
  /** The job was in this state when it was asked for at that time. */
  saw(status: JobStatus, askedAt: number): void;
  /** The wait is over. */
  leave(): void;
}

/**
 * Decides which of the waiting jobs to ask for, whenever the budget has room for a poll.
 *
 * **Who.** Of the jobs that are due, the one with the greatest probability of having ended, given that it had not when
 * it was last seen: `p = 1 - S(t) / S(l)`, where `S` is the survival function of its size, `t` its age now and `l` its
 * age then. A job that has ended and is not detected adds one second of delay per second, so `p` is the rate at which
 * expected delay grows and is stopped by asking: the greedy rule for the sum of delays (the myopic index of restless
 * bandits, Whittle, J. Appl. Probab. 25A, 1988; in simulation, indices that look further did no better on the whole).
 * `S` is learnt from the checks themselves, see {@link DurationModel}. When sizes are unknown and all jobs are equally
 * old, there is nothing to choose by, and this is round-robin.
 *
 * **When.** A job is due when its interval (`pollIntervalMs`, growing) has passed, or the pause after a failed check.
 * With few jobs and budget to spare each is asked when it is due; the choice matters only when more are due than may
 * be asked.
 *
 * **Bound.** A round is the time in which every waiting job could be asked once: jobs × `windowMs / limit`, or three
 * times that while submissions and fetches take their share. A due job that was not asked for six rounds goes before
 * all others, longest first, and so does the last check of a job whose time is up. As there can be no more than one
 * round of those, no job waits more than seven rounds beyond its interval, however long jobs take. (Three rounds
 * in place of six cost a tenth to a third more mean delay in simulation.)
 */
export class PollScheduler {
  readonly #rate: RateLimiter;
  readonly #jobs: ActiveJobs;
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #durations = new DurationModel();
  readonly #priority: Priority;
  readonly #requests = new Map<WaitingJob, Request>();
  /** Everyone who waits for a job, whether due, not due or being asked for. */
  #waiting = 0;
  /** The poll that is asked of the budget, for the job of the highest priority when it is granted. */
  #asking: { kind: "status" | "poll"; controller: AbortController } | undefined;

  /** @param priority what is asked for first; by default the probability that the job has ended */
  constructor(rate: RateLimiter, jobs: ActiveJobs, clock: Clock, priority?: Priority) {
    this.#rate = rate;
    this.#jobs = jobs;
    this.#clock = clock;
    this.#alarm = new Alarm(clock);
    this.#priority =
      priority ??
      ((job, now) =>
        job.ageKnown
          ? this.#durations.ended(job.unendedAt - job.bornAt, now - job.bornAt, job)
          : UNKNOWN_AGE);
  }

  /** Begins the wait for a job. */
  enter(jobId: string): PollTicket {
    const now = this.#clock.now();
    const known = this.#jobs.watch(jobId);
    const bornAt = known?.submittedAt ?? now;
    const job: WaitingJob = {
      jobId,
      pages: known?.pages,
      bytes: known?.bytes,
      bornAt,
      ageKnown: known !== undefined,
      unendedAt: bornAt,
      askedAt: now,
    };
    this.#waiting++;
    return {
      turn: (dueAt, deadline, signal) => this.#turn(job, dueAt, deadline, signal),
      saw: (status, askedAt) => this.#saw(job, status, askedAt),
      leave: () => {
        this.#waiting--;
        this.#jobs.ended(jobId);
      },
    };
  }

  #turn(job: WaitingJob, dueAt: number, deadline: number, signal: AbortSignal | undefined): Promise<Permit> {
    throwIfAborted(signal);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#requests.delete(job);
        if (signal) reject(abortError(signal));
        this.#pump();
      };
      signal?.addEventListener("abort", leave, { once: true });
      const grant = (permit: Permit) => {
        signal?.removeEventListener("abort", leave);
        this.#requests.delete(job);
        job.askedAt = this.#clock.now();
        resolve(permit);
      };
      const fail = (reason: unknown) => {
        signal?.removeEventListener("abort", leave);
        this.#requests.delete(job);
        reject(reason);
      };
      this.#requests.set(job, { dueAt, deadline, grant, fail });
      this.#pump();
    });
  }

  #saw(job: WaitingJob, status: JobStatus, askedAt: number): void {
    if (job.ageKnown)
      this.#durations.learn(job.unendedAt - job.bornAt, askedAt - job.bornAt, job, status.final);
    else {
      // The clock of the service may be ahead of ours.
      const created = Date.parse(status.createdAt ?? "");
      if (created < askedAt) job.bornAt = created;
      job.ageKnown = true;
    }
    // What only the end told of a job's size was not known while it was asked for, and is not learnt from.
    if (!status.final) job.pages = status.pageCount ?? job.pages ?? status.creditsUsed;
    job.unendedAt = askedAt;
  }

  #pump(): void {
    const now = this.#clock.now();
    let earliest = Number.POSITIVE_INFINITY;
    let kind: "status" | "poll" = "poll";
    for (const [{ ageKnown }, { dueAt }] of this.#requests) {
      earliest = Math.min(earliest, dueAt);
      if (!ageKnown && dueAt <= now) kind = "status";
    }
    if (earliest > now || this.#asking?.kind !== kind) {
      this.#asking?.controller.abort();
      this.#asking = undefined;
    }
    if (earliest > now) {
      this.#alarm.set(earliest, () => this.#pump());
      return;
    }
    this.#alarm.clear();
    if (!this.#asking) void this.#ask(kind);
  }

  async #ask(kind: "status" | "poll"): Promise<void> {
    const asking = { kind, controller: new AbortController() };
    this.#asking = asking;
    try {
      const permit = await this.#rate.acquire(kind, asking.controller.signal);
      const request = this.#choose(this.#clock.now());
      if (request) request.grant(permit);
      else permit.unused();
    } catch (thrown) {
      // Else nobody was due any longer, or the budget is asked for another kind.
      if (!asking.controller.signal.aborted)
        for (const { fail } of [...this.#requests.values()]) fail(thrown);
    }
    if (this.#asking === asking) this.#asking = undefined;
    this.#pump();
  }

  /** Returns the request of the job with the highest priority. */
  #choose(now: number): Request | undefined {
    const overdueAfterMs = MOST_ROUNDS * this.#waiting * this.#rate.paceMs;
    let chosen: { request: Request; overdueMs: number; priority: number; askedAt: number } | undefined;
    for (const [job, request] of this.#requests) {
      if (request.dueAt > now) continue;
      const urgentAt = Math.min(request.dueAt + overdueAfterMs, Math.max(request.deadline, request.dueAt));
      const overdueMs = Math.max(0, now - urgentAt + 1);
      const priority = overdueMs > 0 ? 0 : this.#priority(job, now);
      const { askedAt } = job;
      if (
        !chosen ||
        (overdueMs - chosen.overdueMs || priority - chosen.priority || chosen.askedAt - askedAt) > 0
      )
        chosen = { request, overdueMs, priority, askedAt };
    }
    return chosen?.request;
  }
}
