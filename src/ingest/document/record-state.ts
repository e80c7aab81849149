import type { DocumentSource, SourceIdentity } from "../../documents/source.js";
import { UNKNOWN_ADVICE, UnsiloedError } from "../../errors.js";
import { isOutcomeUnknown, type LedgerRecord } from "../../ledger/record.js";
import { hashWithTitle } from "../options.js";
import type { RunContext } from "../run/run-context.js";

/**
 * Returns the identity of a source as its record is to be compared with it: where the service itself has parsed the
 * document, that counts, even if the source would now be sent to an emulator on this machine.
 */
export const asRecorded = (
  identity: SourceIdentity | undefined,
  record: LedgerRecord | undefined,
): SourceIdentity | undefined =>
  identity?.serviceParseHash !== undefined && record?.parse_hash === identity.serviceParseHash
    ? { ...identity, parseHash: identity.serviceParseHash }
    : identity;

/** Tells whether a record is of the content and parse options that the source has now. */
export const isOfContent = (record: LedgerRecord, identity: SourceIdentity): boolean =>
  identity.jobId === undefined
    ? record.content_hash === identity.contentHash && record.parse_hash === identity.parseHash
    : record.job_id === identity.jobId;

/** Returns the title that the caller gave a document, now or in an earlier run. */
export const givenTitle = (
  source: Pick<DocumentSource, "title">,
  record: Pick<LedgerRecord, "title"> | undefined,
): string | undefined => (source.title ?? record?.title) || undefined;

/** Tells whether a document is stored as the options of a run have it, whether or not its content has changed since. */
export const isOfOptions = (
  source: Pick<DocumentSource, "title">,
  record: LedgerRecord,
  optionsHash: string | null,
): boolean =>
  record.state === "stored" &&
  optionsHash !== null &&
  record.options_hash === hashWithTitle(optionsHash, givenTitle(source, record));

type CurrentOptions = Pick<RunContext, "sink" | "optionsHash" | "trustsLedger" | "refresh" | "signal">;

/**
 * Tells whether the store holds the document as it is now, so that nothing is to be done. This costs no request while
 * the store holds as many points as the ledger says; otherwise the document's own points are counted.
 */
export const isCurrent = async (
  source: Pick<DocumentSource, "title">,
  record: LedgerRecord | undefined,
  identity: SourceIdentity | undefined,
  { sink, optionsHash, trustsLedger, refresh, signal }: CurrentOptions,
): Promise<boolean> => {
  if (!record || !identity || !isOfOptions(source, record, optionsHash) || !isOfContent(record, identity))
    return false;
  // A web address may have other content now.
  if (refresh && identity.contentHash === null && identity.jobId === undefined) return false;
  if (trustsLedger) return true;
  const { doc_id, version, point_ids } = record;
  const found = await sink.count({ docIds: [doc_id], ...(version !== null && { version }) }, { signal });
  return found === point_ids.length;
};

type ParseChoices = Pick<RunContext, "resubmitUnknown" | "refresh" | "retryFailedJobs">;

/** Failures at the service that stay: asking again for the same submission gives the same answer. */
const FAILED_AT_SERVICE: ReadonlySet<string> = new Set(["JOB_FAILED", "JOB_CANCELLED", "PII_BLOCKED"]);

/** Tells whether a document failed at the service, so that only another submission can help. */
export const failedAtService = ({ code }: { code: string }): boolean => FAILED_AT_SERVICE.has(code);

/** Tells whether a retry has to submit the document again, as its job gives no result or a short one. */
export const needsAnotherParse = (error: { code: string }): boolean =>
  error.code === "INCOMPLETE_RESULT" || failedAtService(error);

/** The parse of a document that was paid for already, as far as one is known. */
export interface KnownParse {
  /** The job to continue with. */
  jobId: string | undefined;
  /** Whether a kept result may be read. */
  mayReadKept: boolean;
  /** Why the document is not submitted again. What another document of the same content paid for may still serve. */
  refusal?: UnsiloedError;
}

/**
 * Finds out what of a document's parse does not have to be paid for again, and whether it may be submitted: not when an
 * earlier run sent this content and nobody knows whether it was accepted (`SUBMISSION_UNKNOWN`), nor when the service
 * blocked it (`PII_BLOCKED`), unless the choices say so.
 */
export const knownParse = (
  record: LedgerRecord | undefined,
  identity: SourceIdentity | undefined,
  { resubmitUnknown, refresh, retryFailedJobs }: ParseChoices,
): KnownParse => {
  if (!identity) return { jobId: undefined, mayReadKept: false };
  if (identity.jobId !== undefined) return { jobId: identity.jobId, mayReadKept: true };
  if (!record || !isOfContent(record, identity)) return { jobId: undefined, mayReadKept: true };
  if (isOutcomeUnknown(record, false)) {
    if (resubmitUnknown) return { jobId: undefined, mayReadKept: true };
    return { jobId: undefined, mayReadKept: true, refusal: unknownOutcome(record.source) };
  }
  const error = record.state === "failed" ? record.last_error : null;
  // The job of a short result is asked again by every run; only a retry pays for another parse.
  if (retryFailedJobs && error && needsAnotherParse(error)) return { jobId: undefined, mayReadKept: true };
  // Such a submission made no job that could be asked again.
  if (error?.code === "PII_BLOCKED") {
    const refusal = new UnsiloedError("PII_BLOCKED", error.message, { source: record.source });
    return { jobId: undefined, mayReadKept: true, refusal };
  }
  // An address that is parsed again has a job of its own until it is stored.
  if (refresh && identity.contentHash === null && record.state === "stored")
    return { jobId: undefined, mayReadKept: false };
  return { jobId: record.job_id ?? undefined, mayReadKept: true };
};

const unknownOutcome = (source: string): UnsiloedError =>
  new UnsiloedError(
    "SUBMISSION_UNKNOWN",
    `an earlier run sent this document and never learned whether it was accepted. ${UNKNOWN_ADVICE}`,
    { source },
  );
