import { type ErrorCode, UnsiloedError } from "../../errors.js";
import type { Stage } from "../../ledger/record.js";

/** Codes that end submissions: what is paid for can still be read. */
const NO_MORE_SUBMISSIONS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["OUT_OF_CREDITS", "USAGE_LIMIT"]);

/** Codes that end the run: every further document would fail for the same reason. */
const ENDS_RUN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "API_KEY_MISSING",
  "UNAUTHORIZED",
  "OUT_OF_CREDITS",
  "USAGE_LIMIT",
  "MISSING_PACKAGE",
  "STORE_MISMATCH",
  "STORE_FULL",
  "COLLECTION_NOT_FOUND",
  "LEDGER_FAILED",
]);

/** Tells whether a document failed for a reason that holds for every other one, too. */
export const endsRuns = (code: ErrorCode): boolean => ENDS_RUN.has(code);

/** A service that fails so many documents in a row, each after its own retries, is down. */
const FAILURES_IN_A_ROW = 5;

/** Codes that count as an outage although their errors are not retryable. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "STORE_UNREACHABLE",
  "SERVICE_UNAVAILABLE",
  "SUBMISSION_UNKNOWN",
  "LEDGER_CORRUPT",
]);

const isOutage = ({ code, retryable }: UnsiloedError): boolean =>
  (retryable && code !== "JOB_TIMEOUT") || OUTAGES.has(code);

/** Whether another service answered: a success that is no JSON, which every further submission would get too. */
const isOfAnotherService = ({ code, context }: UnsiloedError): boolean =>
  code === "SUBMISSION_UNKNOWN" && context.status === 200;

/** The failure for which a run began no further document. */
export interface Stop {
  stage: Stage;
  error: UnsiloedError;
}

/**
 * Stops a run whose services are down, instead of failing its documents one by one: at once for what holds for all
 * documents, such as a refused key, and after {@link FAILURES_IN_A_ROW} documents in a row that failed for an outage
 * in the same stage, with no success of that stage between them.
 *
 * An account without credits, or a service that accepts no submissions, ends the submissions only: jobs that are paid
 * for, and kept results, are still read.
 */
export class CircuitBreaker {
  readonly #inARow: Record<Stage, number> = { submit: 0, parse: 0, split: 0, embed: 0, store: 0 };
  #lastOutage: UnsiloedError | undefined;
  #stop: Stop | undefined;
  #submissions: Stop | undefined;

  /** The failure that ended the run, or its submissions. */
  get stop(): Stop | undefined {
    return this.#stop ?? this.#submissions;
  }

  /** Whether no further document may be begun. */
  get isOpen(): boolean {
    return this.#stop !== undefined;
  }

  /** Notes that a stage succeeded for a document, so that its service is up. */
  succeeded(stage: Stage): void {
    this.#inARow[stage] = 0;
  }

  /** Notes that a stage failed for a document. */
  failed(stage: Stage, error: UnsiloedError): void {
    const stop = { stage, error };
    // Documents that shared a request have the same error, and together count as one.
    if (isOutage(error) && error !== this.#lastOutage) this.#inARow[stage] += 1;
    if (isOutage(error)) this.#lastOutage = error;
    const isDown = this.#inARow[stage] >= FAILURES_IN_A_ROW;
    const isOfParsing = stage === "submit" || stage === "parse";
    const endsSubmissions = NO_MORE_SUBMISSIONS.has(error.code) || isOfAnotherService(error);
    if (isOfParsing && endsSubmissions) this.#submissions ??= stop;
    else if (ENDS_RUN.has(error.code)) this.#stop ??= stop;
    else if (isDown && stage === "submit") this.#submissions ??= stop;
    else if (isDown) this.#stop ??= stop;
  }

  /** @throws UnsiloedError `ABORTED` when nothing may be submitted any more */
  assertMaySubmit(): void {
    const { stop } = this;
    if (!stop) return;
    throw new UnsiloedError(
      "ABORTED",
      `not submitted, because of an earlier failure: ${stop.error.message}`,
      {
        cause: stop.error,
      },
    );
  }
}
