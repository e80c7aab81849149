import { type Kind, kindOf } from "../figures/figures.js";

/** The kind of most cells of a column. */
export interface ColumnKind {
  /** `mixed` if no kind has enough of the cells. */
  kind: Kind | "mixed";
  /** The one short value of all rows, if there are at least three rows. */
  constant: string | undefined;
  /** Tells whether one of its cells has this text. */
  has: (text: string) => boolean;
}

/** How many rows are read, which show the kind of a column as well as all of them. */
const SAMPLE = 64;
/** The share of the cells, without empty ones, that must be of one kind. */
const MAJORITY = 0.7;
const MAX_CONSTANT = 8;

/** Kinds that stand for each other: `2,019` without its comma passes for a year, and `3/4` may be a share. */
const RELATED: Partial<Record<Kind, Kind>> = { year: "number", range: "number", ratio: "number" };

const mostOf = (counts: ReadonlyMap<Kind, number>, least: number): Kind | undefined => {
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most && most[1] >= least ? most[0] : undefined;
};

const related = (counts: ReadonlyMap<Kind, number>): Map<Kind, number> => {
  const sums = new Map<Kind, number>();
  for (const [kind, count] of counts) {
    const name = RELATED[kind] ?? kind;
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
};

const knownKinds = new WeakMap<readonly string[], readonly Kind[]>();

/** Classifies the cells of a row, once for each row: several steps of reading and splitting ask for the same ones. */
export const kindsOf = (row: readonly string[]): readonly Kind[] => {
  let kinds = knownKinds.get(row);
  if (!kinds) {
    kinds = row.map(kindOf);
    knownKinds.set(row, kinds);
  }
  return kinds;
};

interface SampleRow {
  texts: readonly string[];
  kinds: readonly Kind[];
}

const columnKind = (rows: readonly SampleRow[], column: number): ColumnKind => {
  const counts = new Map<Kind, number>();
  const first = rows[0]?.texts[column] ?? "";
  let isSame = true;
  let known = 0;
  for (const { texts, kinds } of rows) {
    isSame &&= texts[column] === first;
    const kind = kinds[column] ?? "empty";
    if (kind === "empty") continue;
    known += 1;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const isConstant = rows.length > 2 && isSame && known === rows.length;
  const least = known * MAJORITY;
  return {
    kind: known === 0 ? "empty" : (mostOf(counts, least) ?? mostOf(related(counts), least) ?? "mixed"),
    constant: isConstant && first.length <= MAX_CONSTANT ? first : undefined,
    has: (text) => rows.some(({ texts }) => texts[column] === text),
  };
};

/** Finds the kinds of the columns of rows of equal length. */
export const columnKinds = (rows: readonly (readonly string[])[], width: number): ColumnKind[] => {
  const sample = rows.slice(0, SAMPLE).map((texts) => ({ texts, kinds: kindsOf(texts) }));
  return Array.from({ length: width }, (_, column) => columnKind(sample, column));
};
