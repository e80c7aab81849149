import { isFigure } from "./figures.js";
import type { SourceCell, SourceRow, SourceTable } from "./source-table.js";

const KEY_COLUMNS = 3;

const nonEmpty = (cells: readonly SourceCell[]): SourceCell[] => cells.filter(({ text }) => text !== "");

const readingOf = (cell: SourceCell): string => cell.readings.values().next().value ?? "";

const at = (row: SourceRow | undefined, column: number): SourceCell | undefined =>
  row?.cells.find((cell) => cell.column <= column && column < cell.column + cell.columns);

/** Looks up texts in a source table. */
export class SourceIndex {
  readonly table: SourceTable;
  /** Rows that contain a text, by its letters and digits. */
  readonly #rows = new Map<string, Set<number>>();
  #keys: readonly SourceCell[][] | undefined;

  constructor(table: SourceTable) {
    this.table = table;
    for (const [row, { cells }] of table.rows.entries())
      for (const cell of cells)
        for (const reading of cell.readings) {
          if (reading === "") continue;
          const rows = this.#rows.get(reading) ?? new Set();
          this.#rows.set(reading, rows.add(row));
        }
  }

  /** Finds the rows that contain all of these texts, as whole cells or, if they are long, as parts of cells. */
  rowsWith(inks: readonly string[]): { rows: Set<number> | undefined; known: number } {
    let rows: Set<number> | undefined;
    let known = 0;
    for (const ink of new Set(inks)) {
      const holding = ink === "" ? undefined : (this.#rows.get(ink) ?? this.#rowsWithPart(ink));
      if (!holding) continue;
      known += 1;
      const before = rows;
      rows = before ? new Set([...before].filter((row) => holding.has(row))) : holding;
    }
    return { rows, known };
  }

  /** Counts how often a row contains a text; a spanning cell counts once. */
  countIn(row: number, ink: string): number {
    return this.table.rows[row]?.cells.filter(({ readings }) => readings.has(ink)).length ?? 0;
  }

  /** Returns the only cell of a row that names the group of the rows below it. */
  groupName(row: number): SourceCell | undefined {
    const cells = nonEmpty(this.table.rows[row]?.cells ?? []);
    const [cell] = cells;
    if (cells.length !== 1 || !cell || cell.row !== row || this.table.width < 2) return undefined;
    const below = nonEmpty(this.table.rows[row + 1]?.cells ?? []);
    return cell.column === 0 && row > 0 && below.length > 1 && cell.text.length <= 80 ? cell : undefined;
  }

  /**
   * Returns the cells that identify a row: the first column if it is unique, else the first columns that are unique
   * together, and the first column if none are.
   */
  keyOf(row: number): readonly SourceCell[] {
    this.#keys ??= this.#findKeys();
    return this.#keys[row] ?? [];
  }

  #findKeys(): SourceCell[][] {
    const { rows, width } = this.table;
    const full = [...rows.keys()].filter((row) => nonEmpty(rows[row]?.cells ?? []).length > 1);
    const keysOf = (columns: number) =>
      rows.map((row) => {
        const cells = Array.from({ length: columns }, (_, column) => at(row, column));
        return [...new Set(cells.flatMap((cell) => (cell && cell.text !== "" ? [cell] : [])))];
      });
    const isName = (column: number) => {
      const cells = full.flatMap((row) => at(rows[row], column) ?? []);
      return cells.filter(({ text }) => isFigure(text)).length < cells.length / 2;
    };
    for (let columns = 1; columns <= Math.min(KEY_COLUMNS, width - 1); columns++) {
      // A number identifies a row only in its first cell.
      if (columns > 1 && !isName(columns - 1)) break;
      const keys = keysOf(columns);
      const texts = new Set(full.map((row) => keys[row]?.map(readingOf).join("\n")));
      if (texts.size >= full.length * 0.95) return keys;
    }
    return keysOf(1);
  }

  #rowsWithPart(ink: string): Set<number> | undefined {
    if (ink.length < 12) return undefined;
    const rows = this.table.cells
      .filter(({ readings }) => [...readings].some((reading) => reading.includes(ink)))
      .flatMap((cell) => Array.from({ length: cell.rows }, (_, below) => cell.row + below));
    return rows.length > 0 ? new Set(rows) : undefined;
  }
}
