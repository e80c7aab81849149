import type { Table } from "@lancedb/lancedb";

/** The state of a table, as far as it matters for maintenance. */
export interface TableState {
  rows: number;
  /** Files with the rows; every write adds one. */
  fragments: number;
  /** Rows in the full-text index. */
  indexed: number;
  /** Rows that are not in the index yet. Searches read them one by one. */
  unindexed: number;
}

export const readState = async (table: Table): Promise<TableState> => {
  const [{ numRows, fragmentStats }, indexes] = await Promise.all([table.stats(), table.listIndices()]);
  const fullText = indexes.find(({ columns }) => columns.includes("lexical"));
  return {
    rows: numRows,
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
