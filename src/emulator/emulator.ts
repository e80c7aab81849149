import type { FaultRule } from "./fault-rules.js";
import type { EmulatedJob } from "./jobs/jobs.js";
import type { JobOutcome, StateList } from "./options.js";
import type { RecordedRequest } from "./record.js";

/** A job to put in place without a request, such as one that was submitted earlier. */
export interface AddedJob {
  /** @default a new id */
  jobId?: string;
  /** @default "document.pdf" */
  fileName?: string;
  /** How it ends. @default what the `results` option says */
  outcome?: JobOutcome;
  /** States by poll. @default as for all jobs */
  states?: StateList;
}

/** A running emulator. */
export interface Emulator extends AsyncDisposable {
  /** Base URL of the API, without a slash at the end. */
  readonly url: string;
  /** Base URL of the second server, where uploads go and output files are. */
  readonly filesUrl: string;
  /** All jobs, in the order they were made. */
  readonly jobs: readonly EmulatedJob[];
  /** All requests to both servers, in the order they came. */
  readonly requests: readonly RecordedRequest[];
  /** How many submissions were accepted: what the account would have paid for. */
  readonly submissions: number;
  /** Adds a fault behind those that are there. */
  addFault(rule: FaultRule): void;
  /** Drops all faults. */
  clearFaults(): void;
  /** Puts a job in place that no submission is counted for. @returns its id */
  addJob(job?: AddedJob): string;
  /** Ends both servers and all their connections at once. Can be called again. */
  close(): Promise<void>;
}
