import type { ColumnView } from "./column-view.js";
import type { RowGroups } from "./row-groups.js";
import { type Cost, NO_COST, plus, type TableCost } from "./token-cost.js";

/** Counts the tokens of rows that are embedded with the names of their groups. */
export class RowCosts {
  readonly #cost: TableCost;
  readonly #groups: RowGroups;

  constructor(cost: TableCost, groups: RowGroups) {
    this.#cost = cost;
    this.#groups = groups;
  }

  /**
   * Counts a row with the names above it, and a row that only names the one below it as nothing that is embedded.
   *
   * @param below the row on the next line
   * @param hidden names that the part does not show
   */
  row(view: ColumnView, row: number, below?: number, hidden: readonly number[] = []): Cost {
    const all = this.#groups.above(view, row);
    const above = hidden.length > 0 ? all.filter((each) => !hidden.includes(each)) : all;
    const cost = this.#cost.line(view, view.cells(row), this.#groups.namesOf(view, above));
    const isLeftOut =
      below !== undefined && this.#groups.isOnlyName(view, row) && this.#groups.isBelow(below, row);
    return isLeftOut ? { shown: cost.shown, embedded: 0 } : cost;
  }

  /** Counts rows that are repeated above a row of their groups. */
  repeated(view: ColumnView, above: readonly number[]): Cost {
    return above
      .map((row, index): Cost => {
        const names = this.#groups.namesOf(view, above.slice(0, index));
        const cost = this.#cost.line(view, this.#groups.cells(view, row), names);
        return this.#groups.isOnlyName(view, row) ? { shown: cost.shown, embedded: 0 } : cost;
      })
      .reduce(plus, NO_COST);
  }
}
