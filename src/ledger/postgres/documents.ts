import { batches } from "../../internal/batching.js";
import { propertyOf } from "../../internal/objects.js";
import type { Query, Values } from "../../internal/postgres/database.js";
import { keyOf } from "../../internal/postgres/keys.js";
import type { LedgerEntry, LedgerFilter } from "../ledger.js";
import { type LedgerRecord, type LedgerState, RECORD_SCHEMA } from "../record.js";
import { readRecord } from "../record-format.js";
import { CLAIMS, DOCUMENTS } from "./tables.js";

/** Records that are read at a time, so that a long list takes no more memory than a short one. */
const LIST_PAGE = 128;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface DocumentRow {
  key: string;
  record: unknown;
  /** The ids of the points; `null` where the record has them, as they are no UUIDs. */
  point_ids: string[] | null;
}

/** Columns of a document, and the type of each as a parameter. */
const COLUMNS = {
  key: "text",
  state: "text",
  job_id: "text",
  store: "text",
  content_hash: "text",
  parse_hash: "text",
  options_hash: "text",
  points: "int",
  point_ids: "uuid[]",
  format: "int",
  record: "json",
} as const;
const NAMES = Object.keys(COLUMNS);

const valuesOf = (record: LedgerRecord): Values => {
  const { state, job_id, store, content_hash, parse_hash, options_hash, schema, point_ids, ...rest } = record;
  const arePacked = point_ids.every((id) => UUID.test(id));
  const text = JSON.stringify(arePacked ? { ...record, point_ids: undefined } : record);
  const hashes = [content_hash, parse_hash, options_hash];
  const ids = arePacked ? point_ids : null;
  return [keyOf(rest.doc_id), state, job_id, store, ...hashes, point_ids.length, ids, schema, text];
};

const parameters = Object.values(COLUMNS).map((type, index) => `$${index + 1}::${type}`);
const replaced = NAMES.filter((name) => name !== "key").map((name) => `${name} = excluded.${name}`);
const OWNER = `$${NAMES.length + 1}`;

/** Locks the claim of an owner, so that no other can take it until the statement has written. */
const held = (key: string, owner: string): string =>
  `held as materialized (select 1 from ${CLAIMS} where id = ${key} and owner_id = ${owner} for update)`;

/** A record that a newer version of this package wrote is not replaced. */
const write = (isFenced: boolean, condition = ""): string => `
  insert into ${DOCUMENTS} as documents (${NAMES.join(", ")})
  select ${parameters.join(", ")} ${isFenced ? "from held" : ""}
  on conflict (key) do update set ${replaced.join(", ")}, updated_at = now()
  where documents.format <= ${RECORD_SCHEMA} ${condition}
  returning 1`;

const PUT = `with written as (${write(false)}) select true as held, exists (select from written) as done`;
const PUT_HELD = `with ${held("$1", OWNER)}, written as (${write(true)})
  select exists (select from held) as held, exists (select from written) as done`;

/** What became of a write. */
export type WriteOutcome = "done" | "claim-lost" | "newer";

/** Writes a record, if the owner still has the claim. */
export const writeDocument = async (
  query: Query,
  record: LedgerRecord,
  owner: string | undefined,
): Promise<WriteOutcome> => {
  const values = valuesOf(record);
  const [row] = await query<{ held: boolean; done: boolean }>(
    owner === undefined ? PUT : PUT_HELD,
    owner === undefined ? values : [...values, owner],
  );
  if (!row?.held) return "claim-lost";
  return row.done ? "done" : "newer";
};

const PUT_NEW = `
  insert into ${DOCUMENTS} (key, state, points, point_ids, format, record)
  select key, state, 0, '{}', ${RECORD_SCHEMA}, record::json
  from unnest($1::text[], $2::text[], $3::text[]) as given (key, state, record)
  on conflict (key) do nothing`;

