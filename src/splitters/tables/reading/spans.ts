import { columnsOf, findRowSpans } from "./row-spans.js";
import type { SourceCell, SourceRow } from "./source-rows.js";

/** A row after expansion; a cell that spans several positions is in each of them. */
export interface GridRow {
  source: SourceRow;
  cells: (SourceCell | undefined)[];
  /** Whether a cell with text spans into it from the row above. */
  isSpanned: boolean;
}

/** The most cells that spans may add; the spans of a table that asks for more are ignored. */
const MAX_SPANNED_CELLS = 50_000;

type Line = (SourceCell | undefined)[];

/** A cell that spans down, the columns it covers, and the last row. */
interface OpenSpan {
  cell: SourceCell;
  from: number;
  to: number;
  last: number;
}

const cover = (line: Line, { cell, from, to }: OpenSpan): void => {
  for (let column = from; column < to; column++) line[column] ??= cell;
};

/** How many rows and columns a cell covers. */
export interface CellSize {
  rowsOf: (cell: SourceCell) => number;
  columnsOf: (cell: SourceCell) => number;
}

/**
 * Puts every cell into the positions it covers, by the algorithm of the HTML standard for forming a table. Where two
 * cells cover a position, the one that begins first is in it.
 *
 * @returns `undefined` if the spans add more cells than a table may have
 */
export const formGrid = (rows: readonly SourceRow[], size: CellSize): Line[] | undefined => {
  const grid: Line[] = [];
  let room = MAX_SPANNED_CELLS + rows.reduce((sum, row) => sum + row.cells.length, 0);
  let open: OpenSpan[] = [];
  for (const [index, { cells }] of rows.entries()) {
    const line: Line = [];
    open = open.filter(({ last }) => last >= index);
    for (const span of open) cover(line, span);
    let column = 0;
    for (const cell of cells) {
      while (line[column]) column += 1;
      const span = {
        cell,
        from: column,
        to: column + size.columnsOf(cell),
        last: index + size.rowsOf(cell) - 1,
      };
      cover(line, span);
      if (span.last > index) open.push(span);
      column = span.to;
    }
    room -= line.length;
    if (room < 0) return undefined;
    // Positions that nothing covers are present, too.
    grid.push(Array.from(line));
  }
  return grid;
};

/** Removes columns in which no cell begins: they repeat wider cells, and absurd spans make many. */
const withoutTails = (lines: readonly Line[]): readonly Line[] => {
  const begins: boolean[] = [];
  for (const cells of lines) {
    for (let column = begins.length; column < cells.length; column++) begins.push(false);
    for (let column = 0; column < cells.length; column++)
      if (cells[column] && (column === 0 || cells[column - 1] !== cells[column])) begins[column] = true;
  }
  return begins.includes(false) ? lines.map((cells) => cells.filter((_, column) => begins[column])) : lines;
};

const hasText = (cell: SourceCell | undefined): boolean => cell !== undefined && cell.text !== "";

/** Tells whether a row has nothing but labels that the row below shares, and is shorter than that. */
const isLabelRow = ({ cells }: SourceRow, line: Line, below: Line | undefined, width: number): boolean => {
  if (below === undefined || cells.length === 0 || !cells.every(hasText)) return false;
  const labels = line.filter(hasText);
  return (
    labels.length < width &&
    labels.every((label) => below.includes(label)) &&
    below.some((cell) => hasText(cell) && !line.includes(cell))
  );
};

/** Tells whether a row without cells repeats the row above, all of whose cells span it. */
const isCopy = (source: SourceRow, line: Line, before: GridRow | undefined): boolean => {
  if (source.cells.length > 0 || !before) return false;
  const cells = before.source.cells.filter(hasText);
  return cells.length > 0 && cells.every((cell) => line.includes(cell));
};

const isPlain = ({ cells }: SourceRow): boolean =>
  cells.every(({ columnSpan, rowSpan }) => columnSpan === 1 && rowSpan === 1);

/**
 * Puts every cell into all the positions that its `colspan` and `rowspan` cover. Rows are left out that have only labels
 * which all rows below them share, and rows without cells below one whose cells all span them.
 */
export const expandSpans = (rows: readonly SourceRow[]): readonly GridRow[] => {
  if (rows.every(isPlain)) return rows.map((source) => ({ source, cells: source.cells, isSpanned: false }));
  const { heights, alone } = findRowSpans(rows);
  // A row of one cell is a title or a subheading: once is enough.
  const single = new Set([...alone].flatMap(({ cells }) => cells));
  const spanning: CellSize = {
    rowsOf: (cell) => heights.get(cell) ?? 1,
    columnsOf: (cell) => (single.has(cell) ? 1 : columnsOf(cell)),
  };
  const plain: CellSize = { rowsOf: () => 1, columnsOf: () => 1 };
  const lines = withoutTails(formGrid(rows, spanning) ?? formGrid(rows, plain) ?? []);
  const width = lines.reduce((most, { length }) => Math.max(most, length), 0);
  const grid: GridRow[] = [];
  for (const [index, source] of rows.entries()) {
    const cells = lines[index] ?? [];
    const before = grid.at(-1);
    if (isCopy(source, cells, before) || isLabelRow(source, cells, lines[index + 1], width)) continue;
    const isSpanned = cells.some((cell, column) => hasText(cell) && cell === before?.cells[column]);
    grid.push({ source, cells, isSpanned });
  }
  return grid;
};
