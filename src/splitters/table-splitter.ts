import { tableLine } from "../documents/table-text.js";
import type { TokenBudget } from "./budget.js";
import type { Draft, DraftMetadata } from "./draft.js";
import { type Cost, plus, TableCost } from "./table-cost.js";
import { chooseLeads, withShortNames } from "./table-frame.js";
import { TableParts } from "./table-parts.js";
import { RowCutter } from "./table-row-cutter.js";
import { ColumnView } from "./table-view.js";
import type { Table } from "./tables.js";

/** The share of the room of a part that the header may take, so that rows have room beside it. */
const HEAD_SHARE = 0.6;

const NOTHING: Cost = { shown: 0, embedded: 0 };

const larger = ({ shown, embedded }: Cost): number => Math.max(shown, embedded);

/**
 * Splits one table into parts of whole rows. Each part opens with the caption and repeats the header. The budget holds
 * for what is shown and for what is embedded.
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

  constructor(table: Table, metadata: DraftMetadata, budget: TokenBudget) {
    this.#budget = budget;
    this.#table = withShortNames(table, budget);
    this.#caption = metadata.caption?.trim() ?? "";
    this.#cost = new TableCost(budget);
    this.#parts = new TableParts(this.#table, metadata, budget);
    this.#prefix = this.#cost.lead(this.#parts.sectionPath.join(" > "));
    this.#cutter = new RowCutter({
      model: this.#table.model,
      parts: this.#parts,
      budget,
      cost: this.#cost,
      frame: (view, lead) => this.#frame(view, lead),
    });
  }

  split(): Draft[] {
    const { model } = this.#table;
    const all = new ColumnView(
      model,
      model.names.map((_, column) => column),
    );
    const costs = model.rows.map((_, row) => this.#cost.row(all, row));
    const head = this.#cost.head(all);
    const room = this.#budget.size - this.#prefix;
    const rows = costs.map(larger);
    this.#parts.leads = chooseLeads(model, this.#caption, this.#budget, {
      cost: this.#cost,
      room,
      head,
      rows,
    });
    const leads = this.#cost.lead(this.#parts.lead);
    const whole = costs.filter((cost) => this.#sum(all, "", cost) <= this.#budget.size).length;
    const isNarrow = head <= (room - leads) * HEAD_SHARE || (whole > 0 && whole >= rows.length / 2);
    if (isNarrow) this.#splitRows(all, costs);
    else {
      for (const view of this.#columnGroups(all, (room - leads) * HEAD_SHARE))
        this.#splitRows(
          view,
          model.rows.map((_, row) => (view.holdsText(row) ? this.#cost.row(view, row) : undefined)),
        );
    }
    return this.#parts.finish();
  }

  #frame(view: ColumnView, lead: string): Cost {
    const above = this.#cost.lead(lead);
    return { shown: above + this.#cost.head(view), embedded: this.#prefix + above };
  }

  #sum(view: ColumnView, lead: string, cost: Cost): number {
    return larger(plus(this.#frame(view, lead), cost));
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

  /** @param costs of each row, absent for rows without text in these columns */
  #splitRows(view: ColumnView, costs: readonly (Cost | undefined)[]): void {
    if (costs.length === 0) {
      this.#parts.add(view, "");
      return;
    }
    let open: number[] = [];
    let sum = NOTHING;
    let frame = this.#frame(view, this.#parts.lead);
    const body = (rows: readonly number[]): string =>
      rows.map((row) => tableLine(view.cells(row))).join("\n");
    const fits = (cost: Cost, rows: readonly number[]): boolean =>
      this.#budget.holds(larger(cost), view.columns.length * 3 * rows.length, () =>
        this.#parts.tokensOf(view, body(rows), this.#parts.lead),
      );
    const close = () => {
      const [first] = open;
      if (first !== undefined) this.#parts.add(view, body(open), [first, open.at(-1) ?? first]);
      open = [];
      sum = NOTHING;
      frame = this.#frame(view, this.#parts.lead);
    };
    for (const [row, cost] of costs.entries()) {
      if (!cost) continue;
      if (open.length > 0 && this.#opensBlock(row)) {
        const block = this.#block(costs, row);
        const { size } = this.#budget;
        if (larger(plus(plus(frame, sum), block)) > size && larger(plus(frame, block)) <= size) close();
      }
      if (open.length > 0 && !fits(plus(plus(frame, sum), cost), [...open, row])) close();
      if (open.length === 0 && !fits(plus(frame, cost), [row])) {
        this.#cutter.cut(view, row);
        frame = this.#frame(view, this.#parts.lead);
        continue;
      }
      open.push(row);
      sum = plus(sum, cost);
    }
    close();
  }

  /** Whether the rows below share a cell with a row that shares none with the row above. */
  #opensBlock(row: number): boolean {
    const { hung } = this.#table.model;
    return hung.has(row + 1) && !hung.has(row);
  }

  /** A row with the rows below that share a cell with it. */
  #block(costs: readonly (Cost | undefined)[], row: number): Cost {
    const { hung } = this.#table.model;
    let sum = costs[row] ?? NOTHING;
    for (let next = row + 1; hung.has(next); next++) sum = plus(sum, costs[next] ?? NOTHING);
    return sum;
  }
}
