import { escapeCell, tableLine } from "../../../documents/table-text.js";
import { cutText } from "../../text/cut-text.js";
import { JOINT, type TokenBudget } from "../../token-budget.js";
import type { TableModel } from "../reading/table-model.js";
import { ColumnView } from "./column-view.js";
import { NAME_SHARE } from "./repeated-context.js";
import type { TableParts } from "./table-parts.js";
import { type Cost, plus, type TableCost } from "./token-cost.js";

/** With less room than this, a fragment of a cell is written without a table around it. */
const LEAST_FRAGMENT = 8;

/** The most groups of columns that are kept; the memo is cleared when it is full. */
const MAX_VIEWS = 1_000;

export interface RowCutterContext {
  model: TableModel;
  parts: TableParts;
  budget: TokenBudget;
  cost: TableCost;
  /** Tokens of what goes before a part, the header included. */
  overhead: (view: ColumnView, context: string) => Cost;
}

/** Cuts rows that are too long for one split. */
export class RowCutter {
  readonly #context: RowCutterContext;
  /** The groups of columns used so far, because the next row is mostly cut into the same ones. */
  readonly #views = new Map<string, ColumnView>();

  constructor(context: RowCutterContext) {
    this.#context = context;
  }

  /** One row by its columns, the first column repeated; no caption above, if it does not fit. */
  cut(view: ColumnView, row: number): void {
    const { model, parts, budget } = this.#context;
    const context = this.#contextFor(view, row);
    if (context !== undefined) {
      parts.add(view, tableLine(view.cells(row)), [row, row], context);
      return;
    }
    const cells = model.rows[row] ?? [];
    const [first = 0, ...others] = view.columns;
    const keyIsShort = budget.count(cells[first] ?? "") <= budget.size * NAME_SHARE;
    const hasKey = keyIsShort && others.length > 0 && cells[first] !== "";
    const key = hasKey ? [first] : [];
    const rest = (hasKey ? others : view.columns).filter(
      (column) => cells[column] !== "" && !(column === first && view.repeatsKey),
    );
    /** Whether a split contains the key already. */
    let repeats = view.repeatsKey;
    let open: number[] = [];
    const viewOf = (columns: readonly number[]) => this.#view([...key, ...columns], hasKey && repeats);
    const close = () => {
      const part = viewOf(open);
      if (open.length > 0) {
        parts.add(part, tableLine(part.cells(row)), [row, row], this.#contextFor(part, row));
        repeats = true;
      }
      open = [];
    };
    for (const column of rest) {
      if (this.#contextFor(viewOf([...open, column]), row) !== undefined) {
        open.push(column);
        continue;
      }
      close();
      if (this.#contextFor(viewOf([column]), row) !== undefined) open = [column];
      else {
        this.#cutCell(row, key, column, repeats);
        repeats = true;
      }
    }
    close();
    if (hasKey && !repeats) this.#cutCell(row, [], first, false);
  }

  #view(columns: readonly number[], repeatsKey: boolean): ColumnView {
    const key = `${repeatsKey} ${columns.join()}`;
    const known = this.#views.get(key);
    if (known) return known;
    if (this.#views.size >= MAX_VIEWS) this.#views.clear();
    const view = new ColumnView(this.#context.model, columns, repeatsKey);
    this.#views.set(key, view);
    return view;
  }

  /** What can stand above a part of one row: caption and titles, else nothing; `undefined` when the row is too long. */
  #contextFor(view: ColumnView, row: number): string | undefined {
    const { parts, budget, cost, overhead } = this.#context;
    const own = cost.row(view, row);
    return [parts.context, ""].find((context) => {
      const { shown, embedded } = plus(overhead(view, context), own);
      const joints = 3 * view.columns.length;
      return budget.holds(Math.max(shown, embedded), joints, () =>
        parts.tokensOf(view, tableLine(view.cells(row)), context),
      );
    });
  }

  /**
   * One cell by its words, its name and the key beside it as long as there is room for them. A key that has no room
   * beside the words, and that no part holds yet, goes before them.
   */
  #cutCell(row: number, key: readonly number[], column: number, repeats: boolean): void {
    const { model, parts, budget } = this.#context;
    const { size, count } = budget;
    const cells = model.rows[row] ?? [];
    const text = cells[column] ?? "";
    for (const columns of key.length > 0 ? [[...key, column], [column]] : [[column]]) {
      const line = (part: string): string =>
        tableLine(columns.map((each) => (each === column ? part : (cells[each] ?? ""))));
      const view = this.#view(columns, repeats && columns.length > 1);
      // A mark in place of the words, because pairs leave an empty cell out.
      const room = size - parts.tokensOf(view, line("."), "") - JOINT;
      if (room < LEAST_FRAGMENT) {
        const [left] = columns;
        if (columns.length > 1 && left !== undefined && !repeats) this.#cutCell(row, [], left, false);
        continue;
      }
      const limits = { first: room, rest: room, overlap: 0 };
      const fragments = cutText(text, { ...limits, count: (part) => count(escapeCell(part)) });
      const again = this.#view(columns, columns.length > 1);
      for (const [index, { start, end }] of fragments.entries())
        parts.add(index === 0 ? view : again, line(text.slice(start, end).trim()), [row, row], "");
      return;
    }
    const room = size - count(`${parts.sectionPath.join(" > ")}\n\n`) - JOINT;
    for (const { start, end } of cutText(text, { first: room, rest: room, overlap: 0, count }))
      parts.addText(text.slice(start, end).trim(), [model.names[column] ?? ""], [row, row]);
  }
}
