import type { SourceCell, SourceRow } from "./source-rows.js";

/** The limit of the HTML standard. */
const MAX_COLUMN_SPAN = 1_000;

/** The most spans that are followed at a time. */
const MAX_OPEN = 1_000;

/** The columns that a cell covers. */
export const columnsOf = ({ columnSpan }: SourceCell): number =>
  Math.min(Math.max(columnSpan, 1), MAX_COLUMN_SPAN);

/** A cell that spans down, and the first and last row it covers. */
interface OpenSpan {
  cell: SourceCell;
  columns: number;
  first: number;
  last: number;
}

/** What the spans of a table come to. */
interface RowSpans {
  /** The rows that each spanning cell covers, where it is more than one. */
  heights: ReadonlyMap<SourceCell, number>;
  /** Rows of one cell that are titles or subheadings. */
  alone: ReadonlySet<SourceRow>;
}

const sumOf = (spans: readonly { columns: number }[]): number =>
  spans.reduce((sum, { columns }) => sum + columns, 0);

/** The columns that the cells of a row take by themselves. */
const ownWidth = ({ cells }: SourceRow): number => cells.reduce((sum, cell) => sum + columnsOf(cell), 0);

/** Finds the last row of the row group of each row. */
const groupEnds = (rows: readonly SourceRow[]): number[] => {
  const ends = rows.map((_, row) => row);
  for (let row = rows.length - 2; row >= 0; row--)
    if (rows[row]?.group === rows[row + 1]?.group) ends[row] = ends[row + 1] ?? row;
  return ends;
};

/** Tells whether a row has one cell and nothing beside it, unless that is the label of the rows it spans. */
const isAlone = ({ cells }: SourceRow, open: readonly OpenSpan[]): boolean => {
  const [cell] = cells;
  return (
    cells.length === 1 &&
    cell !== undefined &&
    open.length === 0 &&
    (cell.rowSpan === 1 || cell.columnSpan > 1)
  );
};

/** Follows spans from row to row. @param lasting those of the open spans that go on into a row */
const followSpans = (
  rows: readonly SourceRow[],
  lasting: (row: SourceRow, open: readonly OpenSpan[], next?: SourceRow) => readonly OpenSpan[],
): RowSpans => {
  const ends = groupEnds(rows);
  const heights = new Map<SourceCell, number>();
  const alone = new Set<SourceRow>();
  let open: readonly OpenSpan[] = [];
  for (const [index, row] of rows.entries()) {
    const above = open.filter(({ last }) => last >= index);
    open = lasting(row, above, ends[index] === index ? undefined : rows[index + 1]);
    for (const { cell, first } of above.slice(open.length)) heights.set(cell, index - first);
    if (isAlone(row, open)) {
      alone.add(row);
      continue;
    }
    const end = ends[index] ?? index;
    const begun: OpenSpan[] = [];
    for (const cell of row.cells) {
      const last = cell.rowSpan === 0 ? end : Math.min(index + cell.rowSpan - 1, end);
      if (last === index) continue;
      heights.set(cell, last - index + 1);
      begun.push({ cell, columns: columnsOf(cell), first: index, last });
    }
    if (begun.length > 0) open = [...open, ...begun].slice(0, MAX_OPEN);
  }
  return { heights, alone };
};

/** Finds the width of a usual row: the widest that comes again, or that of the first with several cells. */
const usualWidth = (rows: readonly SourceRow[]): number => {
  const own: number[] = [];
  const counts = new Map<number, number>();
  followSpans(rows, (row, open) => {
    if (row.cells.length > 1) {
      const width = ownWidth(row);
      own.push(width);
      const line = width + sumOf(open);
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    return open;
  });
  return own.reduce(
    (most, width) => (width > most && (counts.get(width) ?? 0) > 1 ? width : most),
    own[0] ?? 1,
  );
};

/**
 * Takes away the spans that began last until a row that would be too wide has just the usual width. A row with a cell
 * too many proves nothing if the row below it needs them.
 */
const fitting = (
  row: SourceRow,
  open: readonly OpenSpan[],
  width: number,
  next: SourceRow | undefined,
): readonly OpenSpan[] => {
  if (open.length === 0 || row.cells.length === 0) return open;
  const own = ownWidth(row);
  let line = own + sumOf(open);
  if (line <= width) return open;
  const isNeeded = next && next.cells.length > 0 && ownWidth(next) + line - own === width;
  if (isNeeded && row.cells.every(({ rowSpan }) => rowSpan === 1)) return open;
  let kept = open.length;
  while (kept > 0 && line > width) {
    kept -= 1;
    line -= open[kept]?.columns ?? 0;
  }
  return line === width ? open.slice(0, kept) : open;
};

/**
 * Finds how many rows each spanning cell covers. It covers no row of another row group, and none that it makes wider
 * than a usual row if that row has the usual width without it.
 */
export const findRowSpans = (rows: readonly SourceRow[]): RowSpans => {
  const width = usualWidth(rows);
  return followSpans(rows, (row, open, next) => fitting(row, open, width, next));
};
