import { escapeCell } from "../documents/table-text.js";
import type { TokenBudget } from "./budget.js";
import type { ColumnView } from "./table-view.js";

/** Tokens of something as it is shown, in Markdown, and as it is embedded, in pairs. */
export interface Cost {
  shown: number;
  embedded: number;
}

const WORD_END = /[\p{L}\p{N}]$/u;

export const plus = (a: Cost, b: Cost): Cost => ({
  shown: a.shown + b.shown,
  embedded: a.embedded + b.embedded,
});

/**
 * Counts the tokens of table rows from those of their cells, each text once.
 *
 * With `cl100k_base` the sums are those of the whole text, the end of the last line aside. That encoding cuts a text
 * before it merges: never within ` |`, before a space that a letter or a sign follows, or after a line end that no
 * white space follows. (The pattern of `cl100k_base` in tiktoken, openai_public.py.) So every cell is counted with the
 * space before it, every name with space and colon, and the last cell, where it ends in a sign, with the line end.
 */
export class TableCost {
  readonly #budget: TokenBudget;
  readonly #counted = new Map<string, number>();
  readonly #open: number;
  readonly #border: number;
  readonly #end: number;

  constructor(budget: TokenBudget) {
    this.#budget = budget;
    this.#open = budget.count("|");
    this.#border = budget.count(" |");
    this.#end = budget.count("\n");
  }

  /** A text that stands above a table, with the blank line below it. */
  lead(text: string): number {
    return text === "" ? 0 : this.#count(`${text}\n\n`);
  }

  /** The header as it is shown; it is not embedded, except without rows. */
  head(view: ColumnView): number {
    return this.#count(`${view.head}\n`);
  }

  row(view: ColumnView, row: number): Cost {
    return this.line(view.names, view.cells(row));
  }

  line(names: readonly string[], cells: readonly string[]): Cost {
    let shown = this.#open + this.#end;
    let embedded = this.#end;
    let last = "";
    for (let column = 0; column < cells.length; column++) {
      const text = cells[column] ?? "";
      const tokens = this.#count(` ${text}`);
      shown += this.#border + (text.includes("|") ? this.#count(` ${escapeCell(text)}`) : tokens);
      if (text === "") continue;
      const name = names[column] ?? "";
      const isFirst = last === "";
      if (name !== "") embedded += this.#count(isFirst ? `${name}:` : ` ${name}:`);
      embedded += name === "" && isFirst ? this.#count(text) : tokens;
      if (!isFirst) embedded += this.#border;
      last = text;
    }
    if (last !== "" && !WORD_END.test(last)) {
      embedded += Math.max(0, this.#count(` ${last}\n`) - this.#count(` ${last}`) - this.#end);
    }
    return { shown, embedded };
  }

  #count(text: string): number {
    const known = this.#counted.get(text);
    if (known !== undefined) return known;
    const tokens = this.#budget.count(text);
    this.#counted.set(text, tokens);
    return tokens;
  }
}
