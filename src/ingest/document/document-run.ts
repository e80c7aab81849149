import type { DocumentSource, SourceIdentity } from "../../documents/source.js";
import { messageOf, UnsiloedError } from "../../errors.js";
import { FollowingSignal } from "../../internal/async/following-signal.js";
import type { RecordChange, Stage } from "../../ledger/record.js";
import { hashWithTitle } from "../options.js";
import type { SourceStep } from "../run/events.js";
import type { Reservation } from "../run/memory-limiter.js";
import type { IngestFailure } from "../run/report.js";
import type { RunContext } from "../run/run-context.js";
import type { ClaimedDocument, HeldClaim } from "../run/run-ledger.js";
import { givenTitle, isOfContent } from "./record-state.js";
import { SegmentAccount } from "./segment-account.js";

/** Makes an error of this package of anything that was thrown in a stage. */
export const asError = (thrown: unknown, stage: Stage): UnsiloedError =>
  thrown instanceof UnsiloedError
    ? thrown
    : new UnsiloedError(stage === "embed" ? "EMBEDDING_FAILED" : "UNEXPECTED", messageOf(thrown), {
        cause: thrown,
      });

/** A parse that was paid for as that of another document with the same content. */
export interface ReusedParse {
  docId: string;
  /** What of it is used. */
  what: "result" | "job";
  jobId: string | null;
}

/** The work of one run on one document, as its steps share it. */
export class DocumentRun {
  readonly source: DocumentSource;
  readonly context: RunContext;
  account: SegmentAccount;
  readonly failures: IngestFailure[] = [];
  identity: SourceIdentity | undefined;
  /** The parse in the ledger, while this run submits it and waits for its result. */
  parseClaim: HeldClaim | undefined;
  /** The claim of another document that this one waits for. */
  waitsFor: string | undefined;
  /** The document whose parse serves this one as well. */
  reused: ReusedParse | undefined;
  /** The job that the service no longer knows, where the document had one. */
  expiredJob: string | undefined;
  /** Whether this run has sent the document. */
  wasSent = false;
  /** Credits that the job cost, as the service said last. */
  creditsUsed: number | null = null;
  /** Pages of the job, as far as the service says. */
  pages: number | null = null;
  /** How often this content has been worked on, this time included. */
  attempt = 1;
  /** The first failure. */
  error: UnsiloedError | undefined;
  /** Whether a later run may succeed where this one failed, although nothing was changed. */
  isRetryable = false;
  readonly #ending: FollowingSignal;
  readonly #waitEnding: FollowingSignal;
  #claim: ClaimedDocument | undefined;
  #failedStage: Stage | undefined;
  #reservation: Reservation | undefined;

  constructor(source: DocumentSource, context: RunContext) {
    this.source = source;
    this.context = context;
    this.account = new SegmentAccount(context.filter);
    this.#ending = new FollowingSignal(context.signal);
    this.#waitEnding = new FollowingSignal(this.#ending.signal, context.drain);
  }

  /** The document in the ledger, while this run works on it. */
  get claim(): ClaimedDocument | undefined {
    return this.#claim;
  }

  set claim(claim: ClaimedDocument | undefined) {
    this.#claim = claim;
    this.#ending.follow(claim?.lost);
  }

  /** Aborts with the run, or when another run takes the document over. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Ends the wait for a parse job: aborts with `signal`, or when the run is drained. */
  get waitSignal(): AbortSignal {
    return this.#waitEnding.signal;
  }

  /** The title that the caller gave the document, now or in an earlier run. */
  get title(): string | undefined {
    return givenTitle(this.source, this.claim?.record);
  }

  /** Where the document failed; what belongs to no stage of its own is part of reading it. */
  get failedStage(): Stage {
    return this.#failedStage ?? "parse";
  }

  emit(step: SourceStep): void {
    const { source, docId } = this.source;
    this.context.emit({ ...step, source, doc_id: docId });
  }

  /** Runs a piece of work whose failure is reported in a stage. Where stages are nested, the innermost counts. */
  async attribute<T>(stage: Stage | (() => Stage), work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      this.#failedStage ??= typeof stage === "function" ? stage() : stage;
      throw thrown;
    }
  }

  /** Runs a stage: its failure is reported there, and its success tells the circuit breaker that the service is up. */
  async inStage<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const result = await this.attribute(stage, work);
    this.context.breaker.succeeded(stage);
    return result;
  }

  /** Waits for free memory, which the document keeps until `releaseMemory`. */
  async reserveMemory(): Promise<Reservation> {
    this.#reservation ??= await this.context.memory.reserve(this.signal);
    return this.#reservation;
  }

  /** Gives back what the document takes up of the run. */
  async release(): Promise<void> {
    this.releaseMemory();
    await this.releaseParse();
    await this.claim?.release();
    this.#ending.release();
    this.#waitEnding.release();
  }

  releaseMemory(): void {
    this.#reservation?.release();
    this.#reservation = undefined;
  }

  /** Says that the parse of another document is used. */
  reuse(parse: ReusedParse): void {
    this.reused = parse;
    this.emit({ type: "source-reused", from: parse.docId, what: parse.what });
  }

  /** Forgets what was read so far, before the document is read in another way. */
  startReadingAgain(): void {
    this.releaseMemory();
    this.account = new SegmentAccount(this.context.filter);
    this.reused = undefined;
  }

  /** Lets copies of the document have the parse. */
  async releaseParse(): Promise<void> {
    await this.parseClaim?.release();
    this.parseClaim = undefined;
  }

  /** Writes the document one step on, if there is a ledger. @throws UnsiloedError `CLAIM_LOST`, `LEDGER_FAILED` */
  async advance(change: RecordChange): Promise<void> {
    await this.claim?.advance({ ...this.#work(), ...change });
  }

  /** Adds a failure to the report and tells the circuit breaker. */
  fail(error: UnsiloedError, stage: Stage = this.failedStage): void {
    const { source, docId } = this.source;
    const { code } = error;
    const message = error.message.replace(/\s+/g, " ").trim();
    const failure = { source, doc_id: docId, stage, code, message };
    this.failures.push(failure);
    this.error ??= error;
    this.isRetryable ||= error.retryable;
    // An outcome that an earlier run left unknown says nothing about the service as it is now.
    if (this.wasSent || code !== "SUBMISSION_UNKNOWN") this.context.breaker.failed(stage, error);
    this.emit({ type: "source-failed", failure });
  }

  /** Returns what the record is to say about the content that is worked on, and how often that was tried. */
  #work(): Partial<RecordChange> {
    const { identity, attempt } = this;
    const record = this.claim?.record;
    const { title } = this;
    const options_hash = hashWithTitle(this.context.optionsHash, title);
    const costs = this.creditsUsed !== null && { credits_used: this.creditsUsed };
    const work = { title: title ?? null, options_hash, attempts: attempt, ...costs };
    if (!identity) return work;
    const { contentHash, parseHash, parseOptions = null, jobId } = identity;
    if (jobId === undefined) {
      const isOther = record !== undefined && !isOfContent(record, identity);
      const content = { content_hash: contentHash, parse_hash: parseHash, parse_options: parseOptions };
      // A job of other content must not be taken for one of this content.
      return { ...work, ...content, ...(isOther && { job_id: null }) };
    }
    // A job named by its id is of the content that was last sent, unless that has a job of its own.
    const isOther = record !== undefined && record.job_id !== null && record.job_id !== jobId;
    const unknown = { content_hash: null, parse_hash: null, parse_options: null };
    return { ...work, job_id: jobId, ...(isOther && unknown) };
  }
}
