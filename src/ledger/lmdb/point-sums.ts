import { propertyOf } from "../../internal/objects.js";
import type { LedgerRecord } from "../record.js";
import { readEntry, type Tables } from "./tables.js";

// The points of stored documents, summed for each store, in one value that is written with the records: so the sums are
// right after a crash, too. There are none until they are asked for, as in ledgers of earlier versions.
const SUMS_KEY = Buffer.from("points");

type Sums = Readonly<Record<string, number>>;

const readSums = ({ about }: Tables): Sums | undefined => {
  const value = about.get(SUMS_KEY);
  try {
    return value && JSON.parse(value.toString());
  } catch {
    // Damaged, and so as good as none.
    return undefined;
  }
};

const writeSums = ({ about }: Tables, sums: Sums): void => {
  about.put(SUMS_KEY, Buffer.from(JSON.stringify(sums)));
};

const added = (sums: Sums, { state, store, point_ids }: LedgerRecord, sign: 1 | -1): Sums =>
  state === "stored" && store !== null && point_ids.length > 0
    ? { ...sums, [store]: Number(propertyOf(sums, store) ?? 0) + sign * point_ids.length }
    : sums;

/** Adds the points of a record that is written, or takes off those of one that goes. Part of a transaction. */
export const addPoints = (tables: Tables, record: LedgerRecord | undefined, sign: 1 | -1): void => {
  const sums = record && readSums(tables);
  const changed = sums && added(sums, record, sign);
  if (changed && changed !== sums) writeSums(tables, changed);
};

/** Forgets the sums, as a record that cannot be read may be part of them. Part of a transaction. */
export const forgetSums = ({ about }: Tables): void => {
  about.remove(SUMS_KEY);
};

/** Returns the sum of a store; `undefined` where there are no sums. */
export const sumOf = (tables: Tables, store: string): number | undefined => {
  const sums = readSums(tables);
  return sums && Number(propertyOf(sums, store) ?? 0);
};

/** Sums the points of all records. Part of a transaction, so that no record changes unnoticed. */
export const sumRecords = (tables: Tables): void => {
  let sums: Sums = {};
  for (const { key, value } of tables.records.getRange({})) {
    const { record } = readEntry(Buffer.from(key), value.toString());
    if (record) sums = added(sums, record, 1);
  }
  writeSums(tables, sums);
};
