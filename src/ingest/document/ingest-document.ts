import { documentVersion, pointIds } from "../../documents/identity.js";
import type { DocumentSource } from "../../documents/source.js";
import { type ErrorCode, UnsiloedError } from "../../errors.js";
import type { Permit } from "../../internal/async/weighted-semaphore.js";
import type { LedgerRecord } from "../../ledger/record.js";
import type { SourceEnd } from "../run/events.js";
import { bytesOfSplits } from "../run/memory-limiter.js";
import type { IngestReport, SourceTally } from "../run/report.js";
import type { RunContext } from "../run/run-context.js";
import { asError, DocumentRun } from "./document-run.js";
import { weightOf } from "./embed-splits.js";
import { findConflict } from "./id-conflict.js";
import { readSegments } from "./read-segments.js";
import { asRecorded, isCurrent, isOfContent } from "./record-state.js";
import { diffDocument, finishReplacement, storedVectors } from "./replace-document.js";
import { writeSplits } from "./write-splits.js";

/** A claim that a document waits for, and what tells the user of it. */
export interface Waiting {
  claimId: string;
  type: "source-claimed-elsewhere" | "source-parsed-elsewhere";
}

/** How a document ended, or that it waits: another run works on it, or a copy of it is being parsed. */
export type DocumentOutcome = SourceEnd | Waiting;

/**
 * Takes one document from its source into the store and adds its outcome to the report, unless another run works on
 * it: identify → claim → read → split → compare → embed and store → commit.
 *
 * Stopped or killed at any point, the next run ends in the same state and pays for no parse again: the ledger is
 * written before each submission and after it, the store is written before the ledger says so, and old points are
 * deleted last.
 *
 * @param permit the document's part of the run, which shrinks once the document turns out to be small
 * @throws UnsiloedError `ABORTED` when the run's signal aborts
 */
export const ingestDocument = async (
  source: DocumentSource,
  permit: Permit,
  context: RunContext,
): Promise<DocumentOutcome> => {
  const run = new DocumentRun(source, context);
  const { ledger } = context;
  try {
    run.emit({ type: "source-started" });
    const identity = await source.identify?.({ signal: context.signal });
    const record = await ledger?.get(source.docId);
    run.identity = asRecorded(identity, record);
    if (await isCurrent(source, record, run.identity, context)) return reportUnchanged(run, record);

    run.claim = await ledger?.claim(source);
    if (ledger && !run.claim) return waiting(run);
    return await ingestClaimed(run, permit);
  } catch (thrown) {
    return await endWithFailure(run, thrown);
  } finally {
    await run.release();
  }
};

