/** The part of a budget that one submission takes. */
export interface CreditHold {
  /**
   * Notes, before it is sent, that the submission may cost from now on, also when this process ends.
   *
   * @throws UnsiloedError `CREDIT_LIMIT` where the part was lost because the process stood still, and is taken by now;
   *   `LEDGER_FAILED` where it cannot be noted: then nothing may be sent
   */
  sending(): Promise<void>;
  /** Notes what the job cost, as often as that is told; `null` where it is not told, so that the estimate or what was told before counts. */
  spend(credits: number | null): void;
  /** Notes that nobody knows whether there is a job, so that the estimate counts. */
  lose(): void;
  /** Gives the part back, since nothing was submitted. Does nothing once it was spent or lost. */
  release(): void;
  /** Says that no more will be told, after one of the others. */
  close(): void;
}

/** Decides what may be submitted: for one run, or for several processes that share a limit. */
export interface CreditBudget {
  /** Whether anything is ever refused, so that it is worth counting pages. */
  readonly isLimited: boolean;
  /**
   * Takes what a submission is going to cost; waits while only the outcome of others can tell whether it fits.
   *
   * @param pages pages to be parsed; `undefined` where they are not known
   * @throws UnsiloedError `CREDIT_LIMIT` where it would pass the limit; `ABORTED`; `LEDGER_FAILED`
   */
  admit(pages: number | undefined, options?: { signal?: AbortSignal | undefined }): Promise<CreditHold>;
}
