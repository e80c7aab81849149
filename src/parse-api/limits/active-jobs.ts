import { Alarm } from "../../internal/async/alarm.js";
import type { Clock } from "../../internal/async/clock.js";
import { FifoQueue } from "../../internal/async/fifo-queue.js";
import { configureJobLimit, type JobLimit, learnFull, newJobLimit, roomAt } from "./job-limit.js";
import type { SharedJobs } from "./shared-jobs.js";

/** A job that nobody waits for counts as active for so long: as long as a job is waited for by default. */
export const UNWATCHED_MS = 15 * 60_000;

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
  /** Its place among the jobs of all processes, while it has no name. */
  place: string | undefined;
}

/**
 * The jobs under way for one API key, and how many there may be.
 *
 * A job counts from its submission until a poll has seen its end or the wait for it was given up; one that
 * nobody waits for, for 15 minutes. Submissions wait while the limit is reached, in the order they came. There is no
 * limit until the option sets one or the service refuses a job: 503 with `Retry-After` on a submission means "full", so
 * the jobs under way at that moment are the limit, no submission is sent for that time, and from a minute after it
 * one job more is tried each minute. A refused attempt costs no credits.
 *
 * Where machines share the key, {@link SharedJobs} counts the jobs of all of them and keeps the limit.
 */
export class ActiveJobs {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #line = new FifoQueue<JobPermit>(() => this.#pump());
  /** By job id; a symbol stands for a submission whose job has no name yet. */
  readonly #entries = new Map<string | symbol, Entry>();
  readonly #limit: JobLimit;
  readonly #shared: SharedJobs | undefined;
  /** Whether the jobs of all processes are being counted. */
  #isAsking = false;
  /** When they are counted again, if none of this process ends before. */
  #askAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, maxActiveJobs?: number, shared?: SharedJobs) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock);
    this.#shared = shared;
    this.#limit = newJobLimit(shared ? null : (maxActiveJobs ?? null));
    if (maxActiveJobs !== undefined) shared?.configure(maxActiveJobs);
  }

  /** Jobs under way, those that are being submitted included. */
  get count(): number {
    return this.#entries.size;
  }

  /** The most there may be at present. */
  get limit(): number {
    return this.#shared?.limit ?? this.#limit.limit ?? Number.POSITIVE_INFINITY;
  }

  configure(maxActiveJobs: number): void {
    if (this.#shared) this.#shared.configure(maxActiveJobs);
    else if (!configureJobLimit(this.#limit, maxActiveJobs)) return;
    this.#askAt = Number.NEGATIVE_INFINITY;
    this.#pump();
  }

  /** Resolves when a job may be submitted. @throws UnsiloedError `ABORTED`; what {@link SharedJobs} throws */
  async reserve(signal?: AbortSignal): Promise<JobPermit> {
    return this.#line.wait(signal);
  }

  /** The service is full. @param retryAfterMs how long it asked to wait */
  full(retryAfterMs: number): void {
    const named = [...this.#entries.keys()].filter((key) => typeof key === "string").length;
    if (this.#shared) this.#shared.full(retryAfterMs);
    else learnFull(this.#limit, named, retryAfterMs, this.#clock.now());
    this.#pump();
  }

  /** A submission was accepted, or its upload is complete: the job has a name and takes the place of one without. */
  submitted(jobId: string, size: JobSize): void {
    const known = this.#entries.get(jobId);
    if (!known) {
      const unnamed = [...this.#entries].find(([key, { accepted }]) => typeof key === "symbol" && accepted);
      if (unnamed) this.#entries.delete(unnamed[0]);
      const place = unnamed?.[1].place;
      if (place !== undefined) this.#shared?.named(place, jobId);
    }
    const watchers = known?.watchers ?? 0;
    const submittedAt = this.#clock.now();
    this.#entries.set(jobId, { ...size, submittedAt, watchers, accepted: true, place: undefined });
  }

  /** Somebody waits for the job. @returns what is known of it, if it was submitted here */
  watch(jobId: string): SubmittedJob | undefined {
    const entry = this.#entries.get(jobId);
    if (entry) entry.watchers++;
    this.#shared?.watched(jobId);
    return entry;
  }

  /** The job has ended or was given up. */
  ended(jobId: string): void {
    this.#shared?.ended(jobId);
    if (this.#entries.delete(jobId)) this.#retake();
  }

  /** A place of this process is free. */
  #retake(): void {
    this.#askAt = Number.NEGATIVE_INFINITY;
    this.#pump();
  }

  #pump(): void {
    while (!this.#isAsking) {
      const now = this.#clock.now();
      // Without a time nobody waits, or the end of a job pumps again.
      const wakeAt =
        this.#line.length > 0 ? Math.max(this.#wakeAt(now), this.#askAt) : Number.POSITIVE_INFINITY;
      if (wakeAt > now) {
        this.#alarm.set(wakeAt, () => this.#pump());
        return;
      }
      if (this.#shared) void this.#ask(this.#shared);
      else this.#grant(undefined);
    }
  }

  async #ask(shared: SharedJobs): Promise<void> {
    this.#isAsking = true;
    try {
      const taken = await shared.take();
      if ("notBefore" in taken) this.#askAt = taken.notBefore;
      else if (this.#line.length > 0) this.#grant(taken.place);
      else shared.ended(taken.place);
    } catch (thrown) {
      this.#line.rejectAll(thrown);
    }
    this.#isAsking = false;
    this.#pump();
  }

  #grant(place: string | undefined): void {
    const name = Symbol("submission");
    const entry: Entry = { submittedAt: this.#clock.now(), watchers: 0, accepted: false, place };
    this.#entries.set(name, entry);
    this.#line.grantFirst({
      accepted: () => {
        entry.accepted = true;
      },
      free: () => {
        if (!this.#entries.delete(name)) return;
        if (place !== undefined) this.#shared?.ended(place);
        this.#retake();
      },
    });
  }

  /** When there is room, at the latest: it comes sooner when a job ends. */
  #wakeAt(now: number): number {
    let forgottenAt = Number.POSITIVE_INFINITY;
    for (const [key, { submittedAt, watchers }] of this.#entries) {
      if (watchers > 0) continue;
      if (submittedAt + UNWATCHED_MS <= now) this.#entries.delete(key);
      else forgottenAt = Math.min(forgottenAt, submittedAt + UNWATCHED_MS);
    }
    const room = roomAt(this.#limit, this.#entries.size, now);
    return Math.min(room, Math.max(forgottenAt, this.#limit.pausedUntil));
  }
}
