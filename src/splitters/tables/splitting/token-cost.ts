import { escapeCell, GROUP_BORDER } from "../../../documents/text/table-text.js";
import type { TokenBudget } from "../../token-budget.js";
import type { ColumnView } from "./column-view.js";

/** The tokens of a text as it is shown, in Markdown, and as it is embedded, in pairs. */
export interface Cost {
  shown: number;
  embedded: number;
}

const WORD_END = /[\p{L}\p{N}]$/u;

/** The most counts that are kept; the memo is cleared when it is full, so that long documents need no more memory. */
const MAX_KEPT = 20_000;

/** Counts each text once. */
const remembering = (count: (text: string) => number): ((text: string) => number) => {
  const known = new Map<string, number>();
  return (text) => {
    let tokens = known.get(text);
    if (tokens === undefined) {
      if (known.size >= MAX_KEPT) known.clear();
      tokens = count(text);
      known.set(text, tokens);
    }
    return tokens;
  };
};

/** The tokens of the names of some columns, `0` for columns without one. */
interface ViewCost {
  head: number;
  /** The tokens of a name at the start of a line, and within it. */
  opening: readonly number[];
  inner: readonly number[];
  /** The same of a name after that of the column before, which may be short. */
  next: readonly number[];
}

export const NO_COST: Cost = { shown: 0, embedded: 0 };

export const plus = (a: Cost, b: Cost): Cost => ({
  shown: a.shown + b.shown,
  embedded: a.embedded + b.embedded,
});

/**
 * Counts the tokens of table rows from those of their cells, each text once.
 *
 * With `cl100k_base` the sums are those of the whole text with a line end after it, or one more for each row that ends
 * in a sign. That encoding cuts a text before it merges: always before a space that a letter or a sign follows, and
 * after a line end that no white space follows. (The pattern of `cl100k_base` in tiktoken, openai_public.py.) So every
 * cell is counted with the space before it, every name with space and colon, every border with its space, and the last
 * cell, where it ends in a sign, with the line end.
 */
export class TableCost {
  /** Counts a text above a table, with the blank line below it. */
  readonly context: (text: string) => number;
  /** Counts a cell, or a name with its colon, at the start of a line. */
  readonly opening: (text: string) => number;
  readonly #head: (text: string) => number;
  /** Count a cell with the space before it, and with a sign at the end of a line. */
  readonly #cell: (text: string) => number;
  readonly #ending: (text: string) => number;
  readonly #views = new WeakMap<ColumnView, ViewCost>();
  readonly #open: number;
  readonly #border: number;
  readonly #end: number;
  /** The tokens of the line end after a border, which may be part of the border's token. */
  readonly #shownEnd: number;

  constructor({ count }: TokenBudget) {
    this.context = remembering((text) => (text === "" ? 0 : count(`${text}\n\n`)));
    this.#head = remembering((text) => count(`${text}\n`));
    this.#cell = remembering((text) => count(` ${text}`));
    this.opening = remembering(count);
    this.#ending = remembering((text) => count(` ${text}\n`));
    this.#open = count("|");
    this.#border = count(" |");
    this.#end = count("\n");
    this.#shownEnd = count(" |\n") - this.#border;
  }

  /** Counts the header as it is shown. It is embedded only without rows. */
  head(view: ColumnView): number {
    return this.#ofView(view).head;
  }

  row(view: ColumnView, row: number): Cost {
    return this.line(view, view.cells(row));
  }

  /**
   * Counts a line with these cells.
   *
   * @param names of its groups, which are embedded before the first cell
   */
  line(view: ColumnView, cells: readonly string[], names = ""): Cost {
    const { opening, inner, next } = this.#ofView(view);
    let shown = this.#open + this.#shownEnd;
    let embedded = this.#end;
    let last = "";
    for (let column = 0; column < cells.length; column++) {
      const text = cells[column] ?? "";
      const tokens = this.#cell(text);
      shown += this.#border + (text.includes("|") ? this.#cell(escapeCell(text)) : tokens);
      if (column === 0 && names !== "") {
        embedded += this.#inGroup(names, text, opening[0] ?? 0);
        last = text || names;
        continue;
      }
      if (text === "") continue;
      const hasBefore = cells[column - 1] || (column === 1 && names !== "");
      if (last !== "") embedded += this.#border + ((hasBefore ? next : inner)[column] ?? 0) + tokens;
      else {
        const name = opening[column] ?? 0;
        embedded += name > 0 ? name + tokens : this.opening(text);
      }
      last = text;
    }
    if (last !== "" && !WORD_END.test(last))
      embedded += Math.max(0, this.#ending(last) - this.#cell(last) - this.#end);
    return { shown, embedded };
  }

  /** Counts names of groups and the cell after them, at the start of a line. */
  #inGroup(names: string, text: string, columnName: number): number {
    const start = columnName > 0 ? columnName + this.#cell(names) : this.opening(names);
    return text === "" ? start : start + this.#cell(GROUP_BORDER.trim()) + this.#cell(text);
  }

  #ofView(view: ColumnView): ViewCost {
    const known = this.#views.get(view);
    if (known) return known;
    const inner = view.names.map((name) => (name === "" ? 0 : this.#cell(`${name}:`)));
    const costs = {
      head: this.#head(view.head),
      opening: view.names.map((name) => (name === "" ? 0 : this.opening(`${name}:`))),
      inner,
      next: view.shown.map((name, column) =>
        name === view.names[column] ? (inner[column] ?? 0) : this.#cell(`${name}:`),
      ),
    };
    this.#views.set(view, costs);
    return costs;
  }
}
