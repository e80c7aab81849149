import { shortNames, tableHead } from "../../../documents/text/table-text.js";
import type { TableModel } from "../reading/table-model.js";

/** A table, and whether its splits shorten the names of its columns. */
export interface SplitModel extends TableModel {
  hasShortNames?: boolean;
}

/** Selects columns of a table, in their order. */
export class ColumnView {
  readonly columns: readonly number[];
  readonly names: string[];
  /** The names as the header shows them. */
  readonly shown: readonly string[];
  /** Those of the columns whose text another split contains already. */
  readonly repeated: readonly number[];
  readonly #rows: readonly string[][];
  #head: string | undefined;

  constructor(model: SplitModel, columns: readonly number[], repeated: readonly number[] = []) {
    this.columns = columns;
    this.repeated = repeated;
    this.names = columns.map((column) => model.names[column] ?? "");
    this.shown = model.hasShortNames ? shortNames(this.names) : this.names;
    this.#rows = model.rows;
  }

  /** The header as Markdown. */
  get head(): string {
    this.#head ??= tableHead(this.shown);
    return this.#head;
  }

  cells(row: number): readonly string[] {
    const cells = this.#rows[row] ?? [];
    return this.columns.length === cells.length ? cells : this.columns.map((column) => cells[column] ?? "");
  }

  /** @param index of a cell */
  isRepeated(index: number): boolean {
    return this.repeated.length > 0 && this.repeated.includes(this.columns[index] ?? -1);
  }

  /** Tells whether a row has text here that no other group of columns contains. */
  hasOwnText(row: number): boolean {
    return this.cells(row).some((text, index) => text !== "" && !this.isRepeated(index));
  }
}
