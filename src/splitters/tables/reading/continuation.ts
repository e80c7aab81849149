import { isFigure } from "../figures/figures.js";
import { columnKinds } from "./column-kinds.js";
import { CONTINUED } from "./repeated-header.js";
import type { TableModel } from "./table-model.js";

/** Matches titles that say that the table continues. */
const CONTINUED_TITLE = new RegExp(CONTINUED, "iu");

/** The rows that a continuation adds to a table. */
export interface AddedRows {
  rows: string[][];
  /** Indices of the rows that share a cell with the row before them. */
  spanned: number[];
}

const folded = (text: string): string => text.replace(/\s+/g, " ").trim().toLowerCase();

const textsOf = (line: readonly string[]): string => line.filter(Boolean).map(folded).join("\n");

const withoutEmptyEnd = (line: readonly string[]): readonly string[] =>
  line.slice(0, line.findLastIndex((text) => text !== "") + 1);

const sameNames = (a: readonly string[], b: readonly string[]): boolean => {
  const [one, two] = [withoutEmptyEnd(a), withoutEmptyEnd(b)];
  return one.length === two.length && one.every((name, column) => folded(name) === folded(two[column] ?? ""));
};

const padded = (line: readonly string[], width: number): string[] =>
  Array.from({ length: width }, (_, column) => line[column] ?? "");

/** Tells whether most columns have figures where there were words, or words where there were figures. */
const contradicts = (before: readonly string[][], rows: readonly string[][], width: number): boolean => {
  const [one, two] = [columnKinds(before, width), columnKinds(rows, width)];
  const contradictions = one.filter(({ kind }, column) => {
    const other = two[column]?.kind ?? "empty";
    return (isFigure(kind) && other === "text") || (kind === "text" && isFigure(other));
  });
  return contradictions.length > width / 2;
};

const hasSections = ({ rows }: TableModel): boolean =>
  rows.some((row) => row[0] !== "" && row.every((text, column) => !column || !text));

/** Makes rows of the new titles of `next`; `undefined` if they are those of another table. */
const titleRows = (before: TableModel, next: TableModel, width: number): string[][] | undefined => {
  const known = new Set(before.titles.map(folded));
  const others = next.titles.filter((title) => !known.has(folded(title)));
  if (others.some((title) => !CONTINUED_TITLE.test(title)) && !hasSections(before)) return undefined;
  return others.map((title) => padded([title], width));
};

const added = (
  titles: string[][],
  lines: readonly string[][],
  next: TableModel,
  width: number,
): AddedRows => {
  const rows = [...titles, ...lines.map((line) => (line.length === width ? line : padded(line, width)))];
  const shift = rows.length - next.rows.length;
  return { rows, spanned: [...next.spanned].map((row) => row + shift).filter((row) => row > 0) };
};

/**
 * Finds the rows with which a table continues the one before it; `undefined` if it is another table.
 *
 * It continues if it repeats the header, which is left out then. It also continues if it has as many columns, nothing
 * shows that its first row is a header, and most columns do not have words in place of figures or figures in place of
 * words. A title of its own makes it another table, unless the title says that the table continues or the table has
 * subheading rows anyway.
 */
export const rowsAdded = (before: TableModel, next: TableModel): AddedRows | undefined => {
  const width = before.names.length;
  const titles = titleRows(before, next, width);
  if (!titles) return undefined;
  if (before.header.length > 0 && sameNames(before.names, next.names)) {
    return next.names.length > width ? undefined : added(titles, next.rows, next, width);
  }
  if (next.names.length !== width) return undefined;
  const header = next.header.length === 1 ? [next.names] : next.header;
  const lines = [...header, ...next.rows];
  const depth = before.header.length;
  const repeats =
    depth > 0 && before.header.every((line, row) => textsOf(line) === textsOf(lines[row] ?? []));
  if (repeats) return added(titles, lines.slice(depth), next, width);
  const hasOwnNames = next.evidence === "marked" || next.evidence === "evident";
  if (hasOwnNames || contradicts(before.rows, lines, width)) return undefined;
  return added(titles, lines, next, width);
};
