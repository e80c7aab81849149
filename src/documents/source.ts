import type { UnsiloedError } from "../errors.js";
import type { SegmentDocument } from "./metadata.js";
import type { ParsedResult } from "./result.js";

/** The state of the work on a source. */
export interface SourceStatus {
  /** State of the parse job, such as `Processing`, or `submitting` or `submitted` before the service has named one. */
  state: string;
  jobId?: string;
}

/** A job that the service has accepted. */
export interface AcceptedJob {
  jobId: string;
  /** Credits the job cost; `null` where the service does not say. */
  creditsUsed: number | null;
}

/** A job that has ended; what the service did not say is `null`. */
export interface FinishedJob extends AcceptedJob {
  /** Pages that the service parsed. */
  pages: number | null;
}

/**
 * Follows a submission. Each method is awaited before the work goes on, so that a ledger can write down what is about
 * to happen; rejecting ends the work.
 */
export interface SubmissionObserver {
  /** Called right before a request is sent whose outcome may never become known. Rejecting prevents it. */
  submitting?(): void | Promise<void>;
  /** Called when a request is known not to have been accepted; another attempt may follow. */
  refused?(error: UnsiloedError): void | Promise<void>;
  /** Called as soon as the id of the job is known, before its file is uploaded. */
  submitted?(job: AcceptedJob): void | Promise<void>;
}

/** Follows the reading of a source from its place in the queue of submissions to its result. */
export interface SourceObserver extends SubmissionObserver {
  /** Called before a submission waits for its turn at the service. Rejecting prevents it. */
  queueing?(): void | Promise<void>;
  /** Called when the parse job comes into another state. */
  statusChanged?(status: SourceStatus): void;
  /** Called when the parse job has succeeded. */
  finished?(job: FinishedJob): void;
  /** Called when a result is about to be read; awaited, so that results wait for free memory. */
  reading?(): void | Promise<void>;
}

/** What decides whether a document has to be parsed again. */
export interface SourceIdentity {
  /** Hash of what is parsed; `null` where only the service can know it, as with a web address. */
  contentHash: string | null;
  /** Hash of the options of the parse request; `null` where nothing is submitted. */
  parseHash: string | null;
  /**
   * Hash of the same options at the service itself, where `parseHash` is of a stand-in on this machine. What the service
   * has parsed counts for the stand-in too, but not the other way round.
   */
  serviceParseHash?: string | undefined;
  /** The options themselves, so that a later run can ask for the same. */
  parseOptions?: Readonly<Record<string, unknown>> | undefined;
  /** The job, where the source names one. */
  jobId?: string | undefined;
}

/** Parse results of one document that were kept, and the place to keep another. */
export interface ResultKeeper {
  /** @param need whether only a result with its word boxes will do, and whether these may be lists of numbers */
  read(need: { words: boolean; packWords?: boolean | undefined }): Promise<ParsedResult | undefined>;
  /** The same result, kept while it is read. */
  keep(result: ParsedResult, holds: { words: boolean }): ParsedResult;
}

export interface SourceReadOptions {
  /** Ends the reading at once. */
  signal?: AbortSignal | undefined;
  /** Ends the wait for a job but, unlike `signal`, not a submission whose job id is not known yet. */
  waitSignal?: AbortSignal | undefined;
  observer?: SourceObserver | undefined;
  /** The job of an earlier run, to continue with instead of submitting. */
  jobId?: string | undefined;
  /**
   * Finds a job to continue with, where there is no `jobId` and no kept result: that of another document with the same
   * content. Called before a submission is queued; rejecting prevents it.
   */
  findJob?: (() => Promise<string | undefined>) | undefined;
  results?: ResultKeeper | undefined;
  /** The title that an earlier run gave the document, for a source that says nothing of a title. */
  title?: string | undefined;
  /** Take word boxes as lists of numbers, where there are any: in `metadata.packed_ocr` in place of `metadata.ocr`. */
  packWords?: boolean | undefined;
}

/**
 * One document to ingest: who it is, and how to get its segments. Loaders hand these out, the pipeline takes
 * them; neither knows the other.
 */
export interface DocumentSource {
  /** Identity of the source: the same on every run, even if the content changes. */
  readonly docId: string;
  /** What the user named. */
  readonly source: string;
  /** Absolute path of the file, where the source is one: from any directory it is found again there. */
  readonly file?: string | undefined;
  /** Whether the caller chose the id, rather than the path, the address or the job. */
  readonly isDocIdChosen?: boolean | undefined;
  /**
   * The title that the caller gives the document, which its points hold; an empty text takes back the one that was given
   * before. Without it, the title of an earlier run counts.
   */
  readonly title?: string | undefined;
  /** What the document is now; costs no more than reading its bytes. Without it, every run reads the document again. */
  identify?(options?: Pick<SourceReadOptions, "signal">): Promise<SourceIdentity>;
  /**
   * Counts the pages that a submission would have parsed, on this machine; `undefined` where they cannot be counted, as
   * of web addresses and documents of office programs.
   */
  countPages?(): Promise<number | undefined>;
  /** Every segment as a Document, in reading order, nothing left out. */
  read(options?: SourceReadOptions): AsyncIterable<SegmentDocument>;
}

/** Makes a source that could not be found. It fails when it is read, and does not stop the others. */
export const failingSource = (
  named: Omit<DocumentSource, "identify" | "countPages" | "read">,
  error: UnsiloedError,
): DocumentSource => ({
  ...named,
  identify: () => Promise.reject(error),
  read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
});
