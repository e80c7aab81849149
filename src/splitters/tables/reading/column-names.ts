import { isLone, type ReadRow } from "./header.js";

/** The share of its cells with text above which a column is full. */
const FULL = 0.6;

/** The most columns by which a name is moved, so that any number of misplaced names takes little time. */
const MAX_SHIFT = 64;

/** What header rows say: the names of columns, and titles above several of them. */
export interface ColumnNames {
  titles: string[];
  names: string[];
}

type Line = readonly string[];

const positionsOf = (line: Line): number[] =>
  line.flatMap((text, column) => (column > 0 && text !== "" ? [column] : []));

/** Tells whether a name continues in the row below, because it has no room in one. */
const continues = (name: string, below: string): boolean =>
  below !== "" &&
  (/^[\p{Ll}(&/]/u.test(below) || /(?:\b(?:than|of|and|or|to|the|for|in|per|from)|[-–&/])$/iu.test(name));

/** Puts groups of names above all columns they are for, where only the position of their text tells. */
const spread = (line: Line, below: Line): string[] => {
  const groups = positionsOf(line);
  const named = positionsOf(below);
  const size = named.length / groups.length;
  const spreadLine = [...line];
  if (Number.isInteger(size) && size > 1) {
    const blocks = groups.map((_, group) => named.slice(group * size, (group + 1) * size));
    if (groups.every((column, group) => blocks[group]?.includes(column))) {
      for (const [group, block] of blocks.entries())
        for (const column of block) spreadLine[column] = line[groups[group] ?? -1] ?? "";
      return spreadLine;
    }
  }
  if (groups[0] !== named[0]) return spreadLine;
  for (const column of named) spreadLine[column] ||= spreadLine[column - 1] ?? "";
  return spreadLine;
};

/** A row of a header: its names, and a title that is for all of them. */
interface ReadLine {
  title?: string;
  line: Line;
}

/** Reads a row of a header by those below it. */
const readLine = (row: ReadRow, below: readonly ReadRow[], next: ReadLine): ReadLine => {
  const { names, source } = row;
  const columns = positionsOf(names);
  const named = positionsOf(below[0]?.names ?? []);
  const [column = 0] = columns;
  if (isLone(row)) {
    const text = names[column] ?? "";
    const hasSecondLine =
      continues(text, next.line[column] ?? "") || (named.length === 1 && next.line[column] !== "");
    if (hasSecondLine || !below.some((line) => positionsOf(line.names).length > 1)) return { line: names };
    return { title: text, line: names.map((name, index) => (index === column ? "" : name)) };
  }
  const isGroups = columns.length > 1 && columns.length < Math.min(named.length, names.length - 1);
  const hasSpans = source.cells.some((cell) => cell.columnSpan > 1 || cell.rowSpan !== 1);
  return { line: isGroups && !hasSpans ? spread(names, below[0]?.names ?? []) : names };
};

/**
 * Joins the names of each column from the top down, each once if a cell spans rows: `2025 / Revenue`. A text that stands
 * alone above names of several columns is a title of all.
 */
export const readNames = (header: readonly ReadRow[]): ColumnNames => {
  const read: ReadLine[] = [];
  for (const [index, row] of [...header.entries()].reverse()) {
    const [next] = read;
    read.unshift(next ? readLine(row, header.slice(index + 1), next) : { line: row.names });
  }
  const width = header.reduce((most, { names }) => Math.max(most, names.length), 0);
  const names = Array.from({ length: width }, (_, column) => {
    const path = read.map(({ line }) => line[column] ?? "").filter((text) => text !== "");
    return path.filter((text, index) => text !== path[index - 1]).join(" / ");
  });
  return { titles: read.flatMap(({ title }) => title ?? []), names };
};

/**
 * Moves names that a parser put one column off: a name over a column without text belongs to the full column without a
 * name beside it, and so do those between.
 */
export const withoutShift = (names: readonly string[], rows: readonly Line[]): string[] => {
  if (!names.includes("", 1)) return [...names];
  const moved = [...names];
  const filled = names.map(() => 0);
  for (const row of rows)
    for (const [column, text] of row.entries()) if (text !== "") filled[column] = (filled[column] ?? 0) + 1;
  const isFree = (column: number): boolean =>
    column > 0 && moved[column] === "" && (filled[column] ?? 0) >= rows.length * FULL;
  const countFree = (from: number, to: number): number => {
    let count = 0;
    for (let column = from; column <= to; column++) if (isFree(column)) count += 1;
    return count;
  };
  const nearestFree = (column: number): number | undefined => {
    for (let distance = 0; distance <= MAX_SHIFT; distance++)
      for (const near of [column - distance, column + distance]) if (isFree(near)) return near;
    return undefined;
  };
  let free = countFree(0, names.length - 1);
  for (const [empty, name] of names.entries()) {
    // A wide table may have very many names to move, but mostly no column for them.
    if (free === 0) break;
    if (name === "" || empty === 0 || filled[empty] !== 0) continue;
    const nearest = nearestFree(empty);
    if (nearest === undefined) continue;
    const [from, to] = [Math.min(nearest, empty), Math.max(nearest, empty)];
    free -= countFree(from, to);
    if (nearest < empty) moved.copyWithin(nearest, nearest + 1, empty + 1);
    else moved.copyWithin(empty + 1, empty, nearest);
    moved[empty] = "";
    free += countFree(from, to);
  }
  return moved;
};
