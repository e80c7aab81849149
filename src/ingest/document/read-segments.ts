import type { ParsedResult } from "../../documents/result.js";
import type { ResultKeeper, SourceReadOptions } from "../../documents/source.js";
import { openSplitter, type SplitRun } from "../../documents/splitter.js";
import { messageOf, UnsiloedError } from "../../errors.js";
import type { ReadKeptOptions } from "../../ledger/result-archive.js";
import { bytesOfSegment, type Reservation } from "../run/memory-limiter.js";
import { isUselessJob } from "./copies.js";
import type { DocumentRun } from "./document-run.js";
import { errorIn, LedgerObserver } from "./ledger-observer.js";
import { failedAtService, type KnownParse, knownParse } from "./record-state.js";
import { SharedParse } from "./shared-parse.js";

/** A job of an earlier run that has expired, or whose file never arrived because that run ended while sending it. */
const LEADS_NOWHERE: ReadonlySet<string> = new Set(["JOB_NOT_FOUND", "UPLOAD_FAILED"]);

/**
 * Reads the segments of a document that are meant for the store and hands them to the splitter. As little as possible
 * is paid for: the result comes from the kept results, else from the job of an earlier run, else from a new job.
 */
export const readSegments = async (run: DocumentRun): Promise<SplitRun> => {
  const { claim, identity, context } = run;
  const known = knownParse(claim?.record, identity, context);
  const observer = new LedgerObserver(run, known.refusal);
  const splitRun = await run.attribute(
    () => observer.stage,
    () =>
      readWithFallbacks(run, observer, known).catch((thrown: unknown) => {
        // A recorded refusal has the advice already.
        throw messageOf(thrown) === known.refusal?.message ? thrown : withAdvice(thrown, run);
      }),
  );
  context.breaker.succeeded("parse");
  return splitRun;
};

/** Reads the document from one job after the other, until its result is whole. */
const readWithFallbacks = async (
  run: DocumentRun,
  observer: LedgerObserver,
  own: KnownParse,
): Promise<SplitRun> => {
  const shared = new SharedParse(run, own.refusal);
  let known = own;
  for (;;) {
    try {
      return await readOnce(run, observer, known, shared);
    } catch (thrown) {
      if (!(thrown instanceof UnsiloedError)) throw thrown;
      const { reused } = run;
      const jobId = reused ? reused.jobId : known.jobId;
      const isUseless = reused ? isUselessJob(thrown) : LEADS_NOWHERE.has(thrown.code);
      // A job that the source itself names cannot be replaced by another.
      if (!isUseless || jobId == null || run.identity?.jobId !== undefined) throw thrown;
      shared.useless.add(jobId);
      if (thrown.code === "JOB_NOT_FOUND") run.expiredJob = jobId;
      if (reused) await run.advance({ state: "failed", job_id: null, last_error: errorIn("parse", thrown) });
      run.startReadingAgain();
      known = { ...known, jobId: undefined };
    }
  }
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

const readOnce = async (
  run: DocumentRun,
  observer: LedgerObserver,
  known: KnownParse,
  shared: SharedParse,
): Promise<SplitRun> => {
  const splitRun = openSplitter(run.context.splitter);
  let reservation: Reservation | undefined;
  try {
    for await (const document of run.source.read(readOptions(run, observer, known, shared))) {
      reservation ??= await run.reserveMemory();
      const segment = run.account.read(document);
      if (!segment) continue;
      splitRun.add([segment]);
      reservation.grow(bytesOfSegment(segment));
    }
  } finally {
    observer.end();
  }
  return splitRun;
};

const readOptions = (
  run: DocumentRun,
  observer: LedgerObserver,
  known: KnownParse,
  shared: SharedParse,
): SourceReadOptions => {
  const { signal, waitSignal } = run;
  const { splitter } = run.context;
  const keeper = resultKeeper(run, known, shared);
  return {
    signal,
    waitSignal,
    observer,
    jobId: known.jobId,
    findJob: () => run.attribute("submit", async () => (await shared.findJob()) ?? keeper?.assertReadable()),
    title: run.title,
    packWords: splitter.takesPackedWords,
    results: keeper,
  };
};

const resultKeeper = (
  run: DocumentRun,
  { jobId, mayReadKept }: KnownParse,
  shared: SharedParse,
): (ResultKeeper & { assertReadable: () => undefined }) | undefined => {
  const { archive } = run.context;
  const { docId } = run.source;
  if (!archive || !run.identity) return undefined;
  const { contentHash, parseHash } = run.identity;
  if (contentHash === null && parseHash === null && !jobId) return undefined;
  const key = { docId, contentHash, parseHash };
  const readKept = async (need: ReadKeptOptions): Promise<ParsedResult | undefined> => {
    const result = await archive.read(key, need);
    // Where nothing tells the content, only the job tells whether it is the result that is meant.
    if (contentHash === null && result?.info.jobId !== jobId) return undefined;
    return result ?? (jobId === undefined ? shared.readKept(archive, need) : undefined);
  };
  let problem: unknown;
  return {
    read: async (need) => {
      if (!mayReadKept) return undefined;
      problem = undefined;
      return readKept(need).catch((thrown: unknown) => {
        problem = thrown;
        return undefined;
      });
    },
    keep: (result, holds) => archive.keep(key, result, holds),
    // The job may still have the result. If not, it would be paid for although it may be kept.
    assertReadable: () => {
      if (problem !== undefined) throw problem;
    },
  };
};
