/** The stages in which a document can fail: `parse` lasts from the submitted job until its segments are read. */
export const STAGES = ["submit", "parse", "split", "embed", "store"] as const;
export type Stage = (typeof STAGES)[number];

/**
 * Says how far a document is:
 *
 * - `queued`: it waits for a worker that takes it from a queue, and nothing was sent since it was queued.
 * - `submitting`: a submission is about to be sent or was sent, and no job id is known. When no run works on the
 *   document any more, its outcome is unknown, see {@link isOutcomeUnknown}.
 * - `submitted`: the job id is known.
 * - `parsed`: the whole result was read; it is kept if results are.
 * - `stored`: the store holds exactly the points of this content with these options.
 * - `failed`: `last_error` says where and why. If there is a job id, its result can still be read.
 */
export const LEDGER_STATES = ["queued", "submitting", "submitted", "parsed", "stored", "failed"] as const;
export type LedgerState = (typeof LEDGER_STATES)[number];

/** The last failure of a document. */
export interface LedgerError {
  /** Where the document failed. */
  stage: Stage;
  /** A code of this package. Any code is accepted, so that a record outlives a code. */
  code: string;
  /** What happened, on one line, without secrets. */
  message: string;
  /** When it happened: a date and time of ISO 8601, in UTC. */
  at: string;
}

/** Counts the segments of a stored document. Each that was read is stored or left out for a reason. */
export interface SegmentCounts {
  /** Segments that were read. */
  total: number;
  /** Segments whose text is in the store. */
  stored: number;
  /** Segments that were left out, by reason. */
  filtered: Record<string, number>;
  /** Stored segments that a policy flagged, by reason. */
  flagged: Record<string, number>;
}

/** Remembers one document. Times are dates and times of ISO 8601, in UTC. */
export interface LedgerRecord {
  /** Version of this record's format. */
  schema: 1;
  /** Id of the document. */
  doc_id: string;
  /** What the user named, without what would give access to it. */
  source: string;
  /** Absolute path of the file on this machine, where the source is one. */
  file: string | null;
  /** The title that the caller gave the document. */
  title: string | null;
  /** How far the document is. */
  state: LedgerState;
  /** Hash of the content that is worked on or was stored; `null` where only the service can know it. */
  content_hash: string | null;
  /** Hash of the parse options: with `content_hash` it decides whether a job or result can be used again. */
  parse_hash: string | null;
  /** The parse options, so that a retry can ask for the same. */
  parse_options: Record<string, unknown> | null;
  /** Hash of every other option that changes the points: splitter, model, dimensions, filter, store. */
  options_hash: string | null;
  /** The last parse job. */
  job_id: string | null;
  /** Credits that job cost, where the service said. */
  credits_used: number | null;
  /** Version of the points in the store, also while a later one is being written. */
  version: string | null;
  /** The points that are or may be in the store: while new ones are being written, the old and the new ones. */
  point_ids: string[];
  /** Where those points are, as the store describes itself. */
  store: string | null;
  /** Hash of the content those points were made of. */
  stored_content_hash: string | null;
  /** Counts the segments when the document was stored. */
  segments: SegmentCounts | null;
  /** How often work was begun since the document was last stored or its content changed. */
  attempts: number;
  /** The last failure; `null` once the document is stored or submitted again. */
  last_error: LedgerError | null;
  created_at: string;
  updated_at: string;
  submitted_at: string | null;
  parsed_at: string | null;
  stored_at: string | null;
}

/** Changes a record takes on its way to another state. */
export type RecordChange = { state: LedgerState } & Partial<
  Omit<LedgerRecord, "schema" | "doc_id" | "state" | "created_at" | "updated_at" | "last_error">
> & { last_error?: Omit<LedgerError, "at"> | null };

/** A document, and where it was found. */
export interface NamedDocument {
  docId: string;
  /** What the user named. */
  source: string;
  /** Absolute path, where the source is a file. */
  file?: string | undefined;
  /** The title that the caller gave it. */
  title?: string | undefined;
}

/** Version of the records this package writes. Raise it when an older package would misread a new record. */
export const RECORD_SCHEMA = 1;

const stamp = (now: number): string => new Date(now).toISOString();

/** Makes the first record of a document. Nothing is sent before it is written. */
export const newRecord = (document: NamedDocument, change: RecordChange, now: number): LedgerRecord =>
  advance(
    {
      schema: RECORD_SCHEMA,
      doc_id: document.docId,
      source: document.source,
      file: document.file ?? null,
      title: document.title || null,
      state: "submitting",
      content_hash: null,
      parse_hash: null,
      parse_options: null,
      options_hash: null,
      job_id: null,
      credits_used: null,
      version: null,
      point_ids: [],
      store: null,
      stored_content_hash: null,
      segments: null,
      attempts: 0,
      last_error: null,
      created_at: stamp(now),
      updated_at: stamp(now),
      submitted_at: null,
      parsed_at: null,
      stored_at: null,
    },
    change,
    now,
  );

/** Returns a record one step on, with its times. Success clears the last error and the count of attempts. */
export const advance = (record: LedgerRecord, change: RecordChange, now: number): LedgerRecord => {
  const { last_error, ...rest } = change;
  const at = stamp(now);
  const { state } = change;
  return {
    ...record,
    ...(state === "stored" && { last_error: null, attempts: 0, stored_at: at }),
    ...(state === "submitting" && { job_id: null, submitted_at: null, parsed_at: null }),
    ...(state === "submitted" && { submitted_at: at }),
    ...(state === "parsed" && { parsed_at: at }),
    ...rest,
    ...(last_error !== undefined && { last_error: last_error && { ...last_error, at } }),
    updated_at: at,
  };
};

/**
 * Tells whether a submission may have been accepted although its job is not known: it was being sent when its process
 * ended, or its answer never came. Sending it again may pay twice.
 *
 * @param isClaimed whether a living run works on the document, which may still be sending it
 */
export const isOutcomeUnknown = (record: LedgerRecord, isClaimed: boolean): boolean =>
  record.state === "submitting" && !isClaimed;
