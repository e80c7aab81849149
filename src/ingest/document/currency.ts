import type { SourceIdentity } from "../../documents/source.js";
import { UnsiloedError } from "../../errors.js";
import { isOutcomeUnknown, type LedgerRecord, type RecordChange } from "../../ledger/record.js";
import type { RunContext } from "../run/run-context.js";
import type { SourceState } from "./document-context.js";

/** Whether a record is of the content and parse options that the source has now. */
export const isOfContent = (record: LedgerRecord, identity: SourceIdentity): boolean =>
  identity.jobId === undefined
    ? record.content_hash === identity.contentHash && record.parse_hash === identity.parseHash
    : record.job_id === identity.jobId;

type Currency = Pick<RunContext, "sink" | "optionsHash" | "trustsLedger" | "refresh" | "signal">;

/**
 * Whether the store holds the document as it is now, so that nothing is to be done. Costs no request while the store
 * holds as many points as the ledger says; else the document's own points are counted.
 */
export const isCurrent = async (
  record: LedgerRecord | undefined,
  identity: SourceIdentity | undefined,
  { sink, optionsHash, trustsLedger, refresh, signal }: Currency,
): Promise<boolean> => {
  if (!record || !identity || record.state !== "stored" || optionsHash === null) return false;
  if (record.options_hash !== optionsHash || !isOfContent(record, identity)) return false;
  // A web address may have other content now.
  if (refresh && identity.contentHash === null && identity.jobId === undefined) return false;
  if (trustsLedger) return true;
  const { doc_id, version, point_ids } = record;
  const found = await sink.count({ docIds: [doc_id], ...(version !== null && { version }) }, { signal });
  return found === point_ids.length;
};

type ParseChoices = Pick<RunContext, "resubmitUnknown" | "refresh" | "retryFailedJobs">;

/** Jobs that came to nothing at the service: asking for them again gives the same answer. */
const FAILED_JOB: ReadonlySet<string> = new Set(["JOB_FAILED", "JOB_CANCELLED"]);

/** What is known of a document's parse, and so does not have to be paid for. */
export interface KnownParse {
  /** The job to go on with. */
  jobId: string | undefined;
  /** Whether a kept result may be read. */
  mayReadKept: boolean;
}

/**
 * @throws UnsiloedError `SUBMISSION_UNKNOWN` when an earlier run sent this content and nobody knows whether it was
 *   accepted, unless it may be submitted again
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
    if (resubmitUnknown) return { jobId: undefined, mayReadKept: false };
    throw unknownOutcome(record.source);
  }
  const isFailedJob = record.state === "failed" && FAILED_JOB.has(record.last_error?.code ?? "");
  if (retryFailedJobs && isFailedJob) return { jobId: undefined, mayReadKept: true };
  // An address that is read anew has a job of its own until it is stored.
  if (refresh && identity.contentHash === null && record.state === "stored")
    return { jobId: undefined, mayReadKept: false };
  return { jobId: record.job_id ?? undefined, mayReadKept: true };
};

const unknownOutcome = (source: string): UnsiloedError =>
  new UnsiloedError(
    "SUBMISSION_UNKNOWN",
    "an earlier run was sending this document when it ended, and nobody knows whether the service accepted and " +
      "charged for it, so it is not sent again: if the service lists the job, name it as job:ID with the document's " +
      "id; else allow it with --resubmit-unknown or the option resubmitUnknown",
    { source },
  );

/** What a record says of the document that is worked on, and how often that was tried. */
export const workOn = (
  { identity, claim, attempt }: Pick<SourceState, "identity" | "claim" | "attempt">,
  { optionsHash }: Pick<RunContext, "optionsHash">,
): Partial<RecordChange> => {
  const record = claim?.record;
  const work = { options_hash: optionsHash, attempts: attempt };
  if (!identity) return work;
  const { contentHash, parseHash, parseOptions = null, jobId } = identity;
  if (jobId === undefined) {
    const isOther = record !== undefined && !isOfContent(record, identity);
    const content = { content_hash: contentHash, parse_hash: parseHash, parse_options: parseOptions };
    // A job of other content must not be taken for one of this.
    return { ...work, ...content, ...(isOther && { job_id: null }) };
  }
  // A job named by its id is of the content that was last sent, unless that has a job of its own.
  const isOther = record !== undefined && record.job_id !== null && record.job_id !== jobId;
  const unknown = { content_hash: null, parse_hash: null, parse_options: null };
  return { ...work, job_id: jobId, ...(isOther && unknown) };
};
