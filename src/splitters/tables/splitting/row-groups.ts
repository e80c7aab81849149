import { inGroup, tableLine } from "../../../documents/text/table-text.js";
import { isFigure, kindOf } from "../figures/figures.js";
import { kindsOf } from "../reading/column-kinds.js";
import type { TableModel } from "../reading/table-model.js";
import type { ColumnView } from "./column-view.js";

/** A longer text is a note, not the name of a group. */
const MAX_NAME = 120;

/** A longer run of rows of one cell is a list, not names of groups within each other. */
const MAX_RUN = 3;

/** The share of the rows that must have more than a name. */
const MEMBERS = 1 / 3;

/** The share of the cells of columns of words that rows fill, where a row of one cell is the name of a group. */
const FULL = 0.8;

/** Rows that name a group look alike on each level: in capitals, with a colon, or neither. */
const styleOf = (name: string): string => {
  const isCapital = name === name.toUpperCase() && name !== name.toLowerCase();
  return `${isCapital}${/[:：]$/.test(name)}`;
};

const lettersOf = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ");

/** Tells whether the letters of a label are those of a name with more words, such as `Total assets` for `Assets`. */
const isTotalOf = (label: string, name: string): boolean => {
  const [all, part] = [label.trim(), name.trim()];
  return part !== "" && all !== part && ` ${all} `.includes(` ${part} `);
};

interface Filled {
  /** The columns with text that does not span from the row above. */
  columns: readonly number[];
  first: string;
}

/** The lines of a part below its header. */
export interface TableBody {
  text: string;
  /** For each line, the line that names its group, -1 for none; `undefined` if there are no groups. */
  groups?: number[];
}

/** A name that is open: the rows below belong to its group. */
interface OpenGroup {
  row: number;
  name: string;
  letters: string;
  isClosed: boolean;
}

/** Lists the columns with text that does not span from the row above. */
const filledColumns = (cells: readonly string[], before: readonly string[] | undefined): number[] => {
  const columns: number[] = [];
  for (const [column, text] of cells.entries())
    if (text !== "" && text !== before?.[column]) columns.push(column);
  return columns;
};

/**
 * Finds the rows of a table that name a group, and for every row the names above it, the outermost first.
 *
 * A row names the rows below it if its only cell is a text at the beginning, or if it fills just the columns that they
 * leave empty. A label that is given once names the rows below it that leave its column empty. Rows of one cell are data
 * where other rows leave out cells of words, too.
 */
export class RowGroups {
  readonly #rows: readonly (readonly string[])[];
  /** The rows that name a group, and the columns of the names. */
  readonly #names = new Map<number, number>();
  readonly #above: (readonly number[])[] = [];

