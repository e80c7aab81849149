import { isData, isFigure, type Kind, kindOf } from "../figures/figures.js";
import { type ColumnKind, columnKinds, kindsOf } from "./column-kinds.js";

/** With more spare positions than this, rows are aligned left: nothing shows where so many cells are missing. */
const MAX_SPARE = 16;

/**
 * Assigns `count` items to `positions`, in order, with the greatest sum of scores. Of equal sums, the one further left
 * counts.
 *
 * @param score the score of an item in a position
 * @param spare the score of a position left over
 */
const arrange = (
  count: number,
  positions: number,
  score: (item: number, position: number) => number,
  spare: (position: number) => number = () => 0,
): number[] => {
  const slack = positions - count;
  const inOrder = Array.from({ length: count }, (_, item) => item);
  if (slack <= 0 || slack > MAX_SPARE) return inOrder;
  /** `best[item][shift]`: sum of this item, `shift` positions to the right, and all that follows. */
  const best = Array.from({ length: count + 1 }, () => new Array<number>(slack + 1).fill(0));
  const at = (item: number, shift: number): number =>
    shift > slack ? Number.NEGATIVE_INFINITY : (best[item]?.[shift] ?? 0);
  const here = (item: number, shift: number): number => score(item, item + shift) + at(item + 1, shift);
  const later = (item: number, shift: number): number => spare(item + shift) + at(item, shift + 1);
  for (let item = count; item >= 0; item--) {
    const line = best[item] ?? [];
    for (let shift = slack; shift >= 0; shift--) {
      if (item < count) line[shift] = Math.max(here(item, shift), later(item, shift));
      else line[shift] = shift === slack ? 0 : later(item, shift);
    }
  }
  let shift = 0;
  return inOrder.map((item) => {
    while (here(item, shift) < later(item, shift)) shift++;
    return item + shift;
  });
};

