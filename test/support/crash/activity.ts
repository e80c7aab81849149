/** What the command can be seen doing while it runs. */
export const SERVICE_MOMENTS = [
  "submitting",
  "waiting",
  "fetching",
  "embedding",
  "writing points",
  "writing the rest",
] as const;

/** Files the command is writing. */
export const FILE_MOMENTS = ["result file", "vector cache", "ledger", "store file"] as const;

export type Moment = (typeof SERVICE_MOMENTS)[number] | (typeof FILE_MOMENTS)[number];

export const isFileMoment = (moment: string): boolean => FILE_MOMENTS.some((name) => name === moment);

/** Records what the command was seen doing since its start. */
export class Activity {
  #last: Moment | "start-up" = "start-up";
  #listener: ((moment: Moment) => void) | undefined;

  readonly note = (moment: Moment): void => {
    this.#last = moment;
    this.#listener?.(moment);
  };

  /** Returns the last activity, or `start-up` when there was none. */
  get last(): Moment | "start-up" {
    return this.#last;
  }

  /** Clears the record, for a new process. */
  restart(listener?: (moment: Moment) => void): void {
    this.#last = "start-up";
    this.#listener = listener;
  }
}
