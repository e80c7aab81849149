import { integerOf, isData, isFigure, kindOf } from "../figures/figures.js";
import { foldFigure } from "../figures/fold-figure.js";
import { namesAbove, usualLength } from "./align-columns.js";
import { type ColumnKind, columnKinds, kindsOf } from "./column-kinds.js";
import type { GridRow } from "./spans.js";

/** The evidence for a header: marks of its own, the rows below it, or only the custom that names come first. */
export type HeaderEvidence = "marked" | "evident" | "assumed";

export interface FoundHeader {
  /** How many rows it has, from the first. */
  depth: number;
  /** Absent without a header. */
  evidence?: HeaderEvidence;
}

/** A row of the grid as text. */
export interface ReadRow extends GridRow {
  /** The text of each position, repeated where a cell spans several, as names are. */
  names: string[];
  /** The same, a cell that spans columns in the first of them only. */
  texts: string[];
}

const NONE: FoundHeader = { depth: 0 };

/** The most header rows that are recognised by the figures below them. */
const MAX_UNMARKED = 4;

/** How many rows below a row show whether it has names. */
const SAMPLE = 64;

/** The longest column name. */
const MAX_NAME = 80;

type Rows = readonly ReadRow[];

const filled = (texts: readonly string[]): number => texts.filter((text) => text !== "").length;

/** Tells whether a row is a title: a single cell above rows of several. */
export const isTitle = ({ source, texts }: ReadRow, width: number): boolean =>
  width > 1 && texts[0] !== "" && filled(texts) === 1 && (width > 2 || source.cells.length === 1);

/** Tells whether a row consists of `<th>`; its corner may be a `<td>`. */
const isMarked = ({ source: { cells } }: ReadRow): boolean =>
  cells.some((cell, index) => cell.isHeader && cell.text !== "" && (index > 0 || cells.length === 1)) &&
  cells.every((cell, index) => cell.isHeader || index === 0);

/** Tells whether all cells of a row are `<th>`. */
export const isAllMarked = ({ source: { cells } }: ReadRow): boolean => cells.every((cell) => cell.isHeader);

const isInHead = ({ source }: ReadRow): boolean => source.inHead;

const countLeading = (rows: Rows, holds: (row: ReadRow) => boolean): number => {
  const end = rows.findIndex((row) => !holds(row));
  return end < 0 ? rows.length : end;
};

const hasGroups = ({ source: { cells } }: ReadRow): boolean =>
  cells.length > 1 && cells.some((cell) => cell.columnSpan > 1);

/** Tells whether a cell spans from one row into the next. */
const sharesCell = (row: ReadRow | undefined, next: ReadRow | undefined): boolean =>
  next?.cells.some((cell, column) => cell && cell.text !== "" && cell === row?.cells[column]) ?? false;

/** Tells whether whole numbers count upwards in equal steps, as names of columns do. */
const areCounting = (texts: readonly string[], hasCorner: boolean): boolean => {
  const numbers = texts.map(integerOf);
  const [first, second] = numbers;
  if (numbers.length < 3 || first === undefined || second === undefined) return false;
  const step = second - first;
  return (
    (step === 1 || (step > 0 && !hasCorner)) &&
    numbers.every((number, index) => number === first + index * step)
  );
};

/** A year of the Islamic calendar from 1350, or of the Buddhist one from 2450 to 2599. */
const OTHER_YEAR = /^(?:1(?:3[5-9]|4\d)|2(?:4[5-9]|5\d))\d$/;

/** Tells whether numbers are years of another calendar, one after the other. */
const areYears = (texts: readonly string[]): boolean => {
  const years = texts.map((text) => {
    const folded = foldFigure(text);
    return OTHER_YEAR.test(folded) ? Number(folded) : Number.NaN;
  });
  const [first = 0, second = 0] = years;
  const step = second - first;
  return (
    years.length > 1 && Math.abs(step) === 1 && years.every((year, index) => year === first + index * step)
  );
};

