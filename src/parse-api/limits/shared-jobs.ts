/** A place for a job that is being submitted, or the time of the clock at which to ask again. */
export type TakenJob = { place: string } | { notBefore: number };

/**
 * Counts the jobs under way of a key for several processes, and says whether there may be one more.
 *
 * @throws UnsiloedError from `take`, when they cannot be counted: then nothing may be submitted
 */
export interface SharedJobs {
  /** The most there may be at present, as far as this process knows. */
  readonly limit: number;
  /** Sets a new limit and forgets what refusals showed; the same limit changes nothing. */
  configure(maxActiveJobs: number): void;
  /** Takes a place for a submission. */
  take(): Promise<TakenJob>;
  /** The job of a place is known. */
  named(place: string, jobId: string): void;
  /** Somebody waits for a job, also one that another process has submitted. */
  watched(jobId: string): void;
  /** A job has ended or was given up, or the submission of a place has failed. */
  ended(jobOrPlace: string): void;
  /** The service is full. @param retryAfterMs how long it asked to wait */
  full(retryAfterMs: number): void;
}
