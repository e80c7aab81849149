import type { AcceptedJob, SourceObserver, SourceStatus } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import type { Permit } from "../../internal/async/weighted-semaphore.js";
import type { RecordChange, Stage } from "../../ledger/record.js";
import { asError, type DocumentRun } from "./document-run.js";

/** Writes an error as a record keeps it. */
export const errorIn = (
  stage: Stage,
  { code, message }: UnsiloedError,
): NonNullable<RecordChange["last_error"]> => ({
  stage,
  code,
  message: message.slice(0, 500),
});

/**
 * Writes each step of a submission into the ledger before the next one happens, so that a run that is killed leaves no
 * job behind that nobody knows. Limits how many submissions are on their way, whose outcome might never become known.
 */
export class LedgerObserver implements SourceObserver {
  readonly #run: DocumentRun;
  readonly #refusal: UnsiloedError | undefined;
  #permit: Permit | undefined;
  #isSubmitting = false;

  /** @param refusal why the document may not be submitted */
  constructor(run: DocumentRun, refusal: UnsiloedError | undefined) {
    this.#run = run;
    this.#refusal = refusal;
  }

  /** The stage in which a failure of reading is reported. */
  get stage(): Stage {
    return this.#isSubmitting ? "submit" : "parse";
  }

  async queueing(): Promise<void> {
    const { context, signal } = this.#run;
    this.#permit ??= await context.limits.submit.acquire({ signal });
    this.#assertMaySubmit();
    await this.#run.attribute("embed", () => this.#checkEmbeddings());
    this.#assertMaySubmit();
    this.statusChanged({ state: "submitting" });
  }

  async submitting(): Promise<void> {
    this.#assertMaySubmit();
    this.#isSubmitting = true;
    await this.#run.advance({ state: "submitting", last_error: null });
    this.#run.wasSent = true;
  }

  refused(error: UnsiloedError): Promise<void> {
    return this.#run.advance({ state: "failed", last_error: errorIn("submit", error) });
  }

  async submitted({ jobId, creditsUsed }: AcceptedJob): Promise<void> {
    this.releasePermit();
    this.#run.context.breaker.succeeded("submit");
    await this.#run.advance({ state: "submitted", job_id: jobId, credits_used: creditsUsed });
    this.#isSubmitting = false;
    this.statusChanged({ state: "submitted", jobId });
  }

  statusChanged(status: SourceStatus): void {
    this.#run.emit({ type: "source-status", status });
  }

  async reading(): Promise<void> {
    await this.#run.reserveMemory();
  }

  releasePermit(): void {
    this.#permit?.release();
    this.#permit = undefined;
  }

  #assertMaySubmit(): void {
    const { breaker, drain } = this.#run.context;
    breaker.assertMaySubmit();
    if (this.#refusal) throw this.#refusal;
    if (drain?.aborted) throw new UnsiloedError("ABORTED", "not submitted, because the run is being stopped");
  }

  async #checkEmbeddings(): Promise<void> {
    const { embeddingCheck, breaker } = this.#run.context;
    try {
      await embeddingCheck.pass();
    } catch (thrown) {
      // Told at once, so that no other source waiting here repeats the check.
      breaker.failed("embed", asError(thrown, "embed"));
      throw thrown;
    }
  }
}
