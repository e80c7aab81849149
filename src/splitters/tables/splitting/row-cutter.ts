import { escapeCell, tableLine } from "../../../documents/text/table-text.js";
import { cutText } from "../../text/cut-text.js";
import { JOINT, type TokenBudget } from "../../token-budget.js";
import { ColumnView, type SplitModel } from "./column-view.js";
import { NAME_SHARE } from "./repeated-context.js";
import type { RowCosts } from "./row-costs.js";
import type { RowGroups, TableBody } from "./row-groups.js";
import type { TableParts } from "./table-parts.js";
import { type Cost, plus, type TableCost } from "./token-cost.js";

/** With less room than this, a fragment of a cell is written without a table around it. */
const LEAST_FRAGMENT = 8;

/** The share of the budget that is kept for the words of a cell below the names of its groups. */
const FRAGMENT_SHARE = 1 / 3;

/** The share of the budget that several columns which name a row may take together. */
const KEY_SHARE = 1 / 4;

/** The most groups of columns that are kept; the memo is cleared when it is full. */
const MAX_VIEWS = 1_000;

export interface RowCutterContext {
  model: SplitModel;
  parts: TableParts;
  budget: TokenBudget;
  cost: TableCost;
  /** Tokens of what goes before a part, the header included. */
  overhead: (view: ColumnView, context: string) => Cost;
  groups: RowGroups;
  rowCosts: RowCosts;
  /** The columns that name a row. */
  keyColumns: () => readonly number[];
}

/** What can stand above a part of one row: caption and titles, and the rows that name its groups. */
interface Above {
  context: string;
  groups: readonly number[];
}

const NOTHING_ABOVE: Above = { context: "", groups: [] };

/** Cuts rows that are too long for one split. */
export class RowCutter {
  readonly #context: RowCutterContext;
  /** The groups of columns used so far, because the next row is mostly cut into the same ones. */
  readonly #views = new Map<string, ColumnView>();
  /** Rows above that are in no part yet. */
  #names: readonly number[] = [];
  /** The columns whose text is in other parts. */
  #repeated: readonly number[] = [];

  constructor(context: RowCutterContext) {
    this.#context = context;
  }

  /**
   * One row by its columns, the first column repeated; no caption above, if it does not fit.
   *
   * @param names the rows right above that name its groups and are in no part yet
   */
  cut(view: ColumnView, row: number, names: readonly number[] = []): void {
    const { model } = this.#context;
    this.#names = names;
    this.#repeated = view.repeated;
    const above = this.#aboveFor(view, row);
    if (above) {
      this.#add(view, row, above);
      return;
    }
    const cells = model.rows[row] ?? [];
    const key = this.#keyOf(view, row);
    const rest = view.columns.filter(
      (column) => cells[column] !== "" && !key.includes(column) && !view.repeated.includes(column),
    );
    /** Whether a split contains the key already. */
    let repeats = key.every((column) => view.repeated.includes(column));
    let open: number[] = [];
    const viewOf = (columns: readonly number[]) => this.#view(key, columns, repeats);
    const close = () => {
      const part = viewOf(open);
      if (open.length > 0) {
        this.#add(part, row, this.#aboveFor(part, row));
        repeats = true;
      }
      open = [];
    };
    for (const column of rest) {
      if (this.#aboveFor(viewOf([...open, column]), row)) {
        open.push(column);
        continue;
      }
      close();
      if (this.#aboveFor(viewOf([column]), row)) open = [column];
      else {
        this.#cutCell(row, key, column, repeats);
        repeats = true;
      }
    }
    close();
    if (!repeats) for (const column of key) this.#cutCell(row, [], column, false);
  }

  /** Chooses the columns that name a row, as far as their text is short and stands beside other text. */
  #keyOf(view: ColumnView, row: number): readonly number[] {
    const { model, budget, cost, keyColumns } = this.#context;
    const cells = model.rows[row] ?? [];
    const filled = view.columns.filter((column) => cells[column] !== "");
    const all = keyColumns().filter((column) => filled.includes(column));
    const choices = [all, all.slice(-1), filled.slice(0, view.columns[0] === filled[0] ? 1 : 0)];
    const fitting = choices.find((columns) => {
      const tokens = columns.reduce((sum, column) => sum + cost.opening(cells[column] ?? ""), 0);
      const share = columns.length > 1 ? KEY_SHARE : NAME_SHARE;
      return columns.length > 0 && tokens <= budget.size * share;
    });
    return fitting && filled.length > fitting.length ? fitting : [];
  }

