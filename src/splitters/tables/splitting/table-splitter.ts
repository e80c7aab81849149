import type { DraftMetadata, SplitDraft } from "../../split-draft.js";
import type { TokenBudget } from "../../token-budget.js";
import type { Table } from "../reading/table-reader.js";
import { ColumnView } from "./column-view.js";
import {
  chooseRepeatedContext,
  type SplitTable,
  withShortHeader,
  withShortNames,
} from "./repeated-context.js";
import { RowCosts } from "./row-costs.js";
import { RowCutter } from "./row-cutter.js";
import { RowGroups, type TableBody } from "./row-groups.js";
import { findKeyColumns } from "./row-key.js";
import { TableParts } from "./table-parts.js";
import { type Cost, NO_COST, plus, TableCost } from "./token-cost.js";

/** The share of the room of a split that the header may take, so that rows have room beside it. */
const HEAD_SHARE = 0.6;

/** The share of the budget that names of groups may take; the outer ones are left out beyond it. */
const GROUP_SHARE = 1 / 3;

interface CountedRow {
  row: number;
  cost: Cost;
}

/** What stands above the rows of a part, and its cost with that of the header. */
interface PartTop {
  context: string;
  /** The rows that name the groups of its first row. */
  groups: readonly number[];
  /** Those of them for which there was no room. */
  hidden: readonly number[];
  cost: Cost;
}

const NO_TOP: PartTop = { context: "", groups: [], hidden: [], cost: NO_COST };

interface Share {
  /** Tells whether a part has its share without the next row. */
  isReached: (sum: Cost, next: Cost) => boolean;
}

/** The body of a part that shows only the header. */
const NO_ROWS: TableBody = { text: "" };

const larger = ({ shown, embedded }: Cost): number => Math.max(shown, embedded);

