import { type ErrorCode, UnsiloedError } from "../errors.js";
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

/** A service that fails several documents in a row, each after retries of its own, is down. */
const FAILURES_IN_A_ROW = 5;

/** What a stage talks to. */
const SERVICE_OF: Readonly<Record<Stage, "parse" | "embed" | "store" | undefined>> = {
  submit: "parse",
  parse: "parse",
  split: undefined,
  embed: "embed",
  store: "store",
};

const isOutage = ({ code, retryable }: UnsiloedError): boolean =>
  (retryable && code !== "JOB_TIMEOUT") || code === "STORE_UNREACHABLE" || code === "SERVICE_UNAVAILABLE";

/** Why a run began no further document. */
export interface Stop {
  stage: Stage;
  error: UnsiloedError;
}

/**
 * Stops a run whose services are dead, instead of failing every document of it one by one: at once for what holds
 * for all documents, such as a refused key, and after {@link FAILURES_IN_A_ROW} documents in a row that failed for
 * an outage of the same service, with none that got through between them.
 *
 * An account without credits ends submissions only: jobs that are paid for, and kept results, are still read.
 */
export class Breaker {
  readonly #inARow = { parse: 0, embed: 0, store: 0 };
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
    const service = SERVICE_OF[stage];
    if (service) this.#inARow[service] = 0;
  }

  failed(stage: Stage, error: UnsiloedError): void {
    const service = SERVICE_OF[stage];
    if (service === "parse" && NO_MORE_SUBMISSIONS.has(error.code)) {
      this.#submissions ??= { stage, error };
      return;
    }
    // Documents that shared a request failed by the same error, and together say no more than one.
    if (service && isOutage(error) && error !== this.#lastOutage) this.#inARow[service] += 1;
    if (service && isOutage(error)) this.#lastOutage = error;
    const isDown = service !== undefined && this.#inARow[service] >= FAILURES_IN_A_ROW;
    if (ENDS_RUN.has(error.code) || isDown) this.#stop ??= { stage, error };
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
