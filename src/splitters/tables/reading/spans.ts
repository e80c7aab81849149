/** A cell of the source. */
export interface SourceCell {
  text: string;
  isHeader: boolean;
  columnSpan: number;
  /** How many rows it spans; 0 for all that follow. */
  rowSpan: number;
}

export interface SourceRow {
  cells: SourceCell[];
  inHead: boolean;
}

/** A row after expansion; a cell that spans several positions is in each of them. */
export interface GridRow {
  source: SourceRow;
  cells: (SourceCell | undefined)[];
  /** Whether a cell with text spans into it from the row above. */
  isSpanned: boolean;
}

/** The most cells that spans may add; the spans of a table that asks for more are ignored. */
const MAX_SPANNED_CELLS = 50_000;
const MAX_COLUMN_SPAN = 256;

type OpenSpans = ({ cell: SourceCell; rows: number } | undefined)[];

const expand = (rows: readonly SourceRow[], useSpans: boolean): GridRow[] | undefined => {
  const grid: GridRow[] = [];
  let room = MAX_SPANNED_CELLS + rows.reduce((sum, row) => sum + row.cells.length, 0);
  /** The cells that span down from the rows above, by column, and how many rows they still cover. */
  let openSpans: OpenSpans = [];
  for (const [index, source] of rows.entries()) {
    const { cells } = source;
    const line = Array.from(openSpans, (above) => above?.cell);
    const below: OpenSpans = Array.from(openSpans, (above) =>
      above && above.rows > 1 ? { cell: above.cell, rows: above.rows - 1 } : undefined,
    );
    const isSpanned = line.some((cell) => cell !== undefined && cell.text !== "");
    const isAlone = cells.length === 1 && line.every((cell) => cell === undefined);
    let column = 0;
    for (const cell of cells) {
      while (line[column]) column++;
      // A row of one cell is a title or a subheading: once is enough.
      const spans = useSpans && !isAlone;
      const width = spans ? Math.min(Math.max(cell.columnSpan, 1), MAX_COLUMN_SPAN) : 1;
      const height = spans ? cell.rowSpan || rows.length - index : 1;
      for (let step = 0; step < width && !line[column]; step++, column++) {
        line[column] = cell;
        if (height > 1) below[column] = { cell, rows: height - 1 };
      }
    }
    room -= line.length;
    if (useSpans && room < 0) return undefined;
    grid.push({ source, cells: line, isSpanned });
    openSpans = below.some((cell) => cell !== undefined) ? below : [];
  }
  return grid;
};

/** Removes columns in which no cell begins: they repeat wider cells, and absurd spans make many. */
const withoutTails = (grid: readonly GridRow[]): readonly GridRow[] => {
  const begun = new Set<number>();
  let width = 0;
  for (const { cells } of grid) {
    width = Math.max(width, cells.length);
    for (const [column, cell] of cells.entries()) {
      if (cell && (column === 0 || cells[column - 1] !== cell)) begun.add(column);
    }
  }
  if (begun.size === width) return grid;
  return grid.map((row) => ({ ...row, cells: row.cells.filter((_, column) => begun.has(column)) }));
};

const isPlain = ({ cells }: SourceRow): boolean =>
  cells.every(({ columnSpan, rowSpan }) => columnSpan === 1 && rowSpan === 1);

/** Puts every cell into all the positions that its `colspan` and `rowspan` cover. */
export const expandSpans = (rows: readonly SourceRow[]): readonly GridRow[] => {
  if (rows.every(isPlain)) return rows.map((source) => ({ source, cells: source.cells, isSpanned: false }));
  return withoutTails(expand(rows, true) ?? expand(rows, false) ?? []);
};
