import type { SegmentDocument } from "./metadata.js";

/** What a source says while it is being read. */
export interface SourceStatus {
  /** State of the parse job, such as `Processing`, or what is being done, such as `uploading`. */
  state: string;
  jobId?: string;
}

export interface SourceReadOptions {
  signal?: AbortSignal | undefined;
  onStatus?: ((status: SourceStatus) => void) | undefined;
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
  /** Every segment as a Document, in reading order, nothing left out. */
  read(options?: SourceReadOptions): AsyncIterable<SegmentDocument>;
}
