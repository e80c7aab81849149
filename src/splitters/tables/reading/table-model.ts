import { alignTable } from "./align-columns.js";
import { findHeader, type HeaderEvidence, isTitle } from "./header.js";
import { expandSpans, type SourceRow } from "./spans.js";

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

/** Joins the names of each column from the top down, each once if a cell spans rows. */
const joinNames = (header: readonly (readonly string[])[]): string[] => {
  const width = header.reduce((most, line) => Math.max(most, line.length), 0);
  return Array.from({ length: width }, (_, column) => {
    const path = header.map((line) => line[column] ?? "").filter((text) => text !== "");
    return path.filter((text, index) => text !== path[index - 1]).join(" / ");
  });
};

/** Removes columns at the end that have neither name nor text. */
const withoutEmptyEnd = (names: string[], rows: string[][]): { names: string[]; rows: string[][] } => {
  const isEmpty = (column: number): boolean => !names[column] && rows.every((row) => !row[column]);
  let width = names.length;
  while (width > 1 && isEmpty(width - 1)) width -= 1;
  if (width === names.length) return { names, rows };
  return { names: names.slice(0, width), rows: rows.map((row) => row.slice(0, width)) };
};

/**
 * Builds the model of a table from its rows: expands spans, leaves out rows without text, finds titles and header rows,
 * and aligns the cells of rows that are too long or too short.
 *
 * @returns `undefined` if no cell has text
 */
export const buildTable = (source: readonly SourceRow[], caption: string): TableModel | undefined => {
  const kept: { source: SourceRow; texts: string[]; isSpanned: boolean }[] = [];
  for (const { source: row, cells, isSpanned } of expandSpans(source)) {
    const texts = cells.map((cell) => cell?.text ?? "");
    if (texts.some((text) => text !== "")) kept.push({ source: row, texts, isSpanned });
  }
  if (kept.length === 0 && caption === "") return undefined;
  const width = kept.reduce((most, { texts }) => Math.max(most, texts.findLastIndex(Boolean) + 1), 0);
  const start = Math.max(
    kept.findIndex(({ source: row }) => !isTitle(row, width)),
    0,
  );
  const body = kept.slice(start);
  const lines = body.map(({ texts }) => texts);
  const { depth, evidence } = findHeader(
    body.map(({ source: row }) => row),
    lines,
  );
  const header = lines.slice(0, depth);
  const aligned = alignTable(joinNames(header), lines.slice(depth));
  const { names, rows } = withoutEmptyEnd(aligned.names, aligned.rows);
  const titles = [caption, ...kept.slice(0, start).map(({ source: row }) => row.cells[0]?.text ?? "")];
  return {
    titles: titles.filter((title) => title !== ""),
    names,
    header,
    evidence,
    rows,
    spanned: new Set(body.slice(depth).flatMap(({ isSpanned }, row) => (isSpanned && row > 0 ? [row] : []))),
  };
};
