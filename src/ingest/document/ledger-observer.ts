import type { AcceptedJob, FinishedJob, SourceObserver, SourceStatus } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import type { Permit } from "../../internal/async/weighted-semaphore.js";
import type { RecordChange, Stage } from "../../ledger/record.js";
import type { CreditHold } from "../run/credit-budget.js";
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
  #hold: CreditHold | undefined;
  #permit: Permit | undefined;
  #isSubmitting = false;
  /** Whether a job was made, or may have been. */
  #mayCost = false;

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
    const { context, signal, waitSignal, source } = this.#run;
    this.#assertMaySubmit();
    const pages = context.credits.isLimited ? await source.countPages?.() : undefined;
    this.#hold ??= await context.credits.admit(pages, { signal: waitSignal });
    this.#permit ??= await context.limits.submit.acquire({ signal });
    this.#assertMaySubmit();
    await this.#run.attribute("embed", () => this.#checkEmbeddings());
    this.#assertMaySubmit();
    this.statusChanged({ state: "submitting" });
  }

  async submitting(): Promise<void> {
    this.#assertMaySubmit();
    this.#isSubmitting = true;
    // First, as a document that the ledger calls sent is not sent again, and must be counted by then.
    await this.#hold?.sending();
    await this.#run.advance({ state: "submitting", last_error: null });
    this.#run.wasSent = true;
    this.#mayCost = true;
  }

  refused(error: UnsiloedError): Promise<void> {
    this.#mayCost = false;
    return this.#run.advance({ state: "failed", last_error: errorIn("submit", error) });
  }

  async submitted({ jobId, creditsUsed }: AcceptedJob): Promise<void> {
    this.#releasePermit();
    // An upload is answered without its cost, which the job tells when it has ended.
    if (creditsUsed !== null) this.#hold?.spend(creditsUsed);
    this.#run.creditsUsed = creditsUsed;
    this.#run.context.breaker.succeeded("submit");
    await this.#run.advance({ state: "submitted", job_id: jobId, credits_used: creditsUsed });
    this.#isSubmitting = false;
    this.statusChanged({ state: "submitted", jobId });
    const { expiredJob: expired, context } = this.#run;
    if (expired === undefined) return;
    context.credits.addRepeated();
    this.#run.emit({ type: "source-submitted-again", expired });
  }

  finished({ creditsUsed, pages }: FinishedJob): void {
    const { context, reused } = this.#run;
    this.#hold?.spend(creditsUsed);
    if (this.#hold) context.credits.addPages(pages);
    // The job of a copy was paid for there.
    if (reused) return;
    this.#run.creditsUsed = creditsUsed ?? this.#run.creditsUsed;
    this.#run.pages = pages;
  }

  /** Ends what the submission takes up; of a job that has not ended, the estimate counts. */
  end(): void {
    this.#releasePermit();
    if (this.#mayCost && this.#isSubmitting) this.#hold?.lose();
    else if (this.#mayCost) this.#hold?.spend(null);
    else this.#hold?.release();
    this.#hold?.close();
    this.#hold = undefined;
    this.#mayCost = false;
  }

  statusChanged(status: SourceStatus): void {
    this.#run.emit({ type: "source-status", status });
  }

  async reading(): Promise<void> {
    await this.#run.reserveMemory();
  }

  #releasePermit(): void {
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
