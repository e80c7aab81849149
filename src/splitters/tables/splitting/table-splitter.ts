import { tableLine } from "../../../documents/table-text.js";
import type { DraftMetadata, SplitDraft } from "../../split-draft.js";
import type { TokenBudget } from "../../token-budget.js";
import type { Table } from "../reading/table-reader.js";
import { ColumnView } from "./column-view.js";
import { chooseRepeatedContext, withShortNames } from "./repeated-context.js";
import { RowCutter } from "./row-cutter.js";
import { TableParts } from "./table-parts.js";
import { type Cost, plus, TableCost } from "./token-cost.js";

/** The share of the room of a split that the header may take, so that rows have room beside it. */
const HEAD_SHARE = 0.6;

const NOTHING: Cost = { shown: 0, embedded: 0 };

interface CountedRow {
  row: number;
  cost: Cost;
}

const larger = ({ shown, embedded }: Cost): number => Math.max(shown, embedded);

const bodyOf = (view: ColumnView, rows: readonly number[]): string =>
  rows.map((row) => tableLine(view.cells(row))).join("\n");

/** Sums the cost of each row and of all that follow it. */
const costsFrom = (rows: readonly CountedRow[]): Cost[] => {
  const sums: Cost[] = [];
  let sum = NOTHING;
  for (const { cost } of rows.toReversed()) {
    sum = plus(sum, cost);
    sums.push(sum);
  }
  return sums.reverse();
};

/**
 * Splits one table into ranges of whole rows, about equally long, each repeating the caption and the header. The budget
 * applies to what is shown and to what is embedded.
 *
 * Rows that share a cell stay together where one part can hold them. What does not fit gives way in this order: the
 * caption in parts after the first, then in the first too; the width, by groups of columns that each repeat the first
 * column; a row alone, by its columns; a cell, by words. What parts repeat beside the header is marked by
 * `repeated_columns`.
 */
export class TableSplitter {
  readonly #budget: TokenBudget;
  readonly #table: Table;
  readonly #caption: string;
  readonly #cost: TableCost;
  readonly #parts: TableParts;
  readonly #prefix: number;
  readonly #cutter: RowCutter;

