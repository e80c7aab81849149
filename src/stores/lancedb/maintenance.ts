import type { Table } from "@lancedb/lancedb";

/** How a table stands, as far as it matters for maintenance. */
export interface TableState {
  rows: number;
  /** Files that hold them; every write adds one. */
  fragments: number;
  /** Rows the full-text index holds. */
  indexed: number;
  /** Rows it does not hold yet; they are found all the same, by reading them. */
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
 * Whether a full-text search gives the best rows first. While its index is empty, LanceDB 0.37.1 gives the first that
 * match, in the order of the table; once it holds a row, those outside of it are ranked with the others.
 */
export const ranksWords = ({ indexed, unindexed }: TableState): boolean => indexed > 0 || unindexed === 0;

/**
 * Whether merging the files is due. LanceDB rewrites the whole table for that, about 0.1 ms for each row of 512
 * dimensions, whereas each file costs the calls for a document about 0.4 ms: together they cost least when the number
 * of files stays under a constant times the root of the number of rows.
 */
export const isDue = (state: TableState): boolean => {
  const { rows, fragments } = state;
  return !ranksWords(state) || (fragments >= 16 && fragments ** 2 >= rows / 4);
};

/** Whether it is due when a sink is closed: sooner, since searches follow, but not for a few rows among many. */
export const isDueAtEnd = (state: TableState): boolean => {
  const { rows, fragments, unindexed } = state;
  return isDue(state) || (fragments > 1 && unindexed * 20 >= rows);
};
