import { z } from "zod";
import { UnsiloedError } from "../errors.js";
import { describeIssue } from "../internal/options.js";
import { scrub } from "../internal/scrub.js";

/** Version of the records this package writes. Raise it when an older package would misread a new record. */
export const RECORD_SCHEMA = 1;

/**
 * How far a document is:
 *
 * - `submitting`: a submission is about to be sent or was sent, and no job id is known. Once nobody works on the
 *   document any more this is an *unknown outcome*, see {@link isOutcomeUnknown}.
 * - `submitted`: the job id is known.
 * - `parsed`: the result was read whole; it is kept if results are.
 * - `stored`: the store holds exactly the points of this content with these options.
 * - `failed`: `last_error` says where and why. A job id that is there can still be read.
 */
export const LEDGER_STATES = ["submitting", "submitted", "parsed", "stored", "failed"] as const;
export type LedgerState = (typeof LEDGER_STATES)[number];

export const LEDGER_STAGES = ["submit", "parse", "split", "embed", "store"] as const;

const time = z.iso.datetime().nullable();
const hash = z.string().min(1).max(200).nullable();

/** Half a surrogate pair has no bytes of its own, so that two such ids would be one. */
const docIdSchema = z
  .string()
  .min(1)
  .refine((id) => !/\p{Surrogate}/u.test(id), "expected well-formed Unicode");

export const ledgerErrorSchema = z.strictObject({
  stage: z.enum(LEDGER_STAGES),
  /** A code of this package. Open, so that a record outlives a code. */
  code: z.string().regex(/^[A-Z][A-Z_]*$/),
  message: z.string().max(500),
  at: z.iso.datetime(),
});

const count = z.number().int().nonnegative();

/** Every segment that was read is stored or left out for a reason. */
const segmentCountsSchema = z.strictObject({
  total: count,
  stored: count,
  filtered: z.record(z.string(), count),
  /** Of those stored: what a policy marked, by reason. */
  flagged: z.record(z.string(), count).default({}),
});

export const recordSchema = z
  .strictObject({
    schema: z.literal(RECORD_SCHEMA),
    doc_id: docIdSchema,
    /** What the user named, without what would give access to it. */
    source: z.string(),
    /** Absolute path of the file on this machine, where the source is one. */
    file: z.string().nullable().default(null),
    state: z.enum(LEDGER_STATES),
    /** Of the document that is worked on or was stored; `null` where the content cannot be known beforehand. */
    content_hash: hash,
    /** Of the options of the parse request: with `content_hash` it decides whether a job or result can be used again. */
    parse_hash: hash,
    /** The options of the parse request, so that a retry can ask for the same. */
    parse_options: z.record(z.string(), z.unknown()).nullable(),
    /** Of every other option that changes the points: splitter, model, dimensions, filter, store. */
    options_hash: hash,
    job_id: z.string().min(1).max(200).nullable(),
    /** Credits that job cost, where the service said. */
    credits_used: z.number().nonnegative().nullable(),
    /** Version of the points in the store, also while a later one is on its way. */
    version: hash,
    /** The points that are or may be in the store: while others are on their way, the old and the new ones. */
    point_ids: z.array(z.string().min(1).max(100)),
    /** Where those points are, as the store describes itself. */
    store: z.string().nullable(),
    /** Of the content those points were made of. */
    stored_content_hash: hash,
    /** What became of the segments when the document was stored. */
    segments: segmentCountsSchema.nullable(),
    /** How often work was begun since the document was last stored or its content changed. */
    attempts: z.number().int().nonnegative(),
    last_error: ledgerErrorSchema.nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    submitted_at: time,
    parsed_at: time,
    stored_at: time,
  })
  .refine(({ state, job_id }) => state !== "submitting" || job_id === null, {
    path: ["job_id"],
    error: "expected null while submitting",
  })
  .refine(({ state, job_id }) => state !== "submitted" || job_id !== null, {
    path: ["job_id"],
    error: "expected the id of the job that was submitted",
  })
  .refine(({ state, version }) => state !== "stored" || version !== null, {
    path: ["version"],
    error: "expected the version that was stored",
  })
  .refine(({ state, last_error }) => state !== "failed" || last_error !== null, {
    path: ["last_error"],
    error: "expected what failed",
  });

