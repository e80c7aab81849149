import type { TableModel } from "./table-model.js";

/** A pipe within a cell must not be taken for a border. */
export const escapeCell = (text: string): string => text.replaceAll("|", "\\|");

/** A line of a Markdown table. */
export const tableLine = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(" | ")} |`;

/** Some columns of a table, in their order. */
export class ColumnView {
  readonly columns: readonly number[];
  readonly names: string[];
  /** The column that another group holds already, and this one repeats. */
  readonly repeated: number | undefined;
  readonly #rows: readonly string[][];
  #head: string | undefined;

  constructor(model: TableModel, columns: readonly number[], repeated?: number) {
    this.columns = columns;
    this.repeated = repeated;
    this.names = columns.map((column) => model.names[column] ?? "");
    this.#rows = model.rows;
  }

  /** The header as Markdown: the names and the line below them. */
  get head(): string {
    this.#head ??= `${tableLine(this.names)}\n|${" --- |".repeat(this.columns.length)}`;
    return this.#head;
  }

  cells(row: number): string[] {
    const cells = this.#rows[row] ?? [];
    return this.columns.map((column) => cells[column] ?? "");
  }

  /** Whether a row has text here that no other group of columns holds. */
  holdsText(row: number): boolean {
    const cells = this.#rows[row] ?? [];
    return this.columns.some((column) => column !== this.repeated && (cells[column] ?? "") !== "");
  }
}

/** A text under its caption and titles, if there are any. */
export const under = (lead: string, text: string): string => (lead ? `${lead}\n\n${text}` : text);
