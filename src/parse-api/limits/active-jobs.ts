import { Alarm } from "../../internal/async/alarm.js";
import type { Clock } from "../../internal/async/clock.js";
import { FifoQueue } from "../../internal/async/fifo-queue.js";

/** A job that nobody waits for counts as active for so long: as long as a job is waited for by default. */
const UNWATCHED_MS = 15 * 60_000;
/** How long after "full", and after each further step, one job more is tried. */
const RAISE_AFTER_MS = 60_000;

/** What is known of a job's size. */
export interface JobSize {
  /** Pages; the answer to `POST /parse` gives them as `credit_used`. */
  pages?: number | null | undefined;
  /** Bytes of the file. */
  bytes?: number | undefined;
}

export interface SubmittedJob extends JobSize {
  /** When the service had the document, in milliseconds of the clock. */
  submittedAt: number;
}

/** Room for one job that is being submitted. */
export interface JobPermit {
  /** The submission was accepted; `ActiveJobs.submitted` names its job. */
  accepted(): void;
  /** The submission failed. */
  free(): void;
}

interface Entry extends SubmittedJob {
  watchers: number;
  /** Whether the service has accepted it, so that a name may come. */
  accepted: boolean;
}

/**
 * The jobs under way for one API key, and how many there may be.
 *
 * A job counts from its submission until a poll has seen its end or the wait for it was given up; one that
 * nobody waits for, for 15 minutes. Submissions wait while the limit is reached, in the order they came. There is no
 * limit until the option sets one or the service refuses a job: 503 with `Retry-After` on a submission means "full", so
 * the jobs under way at that moment are the limit, no submission is sent for that time, and from a minute after it
 * one job more is tried each minute. A refused attempt costs no credits.
 */
export class ActiveJobs {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #line = new FifoQueue<JobPermit>(() => this.#pump());
  /** By job id; a symbol stands for a submission whose job has no name yet. */
  readonly #entries = new Map<string | symbol, Entry>();
  #most: number;
  #limit: number;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #raiseAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, maxActiveJobs: number = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock);
    this.#most = maxActiveJobs;
    this.#limit = maxActiveJobs;
  }

  /** Jobs under way, those that are being submitted included. */
  get count(): number {
    return this.#entries.size;
  }

  /** The most there may be at present. */
  get limit(): number {
    return this.#limit;
  }

  configure(maxActiveJobs: number): void {
    if (maxActiveJobs === this.#most) return;
    this.#most = maxActiveJobs;
    this.#limit = maxActiveJobs;
    this.#raiseAt = Number.POSITIVE_INFINITY;
    this.#pump();
  }

  /** Resolves when a job may be submitted. @throws UnsiloedError `ABORTED` */
  async reserve(signal?: AbortSignal): Promise<JobPermit> {
    return this.#line.wait(signal);
  }

  /** The service is full. @param retryAfterMs how long it asked to wait */
  full(retryAfterMs: number): void {
    const now = this.#clock.now();
    const named = [...this.#entries.keys()].filter((key) => typeof key === "string").length;
    this.#limit = Math.min(this.#limit, Math.max(1, named));
    this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs);
    this.#raiseAt = this.#pausedUntil + RAISE_AFTER_MS;
    this.#pump();
  }

  /** A submission was accepted, or its upload is complete: the job has a name and takes the place of one without. */
  submitted(jobId: string, size: JobSize): void {
    const known = this.#entries.get(jobId);
    if (!known) {
      const unnamed = [...this.#entries].find(([key, { accepted }]) => typeof key === "symbol" && accepted);
      if (unnamed) this.#entries.delete(unnamed[0]);
    }
    const watchers = known?.watchers ?? 0;
    this.#entries.set(jobId, { ...size, submittedAt: this.#clock.now(), watchers, accepted: true });
  }

  /** Somebody waits for the job. @returns what is known of it, if it was submitted here */
  watch(jobId: string): SubmittedJob | undefined {
    const entry = this.#entries.get(jobId);
    if (entry) entry.watchers++;
    return entry;
  }

  /** The job has ended or was given up. */
  ended(jobId: string): void {
    if (this.#entries.delete(jobId)) this.#pump();
  }

  #pump(): void {
    for (;;) {
      const now = this.#clock.now();
      // Without a time nobody waits, or the end of a job pumps again.
      const wakeAt = this.#line.length > 0 ? this.#wakeAt(now) : Number.POSITIVE_INFINITY;
      if (wakeAt > now) {
        this.#alarm.set(wakeAt, () => this.#pump());
        return;
      }
      const name = Symbol("submission");
      const entry: Entry = { submittedAt: now, watchers: 0, accepted: false };
      this.#entries.set(name, entry);
      this.#line.grantFirst({
        accepted: () => {
          entry.accepted = true;
        },
        free: () => {
          if (this.#entries.delete(name)) this.#pump();
        },
      });
    }
  }

  /** When there is room, at the latest: it comes sooner when a job ends. */
  #wakeAt(now: number): number {
    if (now >= this.#raiseAt) {
      this.#limit = Math.min(this.#most, this.#limit + 1);
      this.#raiseAt = this.#limit === this.#most ? Number.POSITIVE_INFINITY : now + RAISE_AFTER_MS;
    }
    let forgottenAt = Number.POSITIVE_INFINITY;
    for (const [key, { submittedAt, watchers }] of this.#entries) {
      if (watchers > 0) continue;
      if (submittedAt + UNWATCHED_MS <= now) this.#entries.delete(key);
      else forgottenAt = Math.min(forgottenAt, submittedAt + UNWATCHED_MS);
    }
    const room = this.#entries.size < this.#limit ? now : Math.min(forgottenAt, this.#raiseAt);
    return Math.max(room, this.#pausedUntil);
  }
}