/** Sums the cost of each row and of all that follow it. */
const costsFrom = (rows: readonly CountedRow[]): Cost[] => {
  const sums: Cost[] = [];
  let sum = NO_COST;
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
 * caption in parts after the first, then in the first too; words that names of columns share; the width, by groups of columns that each repeat
 * those that name the rows; a row alone, by its columns; a cell, by words. What parts repeat beside the header is marked by
 * `repeated_columns`.
 */
export class TableSplitter {
  readonly #budget: TokenBudget;
  readonly #table: SplitTable;
  readonly #caption: string;
  readonly #cost: TableCost;
  readonly #groups: RowGroups;
  readonly #rowCosts: RowCosts;
  readonly #parts: TableParts;
  readonly #prefix: number;
  readonly #cutter: RowCutter;
  #foundKey: readonly number[] | undefined;

  /** @param cost of the rows of any table within that budget */
  constructor(table: Table, metadata: DraftMetadata, budget: TokenBudget, cost = new TableCost(budget)) {
    this.#budget = budget;
    this.#table = withShortHeader(withShortNames(table, budget), budget, cost);
    this.#caption = metadata.caption?.trim() ?? "";
    this.#cost = cost;
    this.#groups = new RowGroups(this.#table.model);
    this.#rowCosts = new RowCosts(cost, this.#groups);
    this.#parts = new TableParts(this.#table, metadata, budget);
    this.#prefix = this.#cost.context(budget.prefix(this.#parts.sectionPath, ""));
    this.#cutter = new RowCutter({
      model: this.#table.model,
      parts: this.#parts,
      budget,
      cost,
      overhead: (view, context) => this.#overhead(view, context),
      groups: this.#groups,
      rowCosts: this.#rowCosts,
      keyColumns: () => this.#keyColumns,
    });
  }

  get #keyColumns(): readonly number[] {
    this.#foundKey ??= findKeyColumns(this.#table.model.rows);
    return this.#foundKey;
  }

  split(): SplitDraft[] {
    const { model } = this.#table;
    const all = new ColumnView(
      model,
      model.names.map((_, column) => column),
    );
    const rows = this.#countRows(all, [...model.rows.keys()]);
    const head = this.#cost.head(all);
    const room = this.#budget.size - this.#prefix;
    const sizes = { cost: this.#cost, room, head, rows: rows.map(({ cost }) => larger(cost)) };
    this.#parts.repeatedContext = chooseRepeatedContext(model, this.#caption, this.#budget, sizes);
    const headRoom = (room - this.#cost.context(this.#parts.context)) * HEAD_SHARE;
    if (rows.length === 0) this.#splitHeader(all, headRoom);
    else if (head <= headRoom) this.#splitRows(all, rows);
    else this.#splitWide(all, rows, headRoom);
    return this.#parts.finish();
  }

  /** Shows a header without rows, by groups of columns if it is long, below caption and titles as far as they fit. */
  #splitHeader(all: ColumnView, headRoom: number): void {
    const views = this.#cost.head(all) <= headRoom ? [all] : this.#columnGroups(all, headRoom);
    for (const view of views.filter(({ names }) => names.some((name) => name !== ""))) {
      const { context } = this.#parts;
      const fits = this.#parts.tokensOf(view, NO_ROWS, context) <= this.#budget.size;
      this.#parts.add(view, NO_ROWS, undefined, fits ? context : "");
    }
  }

  /** Rows that fit with the whole header stay whole; the others are split by groups of columns, neighbours together. */
  #splitWide(all: ColumnView, rows: readonly CountedRow[], headRoom: number): void {
    const views = this.#columnGroups(all, headRoom);
    const splitByColumns = (run: readonly CountedRow[]) => {
      for (const view of views) {
        const held = this.#withText(
          view,
          run.map(({ row }) => row),
        );
        this.#splitRows(view, this.#countRows(view, held));
      }
    };
    const overhead = this.#overhead(all, "");
    let run: CountedRow[] = [];
    let isWhole = true;
    const close = () => {
      if (isWhole) this.#splitRows(all, run);
      else splitByColumns(run);
      run = [];
    };
    let names: CountedRow[] = [];
    for (const each of rows) {
      // The name of a group goes with the row below it.
      if (this.#isName(each.row)) {
        names.push(each);
        continue;
      }
      const cost = plus(overhead, this.#cost.row(all, each.row));
      const fits = this.#fits(all, [], each, { ...NO_TOP, cost });
      if (run.length > 0 && fits !== isWhole) close();
      isWhole = fits;
      run.push(...names, each);
      names = [];
    }
    if (run.length > 0) close();
  }

  /** Selects the rows with text of their own in some columns, and the names of their groups. */
  #withText(view: ColumnView, rows: readonly number[]): number[] {
    let isNeeded = false;
    let isAfterName = false;
    return rows
      .toReversed()
      .filter((row) => {
        if (this.#isName(row)) {
          isAfterName = true;
          // Where its own text stands it is kept, even without rows of its group: no other part may show it.
          return view.hasOwnText(row) || (isNeeded && view.cells(row).some((text) => text !== ""));
        }
        const isHeld = view.hasOwnText(row);
        isNeeded = isHeld || (isNeeded && !isAfterName);
        isAfterName = false;
        return isHeld;
      })
      .reverse();
  }

  #countRows(view: ColumnView, rows: readonly number[]): CountedRow[] {
    return rows.map((row, index) => ({ row, cost: this.#rowCosts.row(view, row, rows[index + 1]) }));
  }

  #overhead(view: ColumnView, context: string): Cost {
    const above = this.#cost.context(context);
    return { shown: above + this.#cost.head(view), embedded: this.#prefix + above };
  }

  /**
   * Tells whether a row fits into a part below others.
   *
   * @param cost of the whole part
   */
  #fits(
    view: ColumnView,
    open: readonly CountedRow[],
    next: CountedRow,
    { context, groups, cost }: PartTop,
  ): boolean {
    const joints = (view.columns.length * 3 + 1) * (groups.length + open.length + 1);
    return this.#budget.holds(larger(cost), joints, () => {
      const rows = [...open, next].map(({ row }) => row);
      return this.#parts.tokensOf(view, this.#groups.body(view, groups, rows), context);
    });
  }

  /** Neighbouring columns whose header fits, each group with the columns before them that name the rows. */
  #columnGroups(all: ColumnView, room: number): ColumnView[] {
    const { model } = this.#table;
    const keys = this.#keyColumns;
    const isShort = this.#cost.head(new ColumnView(model, keys)) <= room / 2;
    const key = isShort ? keys : keys.slice(0, 1);
    const views: ColumnView[] = [];
    let open = new ColumnView(model, key);
    for (const column of all.columns.slice(key.length)) {
      const wider = new ColumnView(model, [...open.columns, column], open.repeated);
      if (open.columns.length === key.length || this.#cost.head(wider) <= room) open = wider;
      else {
        views.push(open);
        open = new ColumnView(model, [...key, column], key);
      }
    }
    return [...views, open];
  }

  #splitRows(view: ColumnView, rows: readonly CountedRow[]): void {
    const { size } = this.#budget;
    const { spanned } = this.#table.model;
    const from = costsFrom(rows);
    let open: CountedRow[] = [];
    let sum = NO_COST;
    let top = NO_TOP;
    let share: Share | undefined;
    const begin = (index: number, top: PartTop) => {
      share = this.#share(from[index] ?? NO_COST, top.cost);
      return top;
    };
    /** Ends the part before the row at `index`; names of groups at its end begin the next one. */
    const close = (index: number) => {
      const end = open.findLastIndex(({ row }) => !this.#isName(row)) + 1;
      if (end === 0) return;
      this.#add(view, open.slice(0, end), top);
      open = open.slice(end);
      sum = open.reduce((total, { cost }) => plus(total, cost), NO_COST);
      const [first] = open;
      if (first) top = begin(index - open.length, this.#topOf(view, first));
    };
    const costOf = ({ row, cost }: CountedRow, index: number): Cost =>
      top.hidden.length === 0 ? cost : this.#rowCosts.row(view, row, rows[index + 1]?.row, top.hidden);
    const fits = (next: CountedRow, index: number): boolean => {
      const cost = plus(plus(top.cost, sum), costOf(next, index));
      return this.#fits(view, open, next, { ...top, cost });
    };
    for (const [index, each] of rows.entries()) {
      const { row, cost } = each;
      if (open.length > 0 && share?.isReached(sum, cost) && !spanned.has(row)) close(index);
      const block = open.length > 0 ? this.#block(rows, index) : undefined;
      if (block && larger(plus(plus(top.cost, sum), block)) > size) {
        const next = this.#topOf(view, each);
        if (larger(plus(next.cost, block)) <= size) close(index);
      }
      let isFitting = open.length > 0 && fits(each, index);
      if (open.length > 0 && !isFitting) {
        close(index);
        isFitting = open.length > 0 && fits(each, index);
      }
      if (open.length === 0) {
        top = begin(index, this.#topOf(view, each));
        isFitting = fits(each, index);
      }
      if (!isFitting) {
        this.#cutter.cut(
          view,
          row,
          open.map((name) => name.row),
        );
        open = [];
        sum = NO_COST;
        continue;
      }
      open.push(each);
      sum = plus(sum, costOf(each, index));
    }
    const [first] = open;
    if (first) this.#add(view, open, top);
  }

  #add(view: ColumnView, rows: readonly CountedRow[], { context, groups }: PartTop): void {
    const numbers = rows.map(({ row }) => row);
    const [first = 0] = numbers;
    this.#parts.add(
      view,
      this.#groups.body(view, groups, numbers),
      [first, numbers.at(-1) ?? first],
      context,
      groups,
    );
  }

  #isName(row: number): boolean {
    return this.#groups.isName(row);
  }

  /** What stands above the first row of a part: the names of its groups as far as there is room for them. */
  #topOf(view: ColumnView, { row, cost }: CountedRow): PartTop {
    const { context } = this.#parts;
    const all = row === 0 ? [] : this.#groups.above(view, row);
    const bare = { context, groups: [], hidden: all, cost: this.#overhead(view, context) };
    for (const first of all.keys()) {
      const [hidden, groups] = [all.slice(0, first), all.slice(first)];
      const own = this.#rowCosts.repeated(view, groups);
      if (larger(own) > this.#budget.size * GROUP_SHARE) continue;
      const top = { context, groups, hidden, cost: plus(bare.cost, own) };
      const below = hidden.length === 0 ? cost : this.#rowCosts.row(view, row, undefined, hidden);
      if (this.#fits(view, [], { row, cost }, { ...top, cost: plus(top.cost, below) })) return top;
    }
    return bare;
  }

  /**
   * Decides what a part takes of the rows that are left when they are shared out evenly among as few parts as hold them.
   * A last part of a row or two would be found for its header and caption alone, before the parts that hold the answer.
   */
  #share(left: Cost, overhead: Cost): Share {
    const { size } = this.#budget;
    const shown = left.shown / Math.max(1, size - overhead.shown);
    const embedded = left.embedded / Math.max(1, size - overhead.embedded);
    const parts = Math.max(1, Math.ceil(Math.max(shown, embedded)));
    const measure = shown > embedded ? "shown" : "embedded";
    const limit = left[measure] / parts;
    return { isReached: (sum, next) => sum[measure] + next[measure] / 2 > limit };
  }

  /** A row with the rows below that share a cell with it; `undefined` where none does, or it shares one above. */
  #block(rows: readonly CountedRow[], index: number): Cost | undefined {
    const { spanned } = this.#table.model;
    const [first, second] = [rows[index]?.row ?? 0, rows[index + 1]?.row ?? 0];
    if (!spanned.has(second) || spanned.has(first)) return undefined;
    let sum = rows[index]?.cost ?? NO_COST;
    for (let next = index + 1; spanned.has(rows[next]?.row ?? -1); next++)
      sum = plus(sum, rows[next]?.cost ?? NO_COST);
    return sum;
  }
}