  constructor({ rows, spanned }: Pick<TableModel, "rows" | "spanned">) {
    this.#rows = rows;
    const filled = rows.map(
      (cells, row): Filled => ({
        columns: filledColumns(cells, spanned.has(row) ? rows[row - 1] : undefined),
        first: cells[0] ?? "",
      }),
    );
    for (const row of this.#findNames(filled)) this.#names.set(row, filled[row]?.columns[0] ?? 0);
    this.#followNames(filled);
  }

  isName(row: number): boolean {
    return this.#names.has(row);
  }

  /** Lists the rows that name the groups a row is in, as far as they have text in some columns. */
  above(view: ColumnView, row: number): readonly number[] {
    const rows = this.#above[row] ?? [];
    if (rows.length === 0) return rows;
    return rows.filter((each) => this.cells(view, each).some((text) => text !== ""));
  }

  /** The cells of a row above that are repeated: all of a name, and the label of a row with more than that. */
  cells(view: ColumnView, row: number): readonly string[] {
    const cells = view.cells(row);
    return this.isName(row) ? cells : cells.map((text, index) => (view.columns[index] === 0 ? text : ""));
  }

  /** Tells whether a row is in the group of another. */
  isBelow(row: number, name: number): boolean {
    return this.#above[row]?.includes(name) ?? false;
  }

  /** Tells whether the text of a row is the name of a group and nothing else. */
  isOnlyName(view: ColumnView, row: number): boolean {
    return this.#isNamed(view, row) && view.cells(row).filter((text) => text !== "").length === 1;
  }

  /** Joins the names of groups in some rows, as they are embedded before the label of a row. */
  namesOf(view: ColumnView, rows: readonly number[]): string {
    let names = "";
    for (const row of rows) {
      const name = this.#isNamed(view, row) ? view.cells(row).find((text) => text !== "") : undefined;
      if (name !== undefined) names = inGroup(names, name);
    }
    return names === "" ? names : inGroup(names, "");
  }

  /**
   * Writes the lines of a part.
   *
   * @param above rows that are repeated above those of the part
   * @param write the line of a row of the part
   */
  body(
    view: ColumnView,
    above: readonly number[],
    rows: readonly number[],
    write = (row: number): string => tableLine(view.cells(row)),
  ): TableBody {
    const lines = [...above.map((row) => tableLine(this.cells(view, row))), ...rows.map(write)];
    const shown = [...above, ...rows];
    const text = lines.join("\n");
    if (!shown.some((row) => this.#names.has(row))) return { text };
    const lineOf = new Map(shown.map((row, line) => [row, line]));
    const groups = shown.map((row) => {
      const named = this.#above[row]?.findLast((each) => lineOf.has(each) && this.#isNamed(view, each));
      return lineOf.get(named ?? -1) ?? -1;
    });
    return groups.some((line) => line >= 0) ? { text, groups } : { text };
  }

  /** Tells whether the first text of a row is the name of a group. */
  #isNamed(view: ColumnView, row: number): boolean {
    const column = this.#names.get(row);
    return column !== undefined && view.cells(row).find((text) => text !== "") === this.#rows[row]?.[column];
  }

  /** Finds rows that name a group, among them only those that rows of another form follow. */
  #findNames(filled: readonly Filled[]): number[] {
    const candidates = new Set<number>();
    for (const row of filled.keys()) if (this.#isAlone(filled, row)) candidates.add(row);
    const members = filled.length - candidates.size;
    const isList =
      candidates.size > 0 && (members < filled.length * MEMBERS || !this.#isFull(filled, candidates));
    if (isList) candidates.clear();
    for (const row of findHeads(filled, candidates)) candidates.add(row);
    const names: number[] = [];
    let run: number[] = [];
    for (const row of filled.keys()) {
      if (candidates.has(row)) {
        run.push(row);
        continue;
      }
      if (run.length <= MAX_RUN) names.push(...run);
      run = [];
    }
    return names;
  }

  #isAlone(filled: readonly Filled[], row: number): boolean {
    const columns = filled[row]?.columns ?? [];
    const [column] = columns;
    const cells = this.#rows[row] ?? [];
    if (column === undefined || columns.length > 1 || cells.length < 2) return false;
    const text = cells[column] ?? "";
    const kind = kindOf(text);
    if (text.length > MAX_NAME || (isFigure(kind) && kind !== "year" && kind !== "date")) return false;
    if (column === 0) return true;
    // Over a column of figures, a text is the name of a group, too.
    const below = this.#rows[row + 1]?.[column] ?? "";
    return (
      kind === "text" && below !== "" && isFigure(kindOf(below)) && (filled[row + 1]?.columns.length ?? 0) > 1
    );
  }

  /** Tells whether the rows beside the candidates fill their columns of words. */
  #isFull(filled: readonly Filled[], candidates: ReadonlySet<number>): boolean {
    const [words, texts] = [new Map<number, number>(), new Map<number, number>()];
    let members = 0;
    for (const [row, { columns }] of filled.entries()) {
      if (candidates.has(row)) continue;
      members += 1;
      const kinds = kindsOf(this.#rows[row] ?? []);
      for (const column of columns) {
        const counts = kinds[column] === "text" ? words : texts;
        counts.set(column, (counts.get(column) ?? 0) + 1);
      }
    }
    return [...words].every(([column, count]) => {
      const others = texts.get(column) ?? 0;
      return column === 0 || others >= count || count + others >= members * FULL;
    });
  }

  #followNames(filled: readonly Filled[]): void {
    let open: OpenGroup[] = [];
    let openRows: readonly number[] = [];
    /** The last row that has a label and text beside it. */
    let label: number | undefined;
    const levels = new Map<string, number>();
    for (const [row, { first, columns }] of filled.entries()) {
      if (this.#names.has(row)) {
        const name = this.#rows[row]?.[columns[0] ?? 0] ?? "";
        const group = { row, name, letters: lettersOf(name), isClosed: false };
        if (!this.#names.has(row - 1)) open = open.slice(0, levelOf(group, this.#runFrom(row), open, levels));
        this.#above.push(open.map((each) => each.row));
        levels.set(group.letters, open.length);
        open = [...open, group].slice(-MAX_RUN);
        openRows = open.map((each) => each.row);
        label = undefined;
        continue;
      }
      if (first !== "") label = columns.length > 1 ? row : undefined;
      const isLabelled = first === "" && label !== undefined && this.#isWord(label) && this.#isWord(row);
      this.#above.push(isLabelled && label !== undefined ? [...openRows, label] : openRows);
      if (open.length === 0) continue;
      const letters = lettersOf(first);
      for (const group of open) if (isTotalOf(letters, group.letters)) group.isClosed = true;
    }
  }

  /** Counts the names from a row on. */
  #runFrom(row: number): number {
    let next = row;
    while (this.#names.has(next)) next += 1;
    return next - row;
  }

  /** Tells whether the second cell of a row is a text. */
  #isWord(row: number): boolean {
    const text = this.#rows[row]?.[1] ?? "";
    return text !== "" && !isFigure(kindOf(text));
  }
}

/**
 * Finds the level of the first of several names: that of an open name which is complete, or is written alike. Several
 * names replace as many as are open.
 */
const levelOf = (
  { name, letters }: OpenGroup,
  run: number,
  open: readonly OpenGroup[],
  levels: ReadonlyMap<string, number>,
): number => {
  const usual = Math.max(0, open.length - run);
  const complete = open.findIndex(({ isClosed }) => isClosed);
  if (complete >= 0) return Math.min(complete, usual);
  const known = levels.get(letters);
  if (known !== undefined && known < usual) return known;
  const alike = open.findLastIndex((group) => styleOf(group.name) === styleOf(name));
  return alike >= 0 ? Math.min(alike, usual) : usual;
};

/**
 * Finds rows that hold, beside their label, just the figures that the rows below them lack, such as the p value of a
 * variable above its categories.
 */
const findHeads = (filled: readonly Filled[], names: ReadonlySet<number>): number[] => {
  const values = filled.map(({ columns }) => (columns[0] === 0 ? columns.slice(1) : columns));
  const heads = new Set<number>();
  let last = -3;
  for (const [row, own] of values.entries()) {
    const [above = [], below = []] = [values[row - 1], values[row + 1]];
    if (own.length === 0 || below.length === 0 || names.has(row + 1)) continue;
    if (own.some((column) => above.includes(column) || below.includes(column))) continue;
    if (row - last < 3) return [];
    heads.add(row);
    last = row;
  }
  if (heads.size < 2 || last >= filled.length - 2) return [];
  const ofHeads = new Set<number>();
  const ofOthers = new Set<number>();
  for (const [row, own] of values.entries())
    for (const column of own) (heads.has(row) ? ofHeads : ofOthers).add(column);
  const isApart = [...ofHeads].every((column) => !ofOthers.has(column));
  return isApart && ofOthers.size > 1 ? [...heads] : [];
};
