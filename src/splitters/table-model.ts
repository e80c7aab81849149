import { expandSpans, type Grid, type SourceRow } from "./table-grid.js";

/** A table with its spans expanded: every row has as many cells as there are columns. */
export interface TableModel {
  /** What stands above the column names over the whole width: `<caption>` and title rows. */
  titles: string[];
  /** Column names; several header rows are joined as `2025 / Revenue`, an unnamed column is empty. */
  names: string[];
  /** Whether the table names its columns; otherwise all names are empty. */
  hasHeader: boolean;
  rows: string[][];
}

const NUMBER = /^[\s(+\-–−~<>≈$€£¥]*[.,]?\d[\d\s.,'’]*\s*(?:%|‰|[a-zA-Z€$£¥]{1,3})?\)?$/;
const YEAR = /^\D{0,4}(?:19|20)\d\d(?:\s*[-–/]\s*\d{2,4})?\D{0,2}$/;

/** Whether a row holds figures, which column names do not: years excepted. */
const looksLikeData = (row: readonly string[]): boolean =>
  row.slice(1).some((text) => NUMBER.test(text) && !YEAR.test(text));

const textsOf = (line: Grid[number] | undefined, width: number): string[] =>
  Array.from({ length: width }, (_, column) => line?.[column]?.text ?? "");

/** How many of the rows name the columns by their own marks: `<thead>`, else leading rows made of `<th>`. */
const markedDepth = (rows: readonly SourceRow[]): number => {
  const leading = (holds: (row: SourceRow) => boolean): number => {
    const end = rows.findIndex((row) => !holds(row));
    return end < 0 ? rows.length : end;
  };
  const inHead = leading((row) => row.inHead);
  if (inHead > 0) return inHead;
  const marked = leading((row) => row.cells.every((cell) => cell.isHeader));
  return marked === rows.length ? Math.min(1, marked) : marked;
};

/** Names that span rows, or that span columns above names of their own, go on in the rows below. */
const deepened = (rows: readonly SourceRow[], lines: readonly string[][], depth: number): number => {
  let deep = depth;
  for (const [index, { cells }] of rows.slice(0, depth).entries()) {
    const spans = cells.map((cell) => cell.rowSpan || 1);
    const reach = index + spans.reduce((most, span) => Math.max(most, span), 1);
    if (spans.some((span) => span !== spans[0]) && reach < rows.length) deep = Math.max(deep, reach);
  }
  if (deep > depth) return deep;
  const above = rows[depth - 1]?.cells ?? [];
  const groups = above.length > 1 && above.some((cell) => cell.columnSpan > 1);
  const below = lines[depth];
  return groups && below && depth < rows.length - 1 && !looksLikeData(below) ? depth + 1 : depth;
};

const headerDepth = (rows: readonly SourceRow[], lines: readonly string[][], hasTitle: boolean): number => {
  const [first] = lines;
  if (!first) return 0;
  const marked = markedDepth(rows);
  if (rows[0]?.inHead) return marked;
  if (marked === 0 && (looksLikeData(first) || (rows.length === 1 && !hasTitle))) return 0;
  return deepened(rows, lines, Math.max(1, marked));
};

const isTitle = (row: SourceRow | undefined): boolean =>
  row !== undefined && row.cells.length === 1 && row.cells[0]?.text !== "";

/** Names from the top down, each once where a cell spans rows. */
const joinNames = (header: readonly string[][], width: number): string[] =>
  Array.from({ length: width }, (_, column) => {
    const path = header.map((line) => line[column] ?? "").filter((text) => text !== "");
    return path.filter((text, index) => text !== path[index - 1]).join(" / ");
  });

/**
 * Makes the model of a table from its rows: spans expanded, rows without text left out, header rows found.
 *
 * The header is what `<thead>` holds; else the leading rows made of `<th>`; else the first row, unless it holds
 * figures. Rows of a single cell above it are titles. Cells beyond the header get columns without a name.
 *
 * @returns `undefined` when no cell has text
 */
export const buildTable = (source: readonly SourceRow[], caption: string): TableModel | undefined => {
  const grid = expandSpans(source);
  const width = grid.reduce(
    (most, line) => Math.max(most, line.findLastIndex((cell) => cell !== undefined && cell.text !== "") + 1),
    0,
  );
  if (width === 0 && caption === "") return undefined;
  const kept = grid.flatMap((line, index) => {
    const row = source[index];
    const cells = textsOf(line, width);
    return row && cells.some((text) => text !== "") ? [{ row, cells }] : [];
  });
  const isWide = width > 1;
  const start = Math.max(
    kept.findIndex(({ row }) => !(isWide && isTitle(row))),
    0,
  );
  const body = kept.slice(start);
  const lines = body.map(({ cells }) => cells);
  const depth = headerDepth(
    body.map(({ row }) => row),
    lines,
    start > 0,
  );
  const names = joinNames(lines.slice(0, depth), width);
  const titles = [caption, ...kept.slice(0, start).map(({ row }) => row.cells[0]?.text ?? "")];
  return {
    titles: titles.filter((title) => title !== ""),
    names,
    hasHeader: names.some((name) => name !== ""),
    rows: lines.slice(depth),
  };
};
