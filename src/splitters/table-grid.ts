/** A cell as it stands in the source. */
export interface SourceCell {
  text: string;
  isHeader: boolean;
  columnSpan: number;
  /** Rows it spans; 0 for all that follow. */
  rowSpan: number;
}

export interface SourceRow {
  cells: SourceCell[];
  inHead: boolean;
}

/** Rows of cells after expansion; a cell that spans several places stands in each of them. */
export type Grid = (SourceCell | undefined)[][];

/** Cells that spans may add to those that are written; a table that asks for more has its spans ignored. */
const MAX_SPANNED_CELLS = 50_000;
const MAX_COLUMN_SPAN = 256;

const expand = (rows: readonly SourceRow[], useSpans: boolean): Grid | undefined => {
  const grid: Grid = [];
  let room = MAX_SPANNED_CELLS + rows.reduce((sum, row) => sum + row.cells.length, 0);
  /** Cells that reach down from the rows above, by column, and the rows they still cover. */
  let hanging: ({ cell: SourceCell; rows: number } | undefined)[] = [];
  for (const [index, { cells }] of rows.entries()) {
    const line: (SourceCell | undefined)[] = hanging.map((above) => above?.cell);
    const below: typeof hanging = hanging.map((above) =>
      above && above.rows > 1 ? { cell: above.cell, rows: above.rows - 1 } : undefined,
    );
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
    grid.push(line);
    hanging = below;
  }
  return grid;
};

/** Puts every cell into all the places its `colspan` and `rowspan` cover. */
export const expandSpans = (rows: readonly SourceRow[]): Grid =>
  expand(rows, true) ?? expand(rows, false) ?? [];
