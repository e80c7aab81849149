import { tableHead } from "../../../documents/table-text.js";
import type { TableModel } from "../reading/table-model.js";

/** Selects columns of a table, in their order. */
export class ColumnView {
  readonly columns: readonly number[];
  readonly names: string[];
  /** Whether the first column repeats one that another split contains already. */
  readonly repeatsKey: boolean;
  readonly #rows: readonly string[][];
  #head: string | undefined;

  constructor(model: TableModel, columns: readonly number[], repeatsKey = false) {
    this.columns = columns;
    this.repeatsKey = repeatsKey;
    this.names = columns.map((column) => model.names[column] ?? "");
    this.#rows = model.rows;
  }

  /** The header as Markdown. */
  get head(): string {
    this.#head ??= tableHead(this.names);
    return this.#head;
  }

  cells(row: number): readonly string[] {
    const cells = this.#rows[row] ?? [];
    return this.columns.length === cells.length ? cells : this.columns.map((column) => cells[column] ?? "");
  }

  /** Tells whether a row has text here that no other group of columns contains. */
  hasOwnText(row: number): boolean {
    return this.cells(row).some((text, index) => text !== "" && !(index === 0 && this.repeatsKey));
  }
}
