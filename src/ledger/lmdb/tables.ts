import { UnsiloedError } from "../../errors.js";
import { sha256 } from "../../internal/hashing.js";
import { LmdbFile, type LmdbTable } from "../../internal/lmdb/database.js";
import { propertyOf } from "../../internal/objects.js";
import type { LedgerEntry } from "../ledger.js";
import { nameOfParse, type ParseKey, parseOf } from "../parse-key.js";
import { type LedgerRecord, RECORD_SCHEMA } from "../record.js";
import { decodeRecord } from "../record-format.js";

/** LMDB accepts keys of up to 1,978 bytes; longer document ids are told apart by their hash. */
const LONGEST_PLAIN_KEY = 1000;

/** Records that are read at a time, so that a slow reader of a list keeps no snapshot of the database alive. */
const LIST_BATCH = 256;

const ADVICE = 'restore a copy, or run "unsiloed-ingest repair", which rebuilds it from the store';

const SCHEMA_KEY = Buffer.from("schema");

/** Says that the records of earlier versions, which kept no index of parses, are in the index. */
const INDEXED_KEY = Buffer.from("parses");
const YES = Buffer.from("1");

/** Returns the key of a document in every table. */
export const keyOf = (docId: string): Buffer => {
  const key = Buffer.from(docId);
  if (key.length <= LONGEST_PLAIN_KEY) return key;
  return Buffer.concat([key.subarray(0, LONGEST_PLAIN_KEY), Buffer.from(sha256([docId]))]);
};

/** Returns the document of a key. The rest of a long id is in the record; of a damaged one, the beginning is returned. */
const docIdOf = (key: Buffer, text: string): string => {
  if (key.length <= LONGEST_PLAIN_KEY) return key.toString();
  const named = documentOf(text);
  if (typeof named === "string" && keyOf(named).equals(key)) return named;
  return `${key.toString("utf8", 0, LONGEST_PLAIN_KEY)}…`;
};

const documentOf = (text: string): unknown => {
  try {
    return propertyOf(JSON.parse(text), "doc_id");
  } catch {
    return undefined;
  }
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** The tables of a ledger. */
export interface Tables {
  file: LmdbFile;
  /** What is known of the ledger as a whole. */
  about: LmdbTable;
  records: LmdbTable;
  claims: LmdbTable;
  /** The keys of the records of each parse, below the name of the parse. */
  parses: LmdbTable;
}

const NAMES = ["about", "records", "claims", "parses"];

const checkSchema = (schema: number, directory: string): void => {
  if (schema > RECORD_SCHEMA)
    throw new UnsiloedError(
      "LEDGER_VERSION",
      `${directory}: the ledger was written by a newer version of unsiloed-ingest: update this one`,
    );
};

const tablesOf = (file: LmdbFile): Tables => ({
  file,
  about: file.table("about"),
  records: file.table("records"),
  claims: file.table("claims"),
  parses: file.table("parses"),
});

/** Opens the tables of a ledger that is only read; `undefined` when there is none. @throws as {@link openTables} */
export const openTablesToRead = async (directory: string): Promise<Tables | undefined> => {
  const file = await LmdbFile.openToRead(directory, NAMES, ADVICE);
  if (!file) return undefined;
  try {
    const about = file.table("about");
    checkSchema(Number(file.read(() => about.get(SCHEMA_KEY))?.toString() ?? RECORD_SCHEMA), directory);
    return tablesOf(file);
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
};

/** Opens the tables of a ledger. @throws UnsiloedError `LEDGER_VERSION`, and what opening the database throws */
export const openTables = async (directory: string): Promise<Tables> => {
  const file = await LmdbFile.open(directory, NAMES, ADVICE);
  const about = file.table("about");
  const writing = file.write(() => {
    const written = about.get(SCHEMA_KEY);
    if (written) return Number(written.toString());
    about.put(SCHEMA_KEY, Buffer.from(String(RECORD_SCHEMA)));
    about.put(INDEXED_KEY, YES);
    return RECORD_SCHEMA;
  });
  try {
    checkSchema(await writing, directory);
    const tables = tablesOf(file);
    await indexOlderRecords(tables, about);
    return tables;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
};

/** Adds the records of earlier versions to the index of parses, some at a time, so that other processes can write. */
const indexOlderRecords = async ({ file, records, parses }: Tables, about: LmdbTable): Promise<void> => {
  if (file.read(() => about.doesExist(INDEXED_KEY))) return;
  let after: Buffer | undefined;
  do {
    const start = after;
    after = await file.write(() => {
      const batch = readBatch(records, start);
      for (const { key, value } of batch) {
        const { record } = readEntry(key, value.toString());
        const entry = record && indexKeyOf(record);
        if (entry) parses.put(entry, key);
      }
      if (batch.length < LIST_BATCH) about.put(INDEXED_KEY, YES);
      return batch.length < LIST_BATCH ? undefined : batch.at(-1)?.key;
    });
  } while (after);
};

interface Row {
  key: Buffer;
  value: Buffer;
}

/** Reads some rows of a table, in the order of their keys. */
const readBatch = (
  table: LmdbTable,
  after: Buffer | undefined,
  below: { start?: Buffer; end?: Buffer } = {},
): Row[] => {
  const start = after === undefined ? {} : { start: after, exclusiveStart: true };
  return [...table.getRange({ ...below, ...start, limit: LIST_BATCH })].map(({ key, value }) => ({
    key: Buffer.from(key),
    value,
  }));
};

/** Reads the rows of a table, which may change in between. */
export async function* ofTable(
  { file }: Tables,
  table: LmdbTable,
  below?: { start: Buffer; end: Buffer },
): AsyncGenerator<Row> {
  let batch: Row[] = [];
  do {
    const after = batch.at(-1)?.key;
    batch = file.read(() => readBatch(table, after, below));
    yield* batch;
  } while (batch.length === LIST_BATCH);
}

/** Reads the records in the index of a parse; some may be of another one by now. */
export async function* ofParse(tables: Tables, parse: ParseKey): AsyncGenerator<Row> {
  const { file, records, parses } = tables;
  const start = Buffer.from(nameOfParse(parse));
  // No key goes on with such a byte, as document ids are UTF-8.
  const end = Buffer.concat([start, Buffer.of(0xff)]);
  for await (const { value: key } of ofTable(tables, parses, { start, end })) {
    const value = file.read(() => records.get(key));
    if (value) yield { key, value };
  }
}

/** Returns the key of a record in the index of parses. */
export const indexKeyOf = (record: LedgerRecord): Buffer | undefined => {
  const parse = parseOf(record);
  return parse && Buffer.concat([Buffer.from(nameOfParse(parse)), keyOf(record.doc_id)]);
};

/** Reads the record at a key, or says why it cannot be read. */
export const readEntry = (key: Buffer, text: string): LedgerEntry => readEntryOf(docIdOf(key, text), text);

/** Reads the record of a document, or says why it cannot be read. */
export const readEntryOf = (docId: string, text: string): LedgerEntry => {
  try {
    return { docId, record: decodeRecord(text, docId) };
  } catch (thrown) {
    return { docId, problem: asError(thrown) };
  }
};
