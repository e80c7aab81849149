import { z } from "zod";
import type { SourceStatus } from "../../documents/source.js";
import { addContext, UnsiloedError } from "../../errors.js";
import type { Clock } from "../../internal/async/clock.js";
import { endedJobs } from "../../internal/measurements.js";
import { isUnreachable } from "../http/network-errors.js";
import type { JobState, JobStatus } from "../job-status.js";
import type { Permit } from "../limits/call-window.js";
import type { PollScheduler } from "../limits/poll-scheduler.js";

const milliseconds = z.number().min(1).max(2_147_483_647);

/** How a job is waited for. */
export interface WaitTiming {
  /**
   * The least time between the first checks, in milliseconds. The service asks for 5 to 10 seconds; checks are rarer
   * when more jobs wait than the budget of the key allows for.
   * @default 5000
   */
  pollIntervalMs?: number | undefined;
  /** What the time between checks grows to, in milliseconds; never less than `pollIntervalMs`. @default 10000 */
  maxPollIntervalMs?: number | undefined;
  /**
   * How long to wait for the job to end, in milliseconds. The job itself continues after that, and the wait fails only
   * when a check made after this time has not found it ended.
   * @default 900000 (15 minutes)
   */
  timeoutMs?: number | undefined;
  /**
   * How long "no such job" is accepted, in milliseconds: the service may hear of a job some seconds after it was made.
   * @default 30000 for a job that this client submitted, 0 for any other
   */
  notFoundGraceMs?: number | undefined;
  /**
   * How long a job may wait for its file where nobody is sending it any more, in milliseconds: the service hears of a
   * file some seconds after it has arrived.
   * @default as long as for a job in any other state
   */
  uploadGraceMs?: number | undefined;
}

export const waitShape = {
  pollIntervalMs: milliseconds.default(5_000),
  maxPollIntervalMs: milliseconds.default(10_000),
  timeoutMs: milliseconds.default(15 * 60_000),
  notFoundGraceMs: z.number().min(0).optional(),
  uploadGraceMs: z.number().min(0).optional(),
};

export const waitOptionsSchema = z.strictObject(waitShape);

/** What is said of a job that is waited for. */
export interface WaitStatus extends SourceStatus {
  jobId: string;
  state: JobState;
  /** Whether this package knows the state; one it does not know is waited on like `Processing`. */
  known: boolean;
  /** Time since the wait began. */
  waitedMs: number;
}

/** Options of a wait for a job. */
export interface WaitOptions extends WaitTiming {
  /** Ends the wait; the job itself continues. */
  signal?: AbortSignal | undefined;
  /** Called when the job comes into another state, the first one included. */
  onStatus?: ((status: WaitStatus) => void) | undefined;
  /** Called when a check fails in passing; the wait continues. */
  onPollError?: ((error: UnsiloedError) => void) | undefined;
}

export type WaitSettings = z.output<typeof waitOptionsSchema> &
  Pick<WaitOptions, "signal" | "onStatus" | "onPollError">;

export interface WaitContext {
  clock: Clock;
  random: () => number;
  /** Says when the job may be checked, for all jobs of the key. */
  polls: PollScheduler;
  /** One check, without retries. @param limitMs the most time it may take @param permit the leave to make it */
  poll(limitMs: number, permit: Permit): Promise<JobStatus>;
  /** Whether the service has ever answered this client. */
  reached(): boolean;
  /** Whether this client submitted the job, so that the service may not know it yet. */
  isOwn: boolean;
}

const GROWTH = 1.25;
/** Checks of many jobs that began together drift apart by up to a tenth. */
const JITTER = 0.1;
/** How long a job of our own may be unknown, and a host that never answered be out of reach. */
const GRACE_MS = 30_000;
/** The longest pause between failing checks. */
const MAX_BACK_OFF_MS = 60_000;
/** The last check before the time runs out has at least this long. */
const MIN_POLL_MS = 1_000;

const ended = (status: JobStatus): JobStatus => {
  const { jobId, state } = status;
  const said = status.message ? `: ${status.message}` : "";
  if (state === "Failed")
    throw new UnsiloedError(
      "JOB_FAILED",
      `parse job ${jobId} failed${said || ": the service gave no reason"}`,
      { jobId },
    );
  if (state === "Cancelled")
    throw new UnsiloedError("JOB_CANCELLED", `parse job ${jobId} was cancelled${said}`, { jobId });
  return status;
};

/** Tells how long after its end, by the clock of the service, a job was found to have ended. */
const reportDelay = ({ finishedAt }: JobStatus, now: number): void => {
  const at = endedJobs.isObserved && finishedAt !== null ? Date.parse(finishedAt) : Number.NaN;
  if (!Number.isNaN(at)) endedJobs.report({ delayMs: Math.max(now - at, 0) });
};

