import { z } from "zod";
import { UnsiloedError } from "../errors.js";
import { propertyOf } from "../internal/objects.js";
import { describeIssue } from "../internal/options.js";
import { scrub } from "../internal/scrub.js";
import { LEDGER_STATES, type LedgerRecord, RECORD_SCHEMA, STAGES } from "./record.js";

const time = z.iso.datetime().nullable();
const hash = z.string().min(1).max(200).nullable();
const count = z.number().int().nonnegative();

/** Half a surrogate pair has no bytes of its own, so that two ids with different halves would be one. */
const docIdSchema = z
  .string()
  .min(1)
  .refine((id) => !/\p{Surrogate}/u.test(id), "expected well-formed Unicode");

const ledgerErrorSchema = z.strictObject({
  stage: z.enum(STAGES),
  code: z.string().regex(/^[A-Z][A-Z_]*$/),
  message: z.string().max(500),
  at: z.iso.datetime(),
});

const segmentCountsSchema = z.strictObject({
  total: count,
  stored: count,
  filtered: z.record(z.string(), count),
  flagged: z.record(z.string(), count).default({}),
});

/** Checks a {@link LedgerRecord} when it is written and when it is read back. */
export const recordSchema = z
  .strictObject({
    schema: z.literal(RECORD_SCHEMA),
    doc_id: docIdSchema,
    source: z.string(),
    file: z.string().nullable().default(null),
    title: z.string().nullable().default(null),
    state: z.enum(LEDGER_STATES),
    content_hash: hash,
    parse_hash: hash,
    parse_options: z.record(z.string(), z.unknown()).nullable(),
    options_hash: hash,
    job_id: z.string().min(1).max(200).nullable(),
    credits_used: z.number().nonnegative().nullable(),
    version: hash,
    point_ids: z.array(z.string().min(1).max(100)),
    store: z.string().nullable(),
    stored_content_hash: hash,
    segments: segmentCountsSchema.nullable(),
    attempts: count,
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

/** Shorter secrets, such as keys of tests, occur in records by chance; no service gives out such keys. */
const LEAST_SECRET = 8;

const holdsSecret = (text: string, secrets: readonly string[]): boolean =>
  secrets.some(
    (secret) => secret.length >= LEAST_SECRET && text.includes(JSON.stringify(secret).slice(1, -1)),
  );

/**
 * Checks a record and removes secrets from it, as it may be kept.
 *
 * @param secrets keys in use: they are removed from the error, and the record is refused if they are elsewhere in it
 * @returns the record, and its JSON
 * @throws UnsiloedError `INVALID_OPTION` when the record is not valid or holds a secret
 */
export const checkRecord = (
  record: LedgerRecord,
  secrets: readonly string[],
): { record: LedgerRecord; text: string } => {
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
  if (holdsSecret(text, secrets))
    throw new UnsiloedError(
      "INVALID_OPTION",
      "ledger record: it holds a key that is in use; it is not written",
    );
  return { record: parsed.data, text };
};

/** Prints a record as it is kept. @throws as {@link checkRecord} */
export const encodeRecord = (record: LedgerRecord, secrets: readonly string[]): string =>
  checkRecord(record, secrets).text;

const isNewer = (value: unknown): boolean => {
  const schema = propertyOf(value, "schema");
  return typeof schema === "number" && schema > RECORD_SCHEMA;
};

export const newerRecord = (docId: string): UnsiloedError =>
  new UnsiloedError(
    "LEDGER_VERSION",
    `the record of "${docId}" was written by a newer version of unsiloed-ingest: update this one`,
  );

const corruptRecord = (docId: string, what: string, cause?: unknown): UnsiloedError =>
  new UnsiloedError(
    "LEDGER_CORRUPT",
    `the record of "${docId}" in the ledger is damaged: ${what}; "unsiloed-ingest repair" rebuilds it`,
    { cause },
  );

/**
 * Reads a record back from its JSON.
 *
 * @throws UnsiloedError `LEDGER_VERSION` when a newer package wrote it, `LEDGER_CORRUPT` when it is no record of
 *   this document
 */
export const decodeRecord = (text: string, docId: string): LedgerRecord => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corruptRecord(docId, "it is not JSON", cause);
  }
  return readRecord(value, docId);
};

/** Reads a record back from the value of its JSON. @throws as {@link decodeRecord} */
export const readRecord = (value: unknown, docId: string): LedgerRecord => {
  if (isNewer(value)) throw newerRecord(docId);
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) throw corruptRecord(docId, describeIssue(parsed.error, value), parsed.error);
  if (parsed.data.doc_id !== docId) throw corruptRecord(docId, "it is of another document");
  return parsed.data;
};
