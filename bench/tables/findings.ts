/** Findings about one table or several. */
export interface Findings {
  tables: number;
  parts: number;
  rows: number;
  words: number;
  /** Parts without the header, or with another one. */
  headerMissing: number;
  /** Words of cells that no part contains, and words that several parts contain without marking them as repeated. */
  lost: number;
  doubled: number;
  /** Rows in several parts although they fit into one. */
  rowsCut: number;
  /** Parts that exceed the budget, as they are embedded or as they are shown. */
  exceeded: number;
  /** Names of the tables with faults. */
  faults: string[];
}

export const NOTHING_FOUND: Findings = {
  tables: 0,
  parts: 0,
  rows: 0,
  words: 0,
  headerMissing: 0,
  lost: 0,
  doubled: 0,
  rowsCut: 0,
  exceeded: 0,
  faults: [],
};

export const addFindings = (a: Findings, b: Findings): Findings => ({
  tables: a.tables + b.tables,
  parts: a.parts + b.parts,
  rows: a.rows + b.rows,
  words: a.words + b.words,
  headerMissing: a.headerMissing + b.headerMissing,
  lost: a.lost + b.lost,
  doubled: a.doubled + b.doubled,
  rowsCut: a.rowsCut + b.rowsCut,
  exceeded: a.exceeded + b.exceeded,
  faults: [...a.faults, ...b.faults],
});
