import { alignTable } from "./align-columns.js";
import { readNames, withoutShift } from "./column-names.js";
import { findHeader, type HeaderEvidence, isTitle, type ReadRow } from "./header.js";
import { withoutRepeats } from "./repeated-header.js";
import type { SourceCell, SourceRow } from "./source-rows.js";
import { expandSpans, type GridRow } from "./spans.js";

/** A table with its spans expanded: every row has as many cells as there are columns. */
export interface TableModel {
  /** The `<caption>` and the title rows, which are above the column names over the whole width. */
  titles: string[];
  /** Column names; several header rows are joined as `2025 / Revenue`, an unnamed column is empty. */
  names: string[];
  /** The rows the names were taken from; none when the table does not name its columns and all names are empty. */
  header: string[][];
  /** The evidence that these rows are a header. */
  evidence?: HeaderEvidence | undefined;
  rows: string[][];
  /** Indices of the body rows that share a cell with the row before them. */
  spanned: ReadonlySet<number>;
}

/** Removes columns at the end that have neither name nor text. */
const withoutEmptyEnd = (names: string[], rows: string[][]): { names: string[]; rows: string[][] } => {
  const isEmpty = (column: number): boolean => !names[column] && rows.every((row) => !row[column]);
  let width = names.length;
  while (width > 1 && isEmpty(width - 1)) width -= 1;
  if (width === names.length) return { names, rows };
  return { names: names.slice(0, width), rows: rows.map((row) => row.slice(0, width)) };
};

const textOf = (cell: SourceCell | undefined): string => cell?.text ?? "";

/** Reads the text of a row. */
const readRow = ({ source, cells, isSpanned }: GridRow): ReadRow => {
  const names = cells.map(textOf);
  // Without spans, the positions are those of the source.
  if (cells === source.cells) return { source, cells, isSpanned, names, texts: names };
  const texts = names.map((text, column) => (column > 0 && cells[column] === cells[column - 1] ? "" : text));
  return { source, cells, isSpanned, names, texts };
};

/**
 * Builds the model of a table from its rows: expands spans, leaves out rows without text, finds titles and header rows,
 * and aligns the cells of rows that are too long or too short. A cell of the body that spans columns is in the first of
 * them, one that spans rows in each of them.
 *
 * @returns `undefined` if no cell has text
 */
export const buildTable = (source: readonly SourceRow[], caption: string): TableModel | undefined => {
  const kept = expandSpans(source)
    .map(readRow)
    .filter(({ texts }) => texts.some((text) => text !== ""));
  if (kept.length === 0 && caption === "") return undefined;
  const width = kept.reduce(
    (most, { texts }) => (texts.length > most ? Math.max(most, texts.findLastIndex(Boolean) + 1) : most),
    0,
  );
  const start = Math.max(
    kept.findIndex((row) => !isTitle(row, width)),
    0,
  );
  const titleRows = kept.slice(0, start);
  const body = kept.slice(start);
  const isTitled = titleRows.some(({ source: { inHead, cells } }) => inHead || cells[0]?.isHeader);
  const { depth, evidence } = findHeader(body, isTitled);
  const header = body.slice(0, depth);
  const below = withoutRepeats(body.slice(depth), header, evidence !== "assumed");
  const read = readNames(header);
  const aligned = alignTable(
    read.names,
    below.map(({ texts }) => texts),
  );
  const { names, rows } = withoutEmptyEnd(withoutShift(aligned.names, aligned.rows), aligned.rows);
  const titles = [caption, ...titleRows.map(({ texts }) => texts[0] ?? ""), ...read.titles];
  return {
    titles: titles.filter((title) => title !== ""),
    names,
    header: header.map((row) => [...row.names]),
    evidence,
    rows,
    spanned: new Set(below.flatMap(({ isSpanned }, row) => (isSpanned && row > 0 ? [row] : []))),
  };
};
