import type { DocumentSource, SourceIdentity } from "../../documents/source.js";
import { messageOf, UnsiloedError } from "../../errors.js";
import type { Seat } from "../../internal/async/weighted-semaphore.js";
import type { Stay } from "../run/memory-limiter.js";
import type { IngestFailure, Stage } from "../run/report.js";
import type { RunContext } from "../run/run-context.js";
import type { ClaimedDocument } from "../run/run-ledger.js";
import { SegmentAccount } from "./segment-account.js";

export const asError = (thrown: unknown, stage: Stage): UnsiloedError =>
  thrown instanceof UnsiloedError
    ? thrown
    : new UnsiloedError(stage === "embed" ? "EMBEDDING_FAILED" : "UNEXPECTED", messageOf(thrown), {
        cause: thrown,
      });

/** Where one source is on its way, as its stages share it. */
export class SourceState {
  readonly source: DocumentSource;
  readonly account: SegmentAccount;
  readonly failures: IngestFailure[] = [];
  readonly #context: RunContext;
  stage: Stage = "parse";
  identity: SourceIdentity | undefined;
  /** The document in the ledger, while this run works on it. */
  claim: ClaimedDocument | undefined;
  #stay: Stay | undefined;
  #submission: Seat | undefined;
  /** What the document takes of the run's room; less once it is known to be small. */
  seat: Seat | undefined;
  /** Whether this run has sent the document. */
  wasSent = false;
  /** How often this content has been worked on, this time included. */
  attempt = 1;

  constructor(source: DocumentSource, context: RunContext) {
    this.source = source;
    this.account = new SegmentAccount(context.filter);
    this.#context = context;
  }

  /** Ends with the run, or when another run takes the document over. */
  get signal(): AbortSignal | undefined {
    const { signal } = this.#context;
    const lost = this.claim?.lost;
    return signal && lost ? AbortSignal.any([signal, lost]) : (signal ?? lost);
  }

  /** Waits for room in memory; the document has it until it leaves. */
  async enterRoom(): Promise<Stay> {
    this.#stay ??= await this.#context.room.enter(this.signal);
    return this.#stay;
  }

  leaveRoom(): void {
    this.#stay?.leave();
    this.#stay = undefined;
  }

  /** Waits until few enough submissions are on their way, whose outcome might never become known. */
  async enterSubmission(): Promise<void> {
    this.#submission ??= await this.#context.limits.submit.take();
  }

  leaveSubmission(): void {
    this.#submission?.leave();
    this.#submission = undefined;
  }

  /** Notes a failure of the stage the source is in. */
  fail(error: UnsiloedError): void {
    const { source, docId } = this.source;
    const failure = {
      source,
      doc_id: docId,
      stage: this.stage,
      code: error.code,
      message: error.message.replace(/\s+/g, " ").trim(),
    };
    this.failures.push(failure);
    // An outcome that an earlier run left unknown says nothing of the service as it is now.
    if (this.wasSent || error.code !== "SUBMISSION_UNKNOWN") this.#context.breaker.failed(this.stage, error);
    this.#context.emit({ type: "source-failed", source, failure });
  }
}