const ingestClaimed = async (run: DocumentRun, permit: Permit): Promise<DocumentOutcome> => {
  const { source, context } = run;
  const { docId } = source;
  const { sink, limits, report, versionOptions } = context;
  const record = run.claim?.record;
  // Another run may have finished the document before this one claimed it.
  const identity = asRecorded(run.identity, record);
  run.identity = identity;
  if (await isCurrent(source, record, identity, context)) return reportUnchanged(run, record);
  const conflict = await findConflict(source, identity, record);
  if (conflict) return reportRefused(run, conflict);
  if (record && identity && isOfContent(record, identity)) run.attempt = record.attempts + 1;

  // Read
  const read = async () => {
    assertNotEnding(context);
    return readSegments(run);
  };
  const splitRun = await limits.parse.run(read, { signal: run.signal });
  await run.releaseParse();
  const { reused, creditsUsed, pages } = run;
  if (reused) report.addReused();
  const credits = creditsUsed === null ? {} : { credits: creditsUsed };
  const parsedPages = pages === null ? {} : { pages };
  run.emit({ type: "source-parsed", segments: run.account.total, ...credits, ...parsedPages });

  // Split
  const splits = await run.inStage("split", async () => {
    const made = await splitRun.finish({ signal: run.signal });
    run.account.split(made);
    return made;
  });
  // The segments, whose word boxes may be most of what is in memory, are freed before anything is embedded.
  (await run.reserveMemory()).shrinkTo(bytesOfSplits(splits));
  permit.shrinkTo(weightOf(splits, context.embeddings));
  report.addDocuments(splits.length);
  run.emit({ type: "source-split", documents: splits.length });
  if (splits.length === 0) assertMayBeEmpty(run);

  // Compare
  const { signal } = run;
  const ids = pointIds(docId, splits);
  const version = documentVersion(splits, versionOptions);
  const recorded = run.claim?.record?.point_ids ?? [];
  const inStore = <T>(work: () => Promise<T>) =>
    run.inStage("store", () => limits.store.run(work, { weight: weightOf(splits, sink), signal }));
  // A document that the ledger has no points of has none in a store that holds just what the ledger says.
  const isNew = context.knowsStore && recorded.length === 0;
  const replaces = run.claim?.record?.version;
  const wanted = { ids, version, recorded, replaces, isNew };
  const diff = await inStore(() => diffDocument(sink, docId, wanted, { signal }));
  // Written once, right before the store is: it is refused if another run has taken over the document, and tells the next
  // run that there may be points. A run that is killed earlier finds the job, or the kept result, as this one did.
  const point_ids = [...new Set([...recorded, ...diff.known.keys(), ...ids])];
  const parsed = { point_ids, store: sink.description, ...(reused && { job_id: reused.jobId }) };
  await run.attribute("store", () => run.advance({ state: "parsed", last_error: null, ...parsed }));
  if (diff.unchanged) {
    run.account.stored(splits);
    await run.attribute("store", () => commit(run, { ids, version }));
    return reportStored(run, { upserted: 0, unchanged: ids.length, deleted: 0 });
  }

  // Embed and store
  const reusable = await inStore(() => storedVectors(sink, docId, { ids, known: diff.known }, { signal }));
  const failures = await writeSplits(run, { splits, ids, version, reusable });
  // While some new text could not be embedded, the old text it replaces stays findable.
  const stale = failures.size > 0 ? [] : diff.stale;
  const written = splits.length - failures.size;
  const confirm = async () => run.claim?.confirm();
  const replacement = { docId, version, written, stale, newIds: isNew ? ids : undefined, confirm };
  const deleted = await inStore(() => finishReplacement(sink, replacement, { signal }));

  // Commit
  const failed = splits.filter((_, index) => failures.has(index));
  run.account.stored(splits, failed);
  if (failed.length === 0) await run.attribute("store", () => commit(run, { ids, version }));
  return reportStored(run, { upserted: written, unchanged: 0, deleted }, failures.values());
};

/** Refuses a document that waited for its turn while the run came to its end. */
const assertNotEnding = ({ drain, breaker }: RunContext): void => {
  if (drain?.aborted || breaker.isOpen) throw new UnsiloedError("ABORTED", "not begun: the run is ending");
};

/**
 * Refuses a document without text, and leaves what is stored of it as it is: a parse that found nothing must not wipe
 * out one that did. Only a file that was stored, and has other content now, may lose all of its points.
 */
const assertMayBeEmpty = ({ account, claim, identity }: DocumentRun): void => {
  const { stored_content_hash: stored, point_ids = [] } = claim?.record ?? {};
  const isFile = identity?.parseHash != null && stored != null;
  if (account.kept === 0 && isFile && (stored !== identity.contentHash || point_ids.length === 0)) return;
  const segments = account.total === 1 ? "1 segment" : `${account.total} segments`;
  const found = account.total === 0 ? "no segments" : `${segments}, none with text to store`;
  throw new UnsiloedError(
    "EMPTY_RESULT",
    `the parse result holds ${found}; what is stored of the document stays as it is; check that it is not blank`,
  );
};

/** Marks the document as stored in the ledger; from now on it is unchanged until its content or the options change. */
const commit = async (run: DocumentRun, stored: { ids: string[]; version: string }): Promise<void> => {
  const { total, stored: segments, filtered, flagged } = run.account.tally;
  await run.claim?.advance({
    state: "stored",
    version: stored.version,
    point_ids: stored.ids,
    store: run.context.sink.description,
    stored_content_hash: run.claim.record?.content_hash ?? null,
    segments: {
      total,
      stored: segments,
      filtered: Object.fromEntries(filtered),
      flagged: Object.fromEntries(flagged),
    },
  });
};

