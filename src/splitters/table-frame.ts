import type { TokenBudget } from "./budget.js";
import type { TableModel } from "./table-model.js";

/** The share of the budget that one column name may take; a longer one is taken for body text. */
export const NAME_SHARE = 1 / 6;

/** The share of the budget kept for the header, and for rows, before the caption gives way. */
const HEAD_SHARE = 1 / 3;
const ROW_SHARE = 1 / 4;

/** What stands above the table in the first part and in the others. */
export interface Leads {
  first: string;
  rest: string;
  /** Titles that fit above no part, which are text of their own then. */
  apart: string;
}

/** A header whose names are too long to be repeated becomes a row of the body. */
export const withShortNames = (model: TableModel, budget: TokenBudget): TableModel => {
  if (model.names.every((name) => budget.count(name) <= budget.size * NAME_SHARE)) return model;
  return { ...model, names: model.names.map(() => ""), hasHeader: false, rows: [model.names, ...model.rows] };
};

/**
 * Decides what of caption and titles the parts of a table repeat.
 *
 * @param room tokens for lead and table together
 * @param headTokens tokens of the header with all columns
 * @param rowTokens tokens of each row with all columns
 */
export const chooseLeads = (
  model: TableModel,
  caption: string,
  budget: TokenBudget,
  { room, headTokens, rowTokens }: { room: number; headTokens: number; rowTokens: readonly number[] },
): Leads => {
  const titles = model.titles.filter((title) => title !== caption).join("\n");
  const both = [caption, titles].filter((line) => line !== "").join("\n");
  const counted = [both, titles].map((lead) => ({ lead, tokens: budget.count(lead) }));
  const choose = (largestRow: number): string => {
    const head = Math.min(headTokens, budget.size * HEAD_SHARE);
    const left = room - head - Math.min(largestRow, budget.size * ROW_SHARE);
    return counted.find(({ tokens }) => tokens <= left)?.lead ?? "";
  };
  const first = choose(rowTokens[0] ?? 0);
  const rest = choose(rowTokens.reduce((most, tokens) => Math.max(most, tokens), 0));
  return { first, rest, apart: first === "" ? titles : "" };
};
