import type { SourceCell, SourceRow } from "../../../src/splitters/tables/reading/source-rows.js";

/** Where a cell is in a table formed by the HTML standard. */
export interface StandardCell {
  cell: SourceCell;
  row: number;
  column: number;
  height: number;
  width: number;
}

/**
 * Forms a table as the HTML standard says ("forming a table"), written step by step after its text: slots, downward-growing
 * cells, and row groups, at the end of which those cells end.
 *
 * @returns for each slot the cells that cover it, the first one first
 */
export const formStandardTable = (rows: readonly SourceRow[]): StandardCell[][][] => {
  const slots = new Map<string, StandardCell[]>();
  let tableWidth = 0;
  let tableHeight = 0;
  let currentRow = 0;
  const at = (column: number, row: number): StandardCell[] => {
    const key = `${column} ${row}`;
    const cells = slots.get(key) ?? [];
    slots.set(key, cells);
    return cells;
  };
  const processRow = (source: SourceRow, growing: StandardCell[]): void => {
    if (tableHeight === currentRow) tableHeight += 1;
    let currentColumn = 0;
    // The algorithm for growing downward-growing cells.
    for (const placed of growing) {
      placed.height += 1;
      for (let x = placed.column; x < placed.column + placed.width; x++) at(x, currentRow).push(placed);
    }
    for (const cell of source.cells) {
      while (currentColumn < tableWidth && at(currentColumn, currentRow).length > 0) currentColumn += 1;
      if (currentColumn === tableWidth) tableWidth += 1;
      const columnSpan = cell.columnSpan > 0 ? Math.min(cell.columnSpan, 1_000) : 1;
      const growsDownward = cell.rowSpan === 0;
      const rowSpan = growsDownward ? 1 : Math.min(cell.rowSpan, 65_534);
      if (tableWidth < currentColumn + columnSpan) tableWidth = currentColumn + columnSpan;
      if (tableHeight < currentRow + rowSpan) tableHeight = currentRow + rowSpan;
      const placed = { cell, row: currentRow, column: currentColumn, height: rowSpan, width: columnSpan };
      for (let y = currentRow; y < currentRow + rowSpan; y++)
        for (let x = currentColumn; x < currentColumn + columnSpan; x++) at(x, y).push(placed);
      if (growsDownward) growing.push(placed);
      currentColumn += columnSpan;
    }
    currentRow += 1;
  };
  const groups = new Map<number, SourceRow[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  for (const group of groups.values()) {
    const growing: StandardCell[] = [];
    for (const row of group) processRow(row, growing);
    // The algorithm for ending a row group. The rows that it adds for spans past its end are no rows of the source.
    for (let y = currentRow; y < tableHeight; y++)
      for (let x = 0; x < tableWidth; x++) slots.delete(`${x} ${y}`);
    tableHeight = currentRow;
  }
  return Array.from({ length: tableHeight }, (_row, y) =>
    Array.from({ length: tableWidth }, (_column, x) => slots.get(`${x} ${y}`) ?? []),
  );
};