const endWithFailure = async (run: DocumentRun, thrown: unknown): Promise<DocumentOutcome> => {
  const { signal, drain, breaker } = run.context;
  const error = asError(thrown, run.failedStage);
  if (signal?.aborted) throw error;
  if (error.code === "CLAIM_LOST") return waiting(run);
  if (error.code === "ABORTED" && (drain?.aborted || breaker.stop))
    return reportUnfinished(run.source, run.context);
  if (error.code === "CREDIT_LIMIT") return reportLeftOut(run, error);
  run.fail(error);
  run.account.fail();
  await recordFailure(run);
  return reportEnded(run);
};

const waiting = ({ source, waitsFor }: DocumentRun): Waiting =>
  waitsFor === undefined
    ? { claimId: source.docId, type: "source-claimed-elsewhere" }
    : { claimId: waitsFor, type: "source-parsed-elsewhere" };

/** Writes the first failure into the ledger. If that cannot be done either, it is a failure of its own. */
const recordFailure = async (run: DocumentRun): Promise<void> => {
  const [failure] = run.failures;
  if (!failure || failure.code.startsWith("LEDGER_")) return;
  const { stage, code, message } = failure;
  const last_error = { stage, code, message: message.slice(0, 500) };
  try {
    run.claim ??= await run.context.ledger?.claim(run.source);
    // A name that stands for nothing and never did is not worth remembering.
    if (code === "FILE_NOT_FOUND" && !run.claim?.record) return;
    const isUnknown = run.wasSent || run.claim?.record?.state === "submitting";
    if (code === "SUBMISSION_UNKNOWN" && isUnknown)
      await run.advance({ state: "submitting", job_id: null, last_error });
    else await run.advance({ state: "failed", last_error });
  } catch (thrown) {
    run.fail(asError(thrown, stage), stage);
  }
};

/** Reports a document that is in the store, except for the texts that could not be embedded. */
const reportStored = async (
  run: DocumentRun,
  points: IngestReport["points"],
  failures: Iterable<UnsiloedError> = [],
): Promise<DocumentOutcome> => {
  run.context.report.addPoints(points);
  run.emit({ type: "source-stored", ...points });
  for (const error of failures) run.fail(error, "embed");
  await recordFailure(run);
  return reportEnded(run);
};

const reportEnded = ({ source, account, failures, error, isRetryable, context }: DocumentRun): SourceEnd => {
  const outcome = error ? "failed" : "stored";
  context.report.addSource(outcome, account.tally, failures, source.source);
  return { outcome, code: error?.code ?? null, retryable: isRetryable };
};

const reportRefused = (run: DocumentRun, error: UnsiloedError): SourceEnd => {
  run.fail(error);
  return reportEnded(run);
};

const NO_SEGMENTS: SourceTally = {
  total: 0,
  stored: 0,
  filtered: new Map(),
  flagged: new Map(),
  failed: 0,
};

const reportUnchanged = (run: DocumentRun, record: LedgerRecord | undefined): SourceEnd => {
  const { report } = run.context;
  const points = record?.point_ids.length ?? 0;
  const segments = record?.segments;
  const tally: SourceTally = segments
    ? {
        ...segments,
        filtered: new Map(Object.entries(segments.filtered)),
        flagged: new Map(Object.entries(segments.flagged)),
        failed: 0,
      }
    : NO_SEGMENTS;
  report.addPoints({ unchanged: points });
  report.addSource("unchanged", tally, [], run.source.source);
  run.emit({ type: "source-unchanged", points });
  return { outcome: "unchanged", code: null, retryable: false };
};

/** Reports a document as failed before anything was done with it. */
export const refuseDocument = (
  source: DocumentSource,
  error: UnsiloedError,
  context: RunContext,
): SourceEnd => reportRefused(new DocumentRun(source, context), error);

const reportLeftOut = ({ source, context }: DocumentRun, { message }: UnsiloedError): SourceEnd => {
  context.report.addLeftOut({ source: source.source, doc_id: source.docId, message });
  context.emit({ type: "source-left-out", message, source: source.source, doc_id: source.docId });
  return reportUnfinished(source, context, "CREDIT_LIMIT");
};

/**
 * Reports a document that a later run continues with; nothing of it is counted.
 *
 * @param code why; by default what stopped the run
 */
export const reportUnfinished = (
  source: DocumentSource,
  { report, breaker }: RunContext,
  code: ErrorCode = breaker.stop?.error.code ?? "ABORTED",
): SourceEnd => {
  report.addSource("unfinished", NO_SEGMENTS, [], source.source);
  return { outcome: "unfinished", code, retryable: true };
};