const YEAR_NAME = /^(?:years?|anno|anni|ann[ée]es?|jahre?|a[ñn]os?|jaar|rok|år)(?!\p{L})/iu;
const FIGURE_NAME =
  /(?:^|\P{L})(?:no|nr|n[°º]|pos|rank|rang|time|tempo|zeit|temps|date|data|datum|total[ei]?|summe|amount|betrag|importo|price|prezzo|preis|prix|points?|punti|pts|pti|score|count|qty|quantity|age|eur|usd|chf|gbp)(?!\p{L})|[%‰€$£¥#]/iu;

/** Scores how well a name fits a column. */
const nameScore = (name: string, { kind }: ColumnKind): number => {
  if (kind === "empty" || kind === "mixed") return 0;
  // An empty corner fits the column of the row labels.
  if (name === "") return kind === "text" ? 1 : 0;
  if (YEAR_NAME.test(name)) return kind === "year" ? 2 : -2;
  if (isFigure(kindOf(name)) || FIGURE_NAME.test(name)) return isData(kind) ? 1 : -1;
  return 0;
};

/** Scores how likely a column has no name: a flag or a unit, or the labels of rows of figures. */
const unnamedScore = (column: number, columns: readonly ColumnKind[]): number => {
  const { kind, constant } = columns[column] ?? { kind: "mixed" };
  if (constant !== undefined) return 1.5;
  if (kind === "empty") return 1;
  return column === 0 && kind === "text" && columns.slice(1).every((other) => isData(other.kind)) ? 1 : 0;
};

const cellScore = (text: string, kind: Kind, column: ColumnKind | undefined): number => {
  if (!column || kind === "empty" || column.kind === "empty" || column.kind === "mixed") return 0;
  if (kind === column.kind) return column.constant === text ? 1.5 : 1;
  return isFigure(kind) && isFigure(column.kind) ? 0.5 : -1;
};

/** Finds the most frequent row length, without rows of a single cell; of equally frequent ones the greatest. */
export const usualLength = (rows: readonly (readonly string[])[]): number => {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  if (counts.size > 1) counts.delete(1);
  const [most] = [...counts].sort(([a, x], [b, y]) => y - x || b - a);
  return most?.[0] ?? 0;
};

/** Assigns names to at least as many columns: one name for each column, empty where there is none. */
export const namesAbove = (names: readonly string[], columns: readonly ColumnKind[]): string[] => {
  const positions = arrange(
    names.length,
    columns.length,
    (name, column) => nameScore(names[name] ?? "", columns[column] ?? NOTHING),
    (column) => unnamedScore(column, columns),
  );
  const above = columns.map(() => "");
  for (const [name, column] of positions.entries()) above[column] = names[name] ?? "";
  return above;
};

const NOTHING: ColumnKind = { kind: "empty", constant: undefined, has: () => false };

/** Spreads cells over a wider row. */
const spread = (cells: readonly string[], positions: readonly number[], width: number): string[] => {
  const row = new Array<string>(width).fill("");
  for (const [index, position] of positions.entries()) row[position] = cells[index] ?? "";
  return row;
};

/** Spreads a short row: each cell under a column of its kind, a single cell and a label first. */
const placeShort = (cells: readonly string[], columns: readonly ColumnKind[]): string[] => {
  if (cells.length < 2) return spread(cells, [0], columns.length);
  const kinds = kindsOf(cells);
  const positions = arrange(cells.length, columns.length, (cell, column) => {
    const kind = kinds[cell] ?? "empty";
    const isLabel = cell === 0 && column === 0 && kind === "text";
    return cellScore(cells[cell] ?? "", kind, columns[column]) + (isLabel ? 0.5 : 0);
  });
  return spread(cells, positions, columns.length);
};

/** Counts the cells of a long row that have no column: before each column, and after the last. */
const extrasOf = (cells: readonly string[], columns: readonly ColumnKind[]): number[] => {
  const kinds = kindsOf(cells);
  const positions = arrange(columns.length, cells.length, (column, cell) =>
    cellScore(cells[cell] ?? "", kinds[cell] ?? "empty", columns[column]),
  );
  return [...positions, cells.length].map((position, column, all) => position - (all[column - 1] ?? -1) - 1);
};

/** Inserts empty cells before columns, and after the last, so that each gap has the size it needs. */
const widened = (cells: readonly string[], gaps: readonly number[], own?: readonly number[]): string[] => {
  const row: string[] = [];
  let next = 0;
  for (const [column, gap] of gaps.entries()) {
    const extras = own?.[column] ?? 0;
    for (let extra = 0; extra < gap; extra++) row.push(extra < extras ? (cells[next++] ?? "") : "");
    if (column < gaps.length - 1) row.push(cells[next++] ?? "");
  }
  return row;
};

/**
 * Brings names and rows to one width. Rows with too many or too few cells are kept.
 *
 * There are as many columns as the most frequent row length. The kind of a column is that of most of its cells: figures,
 * years, codes of one shape, or words. Fewer names than columns are put where they fit: a name of a year above years, of figures
 * above figures, the empty corner above labels; without a name stay first a column with the same short value in each
 * row, an empty one, or labels before figures. A row with too few cells puts each under a column of its kind, its
 * label first; one with too many gets positions of its own, which have no name, between the columns its other cells fit.
 * Otherwise cells are as far left as possible.
 */
export const alignTable = (
  header: readonly string[],
  rows: readonly string[][],
): { names: string[]; rows: string[][] } => {
  const width = usualLength(rows);
  if (header.length === width && rows.every(({ length }) => length === width))
    return { names: [...header], rows: [...rows] };
  let columns = columnKinds(
    rows.filter(({ length }) => length === width),
    width,
  );
  let names = [...header];
  let placed = [...rows];
  if (rows.length === 0) columns = names.map(() => NOTHING);
  else if (header.length < width) names = namesAbove(header, columns);
  else if (header.length > width) {
    const positions = arrange(width, header.length, (column, name) =>
      nameScore(header[name] ?? "", columns[column] ?? NOTHING),
    );
    placed = rows.map((row) => (row.length === width ? spread(row, positions, header.length) : row));
    const usual = columns;
    columns = header.map((_, name) => usual[positions.indexOf(name)] ?? NOTHING);
  }
  const own = placed.map((row) => (row.length > columns.length ? extrasOf(row, columns) : undefined));
  const long = own.filter((extras) => extras !== undefined);
  const gaps = [...columns, NOTHING].map((_, column) =>
    long.reduce((most, extras) => Math.max(most, extras[column] ?? 0), 0),
  );
  const isWider = gaps.some((gap) => gap > 0);
  const full = placed.map((row, index) => {
    const even = row.length < columns.length ? placeShort(row, columns) : row;
    return isWider ? widened(even, gaps, own[index]) : even;
  });
  return { names: isWider ? widened(names, gaps) : names, rows: full };
};
