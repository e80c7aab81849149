import { type ErrorCode, UnsiloedError } from "../../errors.js";
import type { Stage } from "./report.js";

/** The account is refused submissions; what is paid for can still be read. */
const NO_MORE_SUBMISSIONS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["OUT_OF_CREDITS", "USAGE_LIMIT"]);

/** Every further document would meet the same. */
const ENDS_RUN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "API_KEY_MISSING",
  "UNAUTHORIZED",
  "OUT_OF_CREDITS",
  "USAGE_LIMIT",
  "MISSING_PACKAGE",
  "STORE_MISMATCH",
  "COLLECTION_NOT_FOUND",
  "LEDGER_FAILED",
]);

/** A service that fails several documents in a row, each after its own tries, is down. */
const FAILURES_IN_A_ROW = 5;

/** Of the failures that are not worth another try by themselves: what is down, or gives no answer that counts. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "STORE_UNREACHABLE",
  "SERVICE_UNAVAILABLE",
  "SUBMISSION_UNKNOWN",
  "LEDGER_CORRUPT",
]);

const isOutage = ({ code, retryable }: UnsiloedError): boolean =>
  (retryable && code !== "JOB_TIMEOUT") || OUTAGES.has(code);

/** Why a run began no further document. */
export interface Stop {
  stage: Stage;
  error: UnsiloedError;
}

/**
 * Stops a run whose services are dead, instead of failing every document of it one by one: at once for what holds
 * for all documents, such as a refused key, and after {@link FAILURES_IN_A_ROW} documents in a row that failed for
 * an outage in the same stage, with none that got through between them.
 *
 * An account without credits, or a service that takes no submissions, ends these only: jobs that are paid for, and
 * kept results, are still read.
 */
export class Breaker {
  readonly #inARow: Record<Stage, number> = { submit: 0, parse: 0, split: 0, embed: 0, store: 0 };
  #lastOutage: UnsiloedError | undefined;
  #stop: Stop | undefined;
  #submissions: Stop | undefined;

  /** What ended the run, or its submissions. */
  get stop(): Stop | undefined {
    return this.#stop ?? this.#submissions;
  }

  /** Whether no further document may be begun. */
  get isOpen(): boolean {
    return this.#stop !== undefined;
  }

  succeeded(stage: Stage): void {
    this.#inARow[stage] = 0;
  }

  failed(stage: Stage, error: UnsiloedError): void {
    const stop = { stage, error };
    // Documents that shared a request failed by the same error, and together say no more than one.
    if (isOutage(error) && error !== this.#lastOutage) this.#inARow[stage] += 1;
    if (isOutage(error)) this.#lastOutage = error;
    const isDown = this.#inARow[stage] >= FAILURES_IN_A_ROW;
    const isOfParsing = stage === "submit" || stage === "parse";
    if (isOfParsing && NO_MORE_SUBMISSIONS.has(error.code)) this.#submissions ??= stop;
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
