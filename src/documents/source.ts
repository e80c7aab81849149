import type { SegmentDocument } from "./metadata.js";
import type { ParsedResult } from "./result.js";

/** What a source says while it is being read. */
export interface SourceStatus {
  /** State of the parse job, such as `Processing`, or what is being done, such as `uploading`. */
  state: string;
  jobId?: string;
}

/** What decides whether a document has to be parsed again. */
export interface SourceIdentity {
  /** Hash of what is parsed; `null` where only the service can know it, as with a web address. */
  contentHash: string | null;
  /** Hash of the options of the parse request; `null` where nothing is submitted. */
  parseHash: string | null;
  /** The options themselves, so that a later run can ask for the same. */
  parseOptions?: Readonly<Record<string, unknown>> | undefined;
  /** The job, where the source names one. */
  jobId?: string | undefined;
}

/** Parse results of one document that were kept, and the place to keep another. */
export interface ResultKeeper {
  /** @param need whether only a result with its word boxes will do */
  read(need: { words: boolean }): Promise<ParsedResult | undefined>;
  /** The same result, kept while it is read. */
  keep(result: ParsedResult, holds: { words: boolean }): ParsedResult;
}

export interface SourceReadOptions {
  signal?: AbortSignal | undefined;
  /** Ends the wait for a job but, unlike `signal`, not a submission whose job id is not known yet. */
  waitSignal?: AbortSignal | undefined;
  onStatus?: ((status: SourceStatus) => void) | undefined;
  /** The job of an earlier run, to go on with instead of submitting. */
  jobId?: string | undefined;
  /** Awaited before a submission waits for its turn at the service; rejects when nothing may be submitted any more. */
  maySubmit?: (() => Promise<void>) | undefined;
  /** Awaited right before a submission is sent, whose outcome may never become known. Rejecting prevents it. */
  beforeSubmit?: (() => Promise<void>) | undefined;
  /** Awaited when the service refused a submission, which then is known not to have been accepted. */
  onRefused?: ((error: Error) => Promise<void>) | undefined;
  /** Awaited as soon as the id of a job is known, before anything else happens with the job; credits as far as they are told. */
  onJob?: ((jobId: string, creditsUsed: number | null) => Promise<void>) | undefined;
  /** Awaited when a result is about to be read, so that no more of them are in memory than there is room for. */
  beforeRead?: (() => Promise<void>) | undefined;
  results?: ResultKeeper | undefined;
  /** Take word boxes as lists of numbers, where there are any: in `metadata.packed_ocr` in place of `metadata.ocr`. */
  packWords?: boolean | undefined;
}

/**
 * One document to ingest: who it is, and how to get its segments. Loaders hand these out, the pipeline takes
 * them; neither knows the other.
 */
export interface DocumentSource {
  /** Identity of the source: the same on every run, whatever the content. */
  readonly docId: string;
  /** What the user named. */
  readonly source: string;
  /** Absolute path of the file, where the source is one: from any directory it is found again there. */
  readonly file?: string | undefined;
  /** Whether the caller chose the id, rather than the path, the address or the job. */
  readonly isDocIdChosen?: boolean | undefined;
  /** What the document is now; costs no more than reading its bytes. Without it, every run reads the document anew. */
  identify?(options?: Pick<SourceReadOptions, "signal">): Promise<SourceIdentity>;
  /** Every segment as a Document, in reading order, nothing left out. */
  read(options?: SourceReadOptions): AsyncIterable<SegmentDocument>;
}
