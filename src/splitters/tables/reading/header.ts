import { namesAbove, usualLength } from "./align-columns.js";
import { type ColumnKind, columnKinds, isData, kindOf } from "./column-kinds.js";
import type { SourceRow } from "./spans.js";

/** The evidence for a header: marks of its own, the rows below it, or only the custom that names come first. */
export type HeaderEvidence = "marked" | "evident" | "assumed";

export interface FoundHeader {
  /** How many rows it has, from the first. */
  depth: number;
  /** Absent without a header. */
  evidence?: HeaderEvidence;
}

const NONE: FoundHeader = { depth: 0 };

/** The most header rows that are recognised by the figures below them. */
const MAX_UNMARKED = 4;

/** The longest column name. */
const MAX_NAME = 80;

type Lines = readonly (readonly string[])[];

/** Tells whether a row is a title: a single cell above rows of several. */
export const isTitle = ({ cells }: SourceRow, width: number): boolean => {
  const [first] = cells;
  if (width < 2 || !first || first.text === "") return false;
  return cells.length === 1 || (width > 2 && cells.every(({ text }, index) => index === 0 || text === ""));
};

/** Tells whether a row consists of `<th>`; its corner may be an empty `<td>`. */
const isMarked = ({ cells }: SourceRow): boolean =>
  cells.some((cell) => cell.isHeader && cell.text !== "") &&
  cells.every((cell, index) => cell.isHeader || (index === 0 && cell.text === ""));

/** Counts the rows that are marked as column names: those of `<thead>`, else leading rows of `<th>`. */
const markedDepth = (rows: readonly SourceRow[]): number => {
  const leading = (holds: (row: SourceRow) => boolean): number => {
    const end = rows.findIndex((row) => !holds(row));
    return end < 0 ? rows.length : end;
  };
  const inHead = leading((row) => row.inHead);
  if (inHead > 0) return inHead;
  const marked = leading(isMarked);
  return marked === rows.length ? Math.min(1, marked) : marked;
};

/** Tells whether a row has figures other than years, which column names do not have. */
const looksLikeData = (row: readonly string[]): boolean =>
  row.some((text, column) => column > 0 && kindOf(text) === "number");

const hasGroups = ({ cells }: SourceRow): boolean =>
  cells.length > 1 && cells.some((cell) => cell.columnSpan > 1);

/** Extends a header by the rows that its names span, and by names below names that span columns. */
const deepened = (rows: readonly SourceRow[], lines: Lines, depth: number, areMarked: boolean): number => {
  let deep = depth;
  for (const [index, row] of rows.slice(0, depth).entries()) {
    const { cells } = row;
    const spans = cells.map((cell) => cell.rowSpan || 1);
    const reach = index + spans.reduce((most, span) => Math.max(most, span), 1);
    // Without marks, a cell that spans rows beside cells that span nothing is the label of a group of rows, unless all
    // of them name the figures below.
    const areNames = () => {
      const columns = columnsOf(lines.slice(reach));
      return lines.slice(index + 1, reach).every((line) => namesFigures(line, columns));
    };
    if (!areMarked && !hasGroups(row) && !(reach <= MAX_UNMARKED && areNames())) continue;
    if (spans.some((span) => span !== spans[0]) && reach < rows.length) deep = Math.max(deep, reach);
  }
  if (deep > depth) return deep;
  const last = rows[depth - 1];
  const below = lines[depth];
  return last && hasGroups(last) && below && depth < rows.length - 1 && !looksLikeData(below)
    ? depth + 1
    : depth;
};

const columnsOf = (lines: Lines): ColumnKind[] => {
  const width = usualLength(lines);
  return columnKinds(
    lines.filter(({ length }) => length === width),
    width,
  );
};

/** Assigns each cell of a line to the column it seems to name. */
const above = (line: readonly string[], columns: readonly ColumnKind[]): readonly string[] =>
  line.length < columns.length ? namesAbove(line, columns) : line;

/**
 * Scores the first row by the columns of the rows below: positive for names, negative for data. Words above figures and
 * an empty corner are evidence for names; a cell like those below it and a long text are evidence for data.
 */
const judge = (first: readonly string[], columns: readonly ColumnKind[]): number =>
  above(first, columns).reduce((sum, text, index) => {
    const column = columns[index];
    if (!column) return sum;
    const kind = kindOf(text);
    if (text === "") return index === 0 && column.kind === "text" ? sum + 1 : sum;
    if (text.length > MAX_NAME || column.values.has(text)) return sum - 1;
    if (!isData(column.kind) || kind === "empty") return sum;
    return kind === column.kind ? sum - 1 : sum + 1;
  }, 0);

/** Tells whether a row below names has names too: words above at least half of the columns of figures, figures above none. */
const namesFigures = (line: readonly string[], columns: readonly ColumnKind[]): boolean => {
  const cells = above(line, columns);
  const figures = columns.flatMap(({ kind }, index) => (isData(kind) ? [{ kind, index }] : []));
  const kinds = figures.map(({ index }) => kindOf(cells[index] ?? ""));
  const named = kinds.filter((kind) => kind !== "empty").length;
  const hasFigures = kinds.some((kind, index) => kind === "number" || kind === figures[index]?.kind);
  return named > 0 && named >= figures.length / 2 && !hasFigures;
};

const hasEqualNeighbours = (names: readonly string[] = []): boolean =>
  names.some((name, index) => name !== "" && name === names[index - 1]);

/**
 * Extends a header by further rows of names, below rows without marks or with equal names that need telling apart.
 *
 * @param isSure whether the rows before are shown to be names
 */
const furtherNames = (lines: Lines, depth: number, isSure = true): number => {
  let deep = depth;
  while (deep < Math.min(MAX_UNMARKED, lines.length - 1)) {
    const line = lines[deep] ?? [];
    if (!namesFigures(line, columnsOf(lines.slice(deep + 1)))) break;
    // If nothing shows that the first row has names, a row with a year is as likely data.
    if (!isSure && line.some((text) => kindOf(text) === "year")) break;
    deep += 1;
  }
  return deep;
};

/**
 * Finds the header rows of a table, title rows taken away.
 *
 * The header is the `<thead>`; else the leading rows of `<th>`; else the first row, unless it has figures or is more
 * like the rows below it than like names. A single row is data.
 */
export const findHeader = (rows: readonly SourceRow[], lines: Lines): FoundHeader => {
  const [first] = lines;
  if (!first) return NONE;
  const marked = markedDepth(rows);
  if (rows[0]?.inHead) return { depth: marked, evidence: "marked" };
  if (marked > 0) {
    const depth = deepened(rows, lines, marked, true);
    const isOpen = depth === marked && hasEqualNeighbours(lines[marked - 1]);
    return { depth: isOpen ? furtherNames(lines, depth) : depth, evidence: "marked" };
  }
  if (rows.length === 1 || looksLikeData(first)) return NONE;
  const depth = deepened(rows, lines, 1, false);
  const score = judge(first, columnsOf(lines.slice(depth)));
  if (score < 0) return NONE;
  return { depth: furtherNames(lines, depth, score > 0), evidence: score > 0 ? "evident" : "assumed" };
};