  /** @param cost of the rows of any table within that budget */
  constructor(table: Table, metadata: DraftMetadata, budget: TokenBudget, cost = new TableCost(budget)) {
    this.#budget = budget;
    this.#table = withShortNames(table, budget);
    this.#caption = metadata.caption?.trim() ?? "";
    this.#cost = cost;
    this.#parts = new TableParts(this.#table, metadata, budget);
    this.#prefix = this.#cost.context(this.#parts.sectionPath.join(" > "));
    this.#cutter = new RowCutter({
      model: this.#table.model,
      parts: this.#parts,
      budget,
      cost,
      overhead: (view, context) => this.#overhead(view, context),
    });
  }

  split(): SplitDraft[] {
    const { model } = this.#table;
    const all = new ColumnView(
      model,
      model.names.map((_, column) => column),
    );
    const rows = model.rows.map((_, row) => ({ row, cost: this.#cost.row(all, row) }));
    const head = this.#cost.head(all);
    const room = this.#budget.size - this.#prefix;
    const sizes = { cost: this.#cost, room, head, rows: rows.map(({ cost }) => larger(cost)) };
    this.#parts.repeatedContext = chooseRepeatedContext(model, this.#caption, this.#budget, sizes);
    const headRoom = (room - this.#cost.context(this.#parts.context)) * HEAD_SHARE;
    if (head <= headRoom && rows.length === 0) this.#parts.add(all, "");
    else if (head <= headRoom) this.#splitRows(all, rows);
    else this.#splitWide(all, rows, headRoom);
    return this.#parts.finish();
  }

  /** Rows that fit with the whole header stay whole; the others are split by groups of columns, neighbours together. */
  #splitWide(all: ColumnView, rows: readonly CountedRow[], headRoom: number): void {
    const views = this.#columnGroups(all, headRoom);
    const splitByColumns = (run: readonly CountedRow[]) => {
      for (const view of views) {
        const held = run.filter(({ row }) => view.hasOwnText(row));
        this.#splitRows(
          view,
          held.map(({ row }) => ({ row, cost: this.#cost.row(view, row) })),
        );
      }
    };
    if (rows.length === 0) for (const view of views) this.#parts.add(view, "");
    const overhead = this.#overhead(all, "");
    let run: CountedRow[] = [];
    let isWhole = true;
    const close = () => {
      if (isWhole) this.#splitRows(all, run);
      else splitByColumns(run);
      run = [];
    };
    for (const each of rows) {
      const fits = this.#fits(all, [each.row], plus(overhead, each.cost), "");
      if (run.length > 0 && fits !== isWhole) close();
      isWhole = fits;
      run.push(each);
    }
    if (run.length > 0) close();
  }

  #overhead(view: ColumnView, context: string): Cost {
    const above = this.#cost.context(context);
    return { shown: above + this.#cost.head(view), embedded: this.#prefix + above };
  }

  /** @param cost of the whole part */
  #fits(view: ColumnView, rows: readonly number[], cost: Cost, context: string): boolean {
    return this.#budget.holds(larger(cost), view.columns.length * 3 * rows.length, () =>
      this.#parts.tokensOf(view, bodyOf(view, rows), context),
    );
  }

  /** Neighbouring columns whose header fits, each group with the first column before them. */
  #columnGroups(all: ColumnView, room: number): ColumnView[] {
    const { model } = this.#table;
    const [key = 0, ...others] = all.columns;
    const views: ColumnView[] = [];
    let open = new ColumnView(model, [key]);
    for (const column of others) {
      const wider = new ColumnView(model, [...open.columns, column], views.length > 0);
      if (open.columns.length === 1 || this.#cost.head(wider) <= room) open = wider;
      else {
        views.push(open);
        open = new ColumnView(model, [key, column], true);
      }
    }
    return [...views, open];
  }

  #splitRows(view: ColumnView, rows: readonly CountedRow[]): void {
    const { size } = this.#budget;
    let open: number[] = [];
    let sum = NOTHING;
    let overhead = this.#overhead(view, this.#parts.context);
    const close = () => {
      const [first] = open;
      if (first !== undefined) this.#parts.add(view, bodyOf(view, open), [first, open.at(-1) ?? first]);
      open = [];
      sum = NOTHING;
      overhead = this.#overhead(view, this.#parts.context);
    };
    const from = costsFrom(rows);
    let share = 0;
    for (const [index, { row, cost }] of rows.entries()) {
      const isFull = larger(sum) + larger(cost) / 2 > share;
      if (open.length > 0 && isFull && !this.#table.model.spanned.has(row)) close();
      const block = open.length > 0 ? this.#block(rows, index) : undefined;
      if (block && larger(plus(plus(overhead, sum), block)) > size && larger(plus(overhead, block)) <= size)
        close();
      if (open.length > 0) {
        open.push(row);
        const fits = this.#fits(view, open, plus(plus(overhead, sum), cost), this.#parts.context);
        open.pop();
        if (!fits) close();
      }
      if (open.length === 0 && !this.#fits(view, [row], plus(overhead, cost), this.#parts.context)) {
        this.#cutter.cut(view, row);
        overhead = this.#overhead(view, this.#parts.context);
        continue;
      }
      if (open.length === 0) share = this.#share(from[index] ?? cost, overhead);
      open.push(row);
      sum = plus(sum, cost);
    }
    close();
  }

  /**
   * What a part takes of the rows that are left when they are shared out evenly among as few parts as hold them. A
   * last part of a row or two would be found for its header and caption alone, before the parts that hold the answer.
   */
  #share(left: Cost, overhead: Cost): number {
    const { size } = this.#budget;
    const parts = Math.max(
      left.shown / Math.max(1, size - overhead.shown),
      left.embedded / Math.max(1, size - overhead.embedded),
    );
    return larger(left) / Math.max(1, Math.ceil(parts));
  }

  /** A row with the rows below that share a cell with it; `undefined` where none does, or it shares one above. */
  #block(rows: readonly CountedRow[], index: number): Cost | undefined {
    const { spanned } = this.#table.model;
    const [first, second] = [rows[index]?.row ?? 0, rows[index + 1]?.row ?? 0];
    if (!spanned.has(second) || spanned.has(first)) return undefined;
    let sum = rows[index]?.cost ?? NOTHING;
    for (let next = index + 1; spanned.has(rows[next]?.row ?? -1); next++)
      sum = plus(sum, rows[next]?.cost ?? NOTHING);
    return sum;
  }
}
