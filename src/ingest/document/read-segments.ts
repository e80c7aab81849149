import type {
  AcceptedJob,
  ResultKeeper,
  SourceObserver,
  SourceReadOptions,
  SourceStatus,
} from "../../documents/source.js";
import { openSplitter, type SplitRun } from "../../documents/splitter.js";
import { UnsiloedError } from "../../errors.js";
import { anySignal } from "../../internal/async/any-signal.js";
import type { Permit } from "../../internal/async/weighted-semaphore.js";
import type { Stage } from "../../ledger/record.js";
import { bytesOfSegment } from "../run/memory-limiter.js";
import { asError, type DocumentRun } from "./document-run.js";
import { failedAtService, type KnownParse, knownParse } from "./record-state.js";

/** A job of an earlier run that has expired, or whose file never arrived because that run ended while sending it. */
const LEADS_NOWHERE: ReadonlySet<string> = new Set(["JOB_NOT_FOUND", "UPLOAD_FAILED"]);

/**
 * Reads the segments of a document that are meant for the store and hands them to the splitter. As little as possible
 * is paid for: the result comes from the kept results, else from the job of an earlier run, else from a new job.
 */
export const readSegments = async (run: DocumentRun): Promise<SplitRun> => {
  const { claim, identity, context } = run;
  const known = await run.attribute("submit", () => knownParse(claim?.record, identity, context));
  const observer = new LedgerObserver(run);
  const read = () =>
    readOnce(run, observer, known).catch((thrown: unknown) => {
      const isGone = thrown instanceof UnsiloedError && LEADS_NOWHERE.has(thrown.code);
      // A job that the source itself names cannot be replaced by another.
      if (!isGone || known.jobId === undefined || identity?.jobId !== undefined) throw thrown;
      run.releaseMemory();
      return readOnce(run, observer, { jobId: undefined, mayReadKept: false });
    });
  const splitRun = await run.attribute(
    () => observer.stage,
    () =>
      read().catch((thrown: unknown) => {
        throw withAdvice(thrown, run);
      }),
  );
  context.breaker.succeeded("parse");
  return splitRun;
};

/** Adds what helps a document that failed at the service: the ledger remembers it, so that running again does not. */
const withAdvice = (thrown: unknown, { identity, context }: DocumentRun): unknown => {
  if (!(thrown instanceof UnsiloedError) || !failedAtService(thrown)) return thrown;
  if (!identity || identity.jobId !== undefined) return thrown;
  const isSaved = identity.contentHash !== null && identity.parseHash === null;
  if (!isSaved && !context.ledger) return thrown;
  const advice = isSaved
    ? "replace the saved file by the result of a job that succeeded"
    : 'running again does not submit it again: use "unsiloed-ingest retry" or the option retryFailedJobs';
  const { code, message, cause } = thrown;
  return new UnsiloedError(code, `${message}; ${advice}`, { ...thrown.context, cause });
};

const readOnce = async (run: DocumentRun, observer: LedgerObserver, known: KnownParse): Promise<SplitRun> => {
  const { splitter } = run.context;
  const splitRun = openSplitter(splitter);
  try {
    for await (const document of run.source.read(readOptions(run, observer, known))) {
      const reservation = await run.reserveMemory();
      const segment = run.account.read(document);
      if (!segment) continue;
      splitRun.add([segment]);
      reservation.grow(bytesOfSegment(segment));
    }
  } finally {
    observer.releasePermit();
  }
  return splitRun;
};

const readOptions = (run: DocumentRun, observer: SourceObserver, known: KnownParse): SourceReadOptions => {
  const { signal } = run;
  const { drain, splitter } = run.context;
  return {
    signal,
    waitSignal: anySignal(signal, drain),
    observer,
    jobId: known.jobId,
    packWords: splitter.takesPackedWords,
    results: resultKeeper(run, known),
  };
};

/**
 * Writes each step of a submission into the ledger before the next one happens, so that a run that is killed leaves no
 * job behind that nobody knows. Limits how many submissions are on their way, whose outcome might never become known.
 */
class LedgerObserver implements SourceObserver {
  readonly #run: DocumentRun;
  #permit: Permit | undefined;
  #isSubmitting = false;

  constructor(run: DocumentRun) {
    this.#run = run;
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

  refused({ code, message }: UnsiloedError): Promise<void> {
    const last_error = { stage: "submit", code, message: message.slice(0, 500) } as const;
    return this.#run.advance({ state: "failed", last_error });
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

const resultKeeper = (run: DocumentRun, { jobId, mayReadKept }: KnownParse): ResultKeeper | undefined => {
  const { archive } = run.context;
  const { docId } = run.source;
  if (!archive || !run.identity) return undefined;
  const { contentHash, parseHash } = run.identity;
  if (contentHash === null && parseHash === null && !jobId) return undefined;
  const key = { docId, contentHash, parseHash };
  return {
    read: async (need) => {
      const result = mayReadKept ? await archive.read(key, need) : undefined;
      // Where nothing tells the content, only the job tells whether it is the result that is meant.
      return contentHash === null && result?.info.jobId !== jobId ? undefined : result;
    },
    keep: (result, holds) => archive.keep(key, result, holds),
  };
};