  /** Views some columns beside those of a key. */
  #view(key: readonly number[], columns: readonly number[], repeats: boolean): ColumnView {
    const name = `${repeats} ${key.join()} ${columns.join()}`;
    const known = this.#views.get(name);
    if (known) return known;
    if (this.#views.size >= MAX_VIEWS) this.#views.clear();
    const sorted = [...key, ...columns].sort((a, b) => a - b);
    const view = new ColumnView(this.#context.model, sorted, repeats ? key : []);
    this.#views.set(name, view);
    return view;
  }

  /** Adds a part of a row. The first one shows the names of its groups that are in no part yet. */
  #add(view: ColumnView, row: number, { context, groups } = NOTHING_ABOVE, line?: string): void {
    const { parts } = this.#context;
    const names = this.#names;
    const isComplete = names.every((name) => groups.includes(name));
    if (!isComplete) this.#addNames();
    const [from = row] = isComplete ? names : [];
    this.#names = [];
    const repeated = groups.filter((each) => each < from);
    parts.add(view, this.#bodyOf(view, groups, row, line), [from, row], context, repeated);
  }

  /** Adds names for which there is no room beside their first row. */
  #addNames(): void {
    const names = this.#names;
    this.#names = [];
    for (const row of names) {
      const cells = this.#context.model.rows[row] ?? [];
      for (const [column, text] of cells.entries())
        if (text !== "" && !this.#repeated.includes(column)) this.#cutCell(row, [], column, false);
    }
  }

  /** @param line in place of the row's own */
  #bodyOf(view: ColumnView, groups: readonly number[], row: number, line?: string): TableBody {
    return this.#context.groups.body(view, groups, [row], line === undefined ? undefined : () => line);
  }

  /** What can stand above a part of one row, the outer groups left out first; `undefined` when the row is too long. */
  #aboveFor(view: ColumnView, row: number): Above | undefined {
    const { parts, budget, overhead, groups, rowCosts } = this.#context;
    const all = row === 0 ? [] : groups.above(view, row);
    const choices = all.length === 0 ? [all] : all.map((_, start) => all.slice(start)).concat([[]]);
    const contexts = parts.context === "" ? [""] : [parts.context, ""];
    for (const [index, above] of choices.entries()) {
      const own = rowCosts.row(view, row, undefined, all.slice(0, index));
      const sum = plus(own, rowCosts.repeated(view, above));
      const joints = (3 * view.columns.length + 1) * (above.length + 1);
      const context = contexts.find((each) => {
        const { shown, embedded } = plus(overhead(view, each), sum);
        return budget.holds(Math.max(shown, embedded), joints, () =>
          parts.tokensOf(view, this.#bodyOf(view, above, row), each),
        );
      });
      if (context !== undefined) return { context, groups: above };
    }
    return undefined;
  }

  /**
   * One cell by its words, its name and the key beside it as long as there is room for them. A key that has no room
   * beside the words, and that no part holds yet, goes before them. The names of its groups are above where they fit.
   */
  #cutCell(row: number, key: readonly number[], column: number, repeats: boolean): void {
    const { model, parts, budget } = this.#context;
    const { size, count } = budget;
    const cells = model.rows[row] ?? [];
    const text = cells[column] ?? "";
    for (const beside of key.length > 0 ? [key, []] : [[]]) {
      const view = this.#view(beside, [column], repeats);
      const line = (part: string): string =>
        tableLine(view.columns.map((each) => (each === column ? part : (cells[each] ?? ""))));
      // A mark in place of the words, because pairs leave an empty cell out.
      const roomBelow = (groups: readonly number[]): number =>
        size - parts.tokensOf(view, this.#bodyOf(view, groups, row, line(".")), "") - JOINT;
      const named = row === 0 ? [] : this.#context.groups.above(view, row);
      const belowNamed = named.length > 0 ? roomBelow(named) : 0;
      const isNamed = named.length > 0 && belowNamed >= size * FRAGMENT_SHARE;
      const groups = isNamed ? named : [];
      const room = isNamed ? belowNamed : roomBelow([]);
      if (room < LEAST_FRAGMENT) {
        if (!repeats) for (const each of beside) this.#cutCell(row, [], each, false);
        continue;
      }
      const limits = { first: room, rest: room, overlap: 0 };
      const fragments = cutText(text, { ...limits, count: (part) => count(escapeCell(part)) });
      const again = this.#view(beside, [column], true);
      for (const [index, { start, end }] of fragments.entries()) {
        const each = index === 0 ? view : again;
        this.#add(each, row, { context: "", groups }, line(text.slice(start, end).trim()));
      }
      return;
    }
    this.#addNames();
    const room = size - count(`${budget.prefix(parts.sectionPath, "")}\n\n`) - JOINT;
    for (const { start, end } of cutText(text, { first: room, rest: room, overlap: 0, count }))
      parts.addText(text.slice(start, end).trim(), [model.names[column] ?? ""], [row, row]);
  }
}
