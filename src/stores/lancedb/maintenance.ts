import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Table } from "@lancedb/lancedb";

/** The state of a table, as far as it matters for maintenance. */
export interface TableState {
  rows: number;
  /** Bytes of the rows. */
  bytes: number;
  /** Files with the rows; every write adds one. */
  fragments: number;
  /** Rows in the full-text index. */
  indexed: number;
  /** Rows that are not in the index yet. Searches read them one by one. */
  unindexed: number;
}

export const readState = async (table: Table): Promise<TableState> => {
  const [{ numRows, totalBytes, fragmentStats }, indexes] = await Promise.all([
    table.stats(),
    table.listIndices(),
  ]);
  const fullText = indexes.find(({ columns }) => columns.includes("lexical"));
  return {
    rows: numRows,
    bytes: totalBytes,
    fragments: fragmentStats.numFragments,
    indexed: fullText?.numIndexedRows ?? 0,
    unindexed: fullText?.numUnindexedRows ?? 0,
  };
};

/**
 * Whether a full-text search returns the best rows first. While the index is empty, LanceDB 0.37.1 returns the first
 * matches in the order of the table; once it has a row, rows outside the index are ranked with the others.
 */
export const ranksWords = ({ indexed, unindexed }: TableState): boolean => indexed > 0 || unindexed === 0;

/**
 * Whether the files should be merged now. A merge rewrites the whole table, about 0.1 ms for each row of 512 dimensions;
 * each file adds about 0.4 ms to the calls for a document. The sum is least when the number of files stays below a
 * constant times the square root of the number of rows.
 */
export const isDue = (state: TableState): boolean => {
  const { rows, fragments } = state;
  return !ranksWords(state) || (fragments >= 16 && fragments ** 2 >= rows / 4);
};

/** Whether the files should be merged when a sink is closed: earlier, because searches follow, but not for a few rows among many. */
export const isDueAtEnd = (state: TableState): boolean => {
  const { rows, fragments, unindexed } = state;
  return isDue(state) || (fragments > 1 && unindexed * 20 >= rows);
};

/** Versions of this age are always kept, for readers that are in the middle of a listing. */
const ALWAYS_KEPT_MS = 10_000;

/** Adds up the files of a table, those of old versions included. A file that is removed in between counts nothing. */
export const bytesOnDisk = async (directory: string): Promise<number> => {
  const names = await readdir(directory, { recursive: true });
  const sizes = names.map(async (name) => {
    const file = await stat(path.join(directory, name)).catch(() => undefined);
    return file?.isFile() ? file.size : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};

/**
 * Whether old versions take more than `keptBytes`. Every merge writes the whole table again, so many small writes within
 * the time for which versions are kept would leave a multiple of it. Indexes count as much as the rows.
 */
export const isOverBudget = (
  { bytes }: Pick<TableState, "bytes">,
  onDisk: number,
  keptBytes: number,
): boolean => onDisk > 2 * bytes + keptBytes;

/** Returns the age from which versions are removed. */
export const keptAge = (keepVersionsMs: number, overBudget: boolean): number =>
  overBudget ? Math.min(keepVersionsMs, ALWAYS_KEPT_MS) : keepVersionsMs;
