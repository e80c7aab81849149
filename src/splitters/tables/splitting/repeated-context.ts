import type { TokenBudget } from "../../token-budget.js";
import type { TableModel } from "../reading/table-model.js";
import type { Table } from "../reading/table-reader.js";
import type { TableCost } from "./token-cost.js";

/** The share of the budget that one column name may take; a longer one is taken for body text. */
export const NAME_SHARE = 1 / 6;

/** The shares of the budget kept for the header and for rows that are too long before the caption is dropped. */
const HEAD_SHARE = 1 / 3;
const ROW_SHARE = 1 / 4;

/** The text above the table in its first split and in the others. */
export interface RepeatedContext {
  first: string;
  rest: string;
  /** The titles, as far as either contains them. */
  titles: string;
  /** Titles that fit into no split of rows, and become splits of their own. */
  separateTitles: string;
}

/** Makes a header whose names are too long to be repeated a row of the body. */
export const withShortNames = (table: Table, budget: TokenBudget): Table => {
  const { model, segmentRows } = table;
  const limit = budget.size * NAME_SHARE;
  if (model.names.every((name) => name.length <= limit || budget.count(name) <= limit)) return table;
  const [first, ...rest] = segmentRows;
  return {
    ...table,
    model: {
      ...model,
      names: model.names.map(() => ""),
      header: [],
      rows: [model.names, ...model.rows],
      spanned: new Set([...model.spanned].map((row) => row + 1)),
    },
    segmentRows: [{ ...first, rows: [model.names, ...first.rows] }, ...rest],
  };
};

/**
 * Decides which of caption and titles the splits of a table repeat.
 *
 * @param room tokens for context and table together
 * @param head tokens of the header with all columns
 * @param rows tokens of each row with all columns
 */
export const chooseRepeatedContext = (
  model: TableModel,
  caption: string,
  budget: TokenBudget,
  { cost, room, head, rows }: { cost: TableCost; room: number; head: number; rows: readonly number[] },
): RepeatedContext => {
  const titles = model.titles.filter((title) => title !== caption).join("\n");
  const both = [caption, titles].filter((line) => line !== "").join("\n");
  const counted = [both, titles].map((context) => ({ context, tokens: cost.context(context) }));
  const choose = (row: number): string => {
    const fits = head + row <= room;
    const kept = fits ? row : budget.size * ROW_SHARE;
    const left = room - (fits ? head : Math.min(head, budget.size * HEAD_SHARE)) - kept;
    return counted.find(({ tokens }) => tokens <= left)?.context ?? "";
  };
  const largest = rows.reduce((most, tokens) => Math.max(most, tokens), 0);
  const first = choose(rows[0] ?? 0);
  const rest = choose(Math.min(largest, budget.size * ROW_SHARE));
  return { first, rest, titles, separateTitles: first === "" ? titles : "" };
};