const neverUploaded = (jobId: string): UnsiloedError =>
  new UnsiloedError(
    "UPLOAD_FAILED",
    `the file of parse job ${jobId} never arrived at the service, so the job never starts; submit the file again`,
    { jobId },
  );

const minutes = (ms: number): string =>
  ms >= 60_000 ? `${+(ms / 60_000).toFixed(1)} min` : `${+(ms / 1000).toFixed(1)} s`;

const howToResume = (jobId: string): string =>
  `resume with new UnsiloedJobLoader("${jobId}") or "unsiloed-ingest ingest job:${jobId}", ` +
  "and give the document's own id as docId or --doc-id, so that it stays the same document";

const timedOut = (
  jobId: string,
  state: string | undefined,
  limitMs: number,
  lastError: UnsiloedError | undefined,
): UnsiloedError => {
  const waited = minutes(limitMs);
  const options = { jobId, cause: lastError, retryable: true };
  const isFailing = lastError?.code === "SERVICE_UNAVAILABLE" || lastError?.code === "RATE_LIMITED";
  if (state === undefined && isFailing) {
    const { status } = lastError.context;
    return new UnsiloedError(
      lastError.code,
      `none of the checks of parse job ${jobId} succeeded within ${waited} (${lastError.message}). ` +
        `The job may have ended: ${howToResume(jobId)}`,
      { ...options, ...(status !== undefined && { status }) },
    );
  }
  const known = state ? `last state: ${state}` : "its state never became known";
  const failed = lastError ? `; the last check failed: ${lastError.message}` : "";
  return new UnsiloedError(
    "JOB_TIMEOUT",
    `parse job ${jobId} had not ended after ${waited} (${known}${failed}). ` +
      `It continues at the service: ${howToResume(jobId)}`,
    options,
  );
};

/**
 * Checks a job until it has ended.
 *
 * When the time runs out a last check is made, ahead of those of other jobs, and only what that check says counts: a
 * job that has ended is not lost because checks were rare, and the error may come later than `timeoutMs` by as long as
 * the budget of the key makes the check wait.
 */
export const waitForJob = async (
  context: WaitContext,
  jobId: string,
  settings: WaitSettings,
): Promise<JobStatus> => {
  const { clock, random } = context;
  const { timeoutMs, uploadGraceMs = Number.POSITIVE_INFINITY } = settings;
  const { notFoundGraceMs = context.isOwn ? GRACE_MS : 0 } = settings;
  const { signal, onStatus, onPollError } = settings;
  const longest = Math.max(settings.maxPollIntervalMs, settings.pollIntervalMs);
  const begun = clock.now();
  const deadline = begun + timeoutMs;
  const ticket = context.polls.enter(jobId);
  let dueAt = begun;
  let interval = settings.pollIntervalMs;
  let failuresInARow = 0;
  let state: string | undefined;
  let lastError: UnsiloedError | undefined;

  /** Whether a failed check leaves hope. */
  const mayGoOn = (error: UnsiloedError): boolean => {
    const waitedMs = clock.now() - begun;
    if (error.code === "JOB_NOT_FOUND") return state === undefined && waitedMs < notFoundGraceMs;
    // A host that has never answered is more likely named wrongly than down.
    if (isUnreachable(error) && !context.reached()) return waitedMs < GRACE_MS;
    return error.retryable;
  };

  try {
    for (;;) {
      let waitMs = Math.round(interval * (1 + JITTER * (2 * random() - 1)));
      const permit = await ticket.turn(dueAt, deadline, signal);
      const askedAt = clock.now();
      try {
        const status = await context.poll(Math.max(deadline - askedAt, MIN_POLL_MS), permit);
        ticket.saw(status, askedAt);
        failuresInARow = 0;
        lastError = undefined;
        if (status.state !== state) {
          state = status.state;
          onStatus?.({ jobId, state, known: status.known, waitedMs: clock.now() - begun });
        }
        if (status.final) reportDelay(status, clock.now());
        if (status.final) return ended(status);
        if (status.state === "AwaitingUpload" && clock.now() - begun >= uploadGraceMs)
          throw neverUploaded(jobId);
        interval = Math.min(interval * GROWTH, longest);
      } catch (thrown) {
        if (!(thrown instanceof UnsiloedError) || !mayGoOn(thrown)) throw thrown;
        lastError = thrown;
        onPollError?.(thrown);
        const backOff = Math.min(waitMs * 2 ** failuresInARow++, Math.max(MAX_BACK_OFF_MS, longest));
        waitMs = Math.max(thrown.context.retryAfterMs ?? 0, backOff);
      }
      if (askedAt >= deadline) throw timedOut(jobId, state, timeoutMs, lastError);
      dueAt = Math.min(clock.now() + waitMs, deadline);
    }
  } catch (thrown) {
    throw addContext(thrown, { jobId });
  } finally {
    ticket.leave();
  }
};