/** Tells what the numbers of a row, if it has any, say of it: data, or names that count columns. */
const numbersSay = ({ texts }: ReadRow): "data" | "names" | undefined => {
  const kinds = kindsOf(texts);
  const numbers = texts.filter((_, column) => column > 0 && kinds[column] === "number");
  if (numbers.length === 0) return undefined;
  // Without a label, all cells count.
  const counted = integerOf(texts[0] ?? "") === undefined ? numbers : texts;
  return areCounting(counted, texts[0] !== "") || areYears(numbers) ? "names" : "data";
};

/** Tells whether a row has figures that column names do not have, as years, dates, or 1, 2, 3 would be. */
const looksLikeData = (row: ReadRow): boolean => numbersSay(row) === "data";

const columnsOf = (rows: Rows): ColumnKind[] => {
  const lines = rows.map(({ texts }) => texts);
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
 * Scores the first row by the columns of the rows below: positive for names, negative for data. Words or dates above
 * figures and an empty corner are evidence for names; a cell like those below it and a long text are evidence for data.
 */
const judge = (first: readonly string[], columns: readonly ColumnKind[]): number =>
  above(first, columns).reduce((sum, text, index) => {
    const column = columns[index];
    if (!column) return sum;
    const kind = kindOf(text);
    if (text === "") return index === 0 && column.kind === "text" ? sum + 1 : sum;
    if (text.length > MAX_NAME) return sum - 1;
    if (isData(column.kind) && kind !== "empty" && kind !== column.kind) return sum + 1;
    if (column.has(text)) return sum - 1;
    return isData(column.kind) && kind !== "empty" ? sum - 1 : sum;
  }, 0);

/** Tells whether a short line has only a label, which introduces the rows below it. */
const isLabel = (line: readonly string[], columns: readonly ColumnKind[]): boolean =>
  line.length < columns.length && line[0] !== "" && filled(line) === 1;

/** Tells whether a row below names has names too: words above at least half of the columns of figures, figures above none. */
const namesFigures = (line: readonly string[], columns: readonly ColumnKind[]): boolean => {
  if (isLabel(line, columns)) return false;
  const cells = above(line, columns);
  const figures = columns.flatMap(({ kind }, index) => (isData(kind) ? [{ kind, index }] : []));
  const kinds = figures.map(({ index }) => kindOf(cells[index] ?? ""));
  const named = kinds.filter((kind) => kind !== "empty").length;
  const hasFigures = kinds.some(
    (kind, index) =>
      kind === "number" || kind === "range" || kind === "ratio" || kind === figures[index]?.kind,
  );
  return named > 0 && named >= figures.length / 2 && !hasFigures;
};

/** Extends a header by the rows that its cells span; without marks, only by rows of names. */
const withSpanned = (rows: Rows, depth: number, areMarked: boolean): number => {
  let deep = depth;
  const mayBeNames = (row: ReadRow): boolean =>
    rows.slice(0, deep).some(hasGroups) ||
    (deep < MAX_UNMARKED && namesFigures(row.names, columnsOf(rows.slice(deep + 1))));
  for (; deep < rows.length - 1; deep++) {
    const row = rows[deep];
    if (!row || !sharesCell(rows[deep - 1], row) || !(areMarked || mayBeNames(row))) break;
  }
  return deep;
};

/** Tells whether the first cell of a row is marked as its name, and no other cell is. */
const hasRowName = ({ source: { cells } }: ReadRow): boolean =>
  cells[0]?.isHeader === true && cells.length > 1 && cells.slice(1).every((cell) => !cell.isHeader);

/**
 * Tells whether a row below names that span columns is data: it has a name of its own, a text in a column that has a
 * name for itself, or data of the same kind as the rows below it.
 */
const isDataBelow = (row: ReadRow, names: ReadRow, below: Rows): boolean => {
  if (row.source.cells[0]?.isRowName || hasRowName(row)) return true;
  const columns = columnsOf(below.slice(0, SAMPLE));
  const kinds = kindsOf(row.texts);
  return row.texts.some((text, column) => {
    const name = names.cells[column];
    if (text === "" || row.cells[column] === name) return false;
    const kind = kinds[column] ?? "empty";
    const isNamed = name !== undefined && name.text !== "" && name.columnSpan === 1;
    return isNamed || (isData(kind) && kind === columns[column]?.kind);
  });
};

/**
 * Extends a header by a row of names below names that span columns, where figures cannot tell: if most columns would
 * share a name without it, and nothing shows that it is data.
 */
const withGrouped = (rows: Rows, depth: number): number => {
  const last = rows[depth - 1];
  const row = rows[depth];
  if (!last || !row || depth >= rows.length - 1 || looksLikeData(row)) return depth;
  const grouped = last.cells.filter((cell) => cell && cell.columnSpan > 1).length;
  const isNames = row.texts.every((text) => text.length <= MAX_NAME) && filled(row.texts) > 1;
  const hasNames =
    isNames && grouped > row.texts.length / 2 && !isDataBelow(row, last, rows.slice(depth + 1));
  return hasNames ? depth + 1 : depth;
};

const hasEqualNeighbours = (names: readonly string[] = []): boolean =>
  names.some((name, index) => name !== "" && name === names[index - 1]);

/**
 * Extends a header by further rows of names, below rows without marks or with equal names that need telling apart.
 *
 * @param isSure whether the rows before are shown to be names
 */
const furtherNames = (rows: Rows, depth: number, isSure = true): number => {
  const hasData = ({ texts }: ReadRow): boolean =>
    kindsOf(texts).some((kind, column) => column > 0 && isData(kind));
  let deep = depth;
  while (deep < Math.min(MAX_UNMARKED, rows.length - 1)) {
    const line = rows[deep]?.names ?? [];
    if (!namesFigures(line, columnsOf(rows.slice(deep + 1, deep + 1 + SAMPLE).filter(hasData)))) break;
    // A row with a year is as likely data if nothing shows that the first row has names, or if both have a label.
    const hasLabel = line[0] !== "" && rows[0]?.names[0] !== "";
    const hasYear = kindsOf(line).some((kind) => kind === "year" || kind === "date");
    if (hasYear && (!isSure || hasLabel)) break;
    deep += 1;
  }
  return deep;
};

/** Tells whether a row cannot name columns below others: a subheading, or names over several columns that have names. */
const isSubheading = (row: ReadRow, before: ReadRow): boolean => {
  if (new Set(row.cells.filter(Boolean)).size === 1) return true;
  if (filled(row.texts) < 2) return false;
  return row.cells.some((cell, column) => {
    const isInside = cell && cell.columnSpan > 1 && cell === row.cells[column - 1];
    return isInside && before.cells[column] !== before.cells[column - 1] && before.texts[column] !== "";
  });
};

/** Tells whether a row of `<thead>` has figures like the rows below it. */
const isDataInHead = (row: ReadRow, below: Rows): boolean => {
  if (below.length === 0 || row.source.cells.some((cell) => cell.isHeader) || hasGroups(row)) return false;
  const columns = columnsOf(below);
  const figures = columns.flatMap(({ kind }, index) => (isFigure(kind) ? [{ kind, index }] : []));
  const same = figures.filter(({ kind, index }) => kindsOf(row.texts)[index] === kind);
  return figures.length > 0 && same.length >= figures.length / 2 && looksLikeData(row);
};

/** Ends a marked header before the first row that is none. */
const trimmed = (rows: Rows, depth: number): number => {
  for (const [index, row] of rows.slice(0, depth).entries()) {
    const before = rows[index - 1];
    if (before && (isSubheading(row, before) || isDataInHead(row, rows.slice(index + 1)))) return index;
  }
  return depth;
};

/** Counts the rows that are marked as column names: those of `<thead>`, else leading rows of `<th>`. */
const markedDepth = (rows: Rows): number => {
  const inHead = countLeading(rows, isInHead);
  if (inHead > 0 && inHead < rows.length) return trimmed(rows, inHead);
  const marked = countLeading(rows, isMarked);
  if (marked < rows.length) return trimmed(rows, marked);
  // If all rows are marked, marks tell only that the first one may be a header.
  if (!rows.every(isAllMarked)) return 0;
  const grouped = countLeading(rows.slice(0, -1), hasGroups);
  return rows.length === 1 || grouped < rows.length - 1 ? trimmed(rows, grouped + 1) : 1;
};

/** Tells whether the first row has the marks of all others, with the name of the row in the first cell. */
const hasRowNames = (rows: Rows): boolean => rows.every(hasRowName);

/** Tells whether a row has one text above the columns, and perhaps a label in the corner. */
export const isLone = ({ source, texts }: ReadRow): boolean =>
  texts.length > 2 &&
  filled(texts.slice(1)) === 1 &&
  source.cells.every(({ columnSpan, rowSpan }) => columnSpan === 1 && rowSpan === 1);

/** Counts the leading rows of one text each above the names of several columns. */
const countTitles = (rows: Rows): number => {
  const lone = countLeading(rows.slice(0, MAX_UNMARKED), isLone);
  const below = rows[lone];
  return below && filled(below.texts.slice(1)) > 1 ? lone : 0;
};

const sameTexts = (one: ReadRow, two: ReadRow): boolean =>
  one.texts.length === two.texts.length && one.texts.every((text, column) => text === two.texts[column]);

/** Tells whether the first of several rows comes again above others, and no other row does, as data might. */
const comesAgain = ([first, ...others]: Rows): boolean => {
  if (!first || new Set(first.texts.filter(Boolean)).size < 2) return false;
  const again = others.findIndex((row) => sameTexts(row, first));
  if (again < 1 || again === others.length - 1) return false;
  const keys = others
    .filter((row) => filled(row.texts) > 1 && !sameTexts(row, first))
    .map(({ texts }) => texts.join("\n"));
  return new Set(keys).size === keys.length;
};

/** Tells whether a cell beside the first has figures that are no year or date. */
const isOfFigures = (text: string, column: number): boolean =>
  column > 0 && ["range", "ratio", "time"].includes(kindOf(text));

/** Finds a header without marks. @param isTitled whether marks show that the names end above these rows */
const unmarkedHeader = (rows: Rows, isTitled: boolean): FoundHeader => {
  const titles = countTitles(rows);
  const body = rows.slice(titles);
  const [first] = body;
  const numbers = first && numbersSay(first);
  if (!first || body.length < 2 || numbers === "data") return NONE;
  const depth = withGrouped(body, withSpanned(body, 1, false));
  const others = body.slice(depth).filter((row) => !sameTexts(row, first));
  const score = numbers === "names" ? 1 : judge(first.names, columnsOf(others));
  const hasNoNames = hasRowNames(rows) || first.texts.some(isOfFigures);
  const isShown = score > 0 || (score === 0 && !hasNoNames && comesAgain(body));
  if (score < 0 || (!isShown && (isTitled || hasNoNames))) return NONE;
  return {
    depth: titles + furtherNames(body, depth, isShown),
    evidence: isShown ? "evident" : "assumed",
  };
};

/** The names of all columns, from every row of the header: `Time` of `Race 1` is another than that of `Race 2`. */
const wholeNames = (header: Rows): string[] =>
  (header.at(-1)?.names ?? []).map((name, column) =>
    name === "" ? "" : header.map(({ names }) => names[column] ?? "").join("\n"),
  );

/**
 * Finds the header rows of a table, title rows taken away.
 *
 * The header is the `<thead>`; else the leading rows of `<th>`; else the first row, unless it has figures or is more
 * like the rows below it than like names. A single row without marks is data.
 *
 * @param isTitled whether title rows with marks have been taken away
 */
export const findHeader = (rows: Rows, isTitled: boolean): FoundHeader => {
  const [first] = rows;
  if (!first) return NONE;
  const marked = markedDepth(rows);
  if (marked === 0) return unmarkedHeader(rows, isTitled);
  if (first.source.inHead && !rows.every(isInHead)) return { depth: marked, evidence: "marked" };
  const depth = withSpanned(rows, marked, true);
  const isOpen = depth === marked && hasEqualNeighbours(wholeNames(rows.slice(0, marked)));
  return {
    depth: isOpen ? Math.max(furtherNames(rows, depth), withGrouped(rows, depth)) : depth,
    evidence: "marked",
  };
};