/** Writes the first records of documents, which have no points; those that have a record keep it. */
export const writeNewDocuments = async (query: Query, records: readonly LedgerRecord[]): Promise<void> => {
  // In one order, so that two processes that write the same documents wait for each other instead of a deadlock.
  const sorted = records
    .map((record) => ({ key: keyOf(record.doc_id), record }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  await query(PUT_NEW, [
    sorted.map(({ key }) => key),
    sorted.map(({ record }) => record.state),
    sorted.map(({ record: { point_ids: _, ...rest } }) => JSON.stringify(rest)),
  ]);
};

const PUT_UNCLAIMED = `with claimed as materialized (
    select 1 from ${CLAIMS} where id = $1 and expires_at > clock_timestamp() for update
  ), written as (${write(false, `and documents.state = ${OWNER} and not exists (select from claimed)`)})
  select exists (select from written) as done`;

/**
 * Writes a record in place of one in a certain state, on which no run works.
 *
 * @returns whether that was so
 */
export const replaceUnclaimed = async (
  query: Query,
  record: LedgerRecord,
  state: LedgerState,
): Promise<boolean> => {
  const [row] = await query<{ done: boolean }>(PUT_UNCLAIMED, [...valuesOf(record), state]);
  return row?.done ?? false;
};

const removal = (from: string): string => `
  gone as (delete from ${DOCUMENTS} where key = $1 and format <= ${RECORD_SCHEMA} ${from} returning 1),
  newer as (select 1 from ${DOCUMENTS} where key = $1 and format > ${RECORD_SCHEMA})`;
const DELETE = `with ${removal("")}
  select true as held, exists (select from gone) as done, exists (select from newer) as newer`;
const DELETE_HELD = `with ${held("$1", "$2")}, ${removal("and exists (select from held)")}
  select exists (select from held) as held, exists (select from gone) as done, exists (select from newer) as newer`;

/** Removes a record, if the owner still has the claim. */
export const deleteDocument = async (
  query: Query,
  docId: string,
  owner: string | undefined,
): Promise<WriteOutcome | "unknown"> => {
  const [row] = await query<{ held: boolean; done: boolean; newer: boolean }>(
    owner === undefined ? DELETE : DELETE_HELD,
    owner === undefined ? [keyOf(docId)] : [keyOf(docId), owner],
  );
  if (!row?.held) return "claim-lost";
  if (row.newer) return "newer";
  return row.done ? "done" : "unknown";
};

const jsonOf = ({ record, point_ids }: DocumentRow): unknown =>
  point_ids === null || typeof record !== "object" ? record : { ...record, point_ids };

/** @param docId the document of the row; of a long id, the row has only the beginning */
const entryOf = (row: DocumentRow, docId: string): LedgerEntry => {
  try {
    return { docId, record: readRecord(jsonOf(row), docId) };
  } catch (thrown) {
    return { docId, problem: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }
};

/** Returns the document of a row: the rest of a long id is in its record. */
const docIdOf = ({ key, record }: DocumentRow): string => {
  const named = propertyOf(record, "doc_id");
  return typeof named === "string" && keyOf(named) === key ? named : key;
};

/** Reads a record. @throws as {@link readRecord} */
export const readDocument = async (query: Query, docId: string): Promise<LedgerRecord | undefined> => {
  const [row] = await query<DocumentRow>(`select key, record, point_ids from ${DOCUMENTS} where key = $1`, [
    keyOf(docId),
  ]);
  return row && readRecord(jsonOf(row), docId);
};

/** Documents that are read in one query. */
const KEYS_AT_ONCE = 1000;

/** Reads the records of documents; those without one are left out. */
export const readDocuments = async (
  query: Query,
  docIds: readonly string[],
): Promise<Map<string, LedgerEntry>> => {
  const found = new Map<string, LedgerEntry>();
  for (const batch of batches(docIds, { maxCount: KEYS_AT_ONCE })) {
    const named = new Map(batch.map((docId) => [keyOf(docId), docId]));
    const rows = await query<DocumentRow>(
      `select key, record, point_ids from ${DOCUMENTS} where key = any($1)`,
      [[...named.keys()]],
    );
    for (const row of rows) {
      const docId = named.get(row.key);
      if (docId !== undefined) found.set(docId, entryOf(row, docId));
    }
  }
  return found;
};

/** Lists records page by page, in the order of their keys; a reader that is slow holds no connection. */
export async function* listDocuments(
  query: Query,
  { states, parse }: LedgerFilter,
): AsyncGenerator<LedgerEntry> {
  const conditions = ["key > $1"];
  const values: (string | readonly string[])[] = [];
  const matches = (condition: string, value: string | readonly string[]): void => {
    values.push(value);
    conditions.push(condition.replace("?", `$${values.length + 1}`));
  };
  if (states) matches("state = any(?)", states);
  // Said once more, because it is the condition of an index.
  if (states && !states.includes("stored")) conditions.push("state <> 'stored'");
  if (parse) {
    matches("content_hash = ?", parse.contentHash);
    matches("parse_hash = ?", parse.parseHash);
  }
  const text = `select key, record, point_ids from ${DOCUMENTS}
    where ${conditions.join(" and ")} order by key limit ${LIST_PAGE}`;
  let rows: DocumentRow[] = [];
  do {
    rows = await query<DocumentRow>(text, [rows.at(-1)?.key ?? "", ...values]);
    for (const row of rows) yield entryOf(row, docIdOf(row));
  } while (rows.length === LIST_PAGE);
}

/** Counts the points of the stored documents of a store. */
export const countPoints = async (query: Query, store: string): Promise<number> => {
  const [row] = await query<{ points: number }>(
    `select coalesce(sum(points), 0)::float8 as points from ${DOCUMENTS} where state = 'stored' and store = $1`,
    [store],
  );
  return row?.points ?? 0;
};