export type LedgerRecord = z.infer<typeof recordSchema>;
export type SegmentCounts = z.infer<typeof segmentCountsSchema>;
export type LedgerError = z.infer<typeof ledgerErrorSchema>;

const stamp = (now: number): string => new Date(now).toISOString();

/** A document, and where it was found. */
export interface NamedDocument {
  docId: string;
  source: string;
  file?: string | undefined;
}

/** The first record of a document. Nothing is sent before it is written. */
export const newRecord = (document: NamedDocument, change: RecordChange, now: number): LedgerRecord =>
  advance(
    {
      schema: RECORD_SCHEMA,
      doc_id: document.docId,
      source: document.source,
      file: document.file ?? null,
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

export type RecordChange = { state: LedgerState } & Partial<
  Omit<LedgerRecord, "schema" | "doc_id" | "state" | "created_at" | "updated_at" | "last_error">
> & { last_error?: Omit<LedgerError, "at"> | null };

/** A record one step on, with its times. Success clears the last error and the count of attempts. */
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
 * Whether a submission may have been accepted without anyone knowing its job: it was being sent when its process
 * ended, or its answer never came. Sending it again may pay twice.
 *
 * @param held whether a living owner holds the document, who is still at it
 */
export const isOutcomeUnknown = (record: LedgerRecord, held: boolean): boolean =>
  record.state === "submitting" && !held;

/** What is shorter, such as a key of tests, stands in records by chance, and no service gives out such keys. */
const LEAST_SECRET = 8;

/**
 * The text of a record as it is kept.
 * @param secrets keys that are in use: taken out of the error, and the record is refused if they are elsewhere in it
 * @throws UnsiloedError `INVALID_OPTION` when it is no valid record or holds a secret
 */
export const encodeRecord = (record: LedgerRecord, secrets: readonly string[]): string => {
  const { last_error, source } = record;
  const clean = {
    ...record,
    source: scrub(source, secrets, 4000),
    last_error: last_error && { ...last_error, message: scrub(last_error.message, secrets) },
  };
  const parsed = recordSchema.safeParse(clean);
  if (!parsed.success)
    throw new UnsiloedError(
      "INVALID_OPTION",
      `ledger record: ${scrub(describeIssue(parsed.error, clean), secrets)}`,
    );
  const text = JSON.stringify(parsed.data);
  if (
    secrets.some(
      (secret) => secret.length >= LEAST_SECRET && text.includes(JSON.stringify(secret).slice(1, -1)),
    )
  )
    throw new UnsiloedError("INVALID_OPTION", "ledger record: holds a key that is in use; it is not written");
  return text;
};

const isNewer = (value: unknown): boolean => {
  const schema: unknown =
    typeof value === "object" && value !== null ? Reflect.get(value, "schema") : undefined;
  return typeof schema === "number" && schema > RECORD_SCHEMA;
};

/**
 * Reads a record back.
 *
 * @throws UnsiloedError `LEDGER_VERSION` when a newer package wrote it, `LEDGER_CORRUPT` when it is no record of
 *   this document
 */
export const decodeRecord = (text: string, docId: string): LedgerRecord => {
  const corrupt = (what: string, cause?: unknown): UnsiloedError =>
    new UnsiloedError(
      "LEDGER_CORRUPT",
      `the record of "${docId}" in the ledger is damaged: ${what}; "unsiloed-ingest repair" makes it anew`,
      {
        cause,
      },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt("it is no JSON", cause);
  }
  if (isNewer(value))
    throw new UnsiloedError(
      "LEDGER_VERSION",
      `the record of "${docId}" was written by a newer version of unsiloed-ingest: update this one`,
    );
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) throw corrupt(describeIssue(parsed.error, value), parsed.error);
  if (parsed.data.doc_id !== docId) throw corrupt("it is of another document");
  return parsed.data;
};
