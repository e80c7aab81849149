import { shortNames, tableHead } from "../../../documents/text/table-text.js";
import type { TokenBudget } from "../../token-budget.js";
import type { TableModel } from "../reading/table-model.js";
import type { Table } from "../reading/table-reader.js";
import { ColumnView, type SplitModel } from "./column-view.js";
import type { TableCost } from "./token-cost.js";

/** The share of the budget that one column name may take; a longer one is taken for body text. */
export const NAME_SHARE = 1 / 6;

/** The share of the budget that a header of long names may take where columns share their words. */
const SHARED_SHARE = 0.6;

/** The shares of the budget kept for the header and for rows that are too long before the caption is dropped. */
const HEAD_SHARE = 1 / 3;
const ROW_SHARE = 1 / 4;

/** The share of the budget that the caption may take in parts after the first. */
const REST_SHARE = 1 / 3;

/** The share of the budget from which on a header is shortened. */
const WIDE_SHARE = 1 / 4;

/** The text above the table in its first split and in the others. */
export interface RepeatedContext {
  first: string;
  rest: string;
  /** The titles, as far as either contains them. */
  titles: string;
  /** Titles that fit into no split of rows, and become splits of their own: with the caption if there is nothing else. */
  separateTitles: string;
}

/** Tells whether long names are those of groups of columns, which short names write once, and little is left of the header. */
const hasLongGroups = (
  { names }: TableModel,
  isLong: (name: string) => boolean,
  head: (shown: readonly string[]) => number,
  limit: number,
): boolean => {
  const short = shortNames(names);
  const isOfGroup = (column: number): boolean => [column, column + 1].some((at) => short[at] !== names[at]);
  return short.every((name, column) => !isLong(name) || isOfGroup(column)) && head(short) <= limit;
};

/** Makes a header whose names are too long to be repeated a row of the body. */
export const withShortNames = (table: Table, budget: TokenBudget): Table => {
  const { model, segmentRows } = table;
  const limit = budget.size * NAME_SHARE;
  const isLong = (name: string): boolean => name.length > limit && budget.count(name) > limit;
  if (!model.names.some(isLong)) return table;
  const head = (shown: readonly string[]): number => budget.count(tableHead(shown));
  if (hasLongGroups(model, isLong, head, budget.size * SHARED_SHARE)) return table;
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

/** A table, and whether its splits shorten the names of its columns. */
export interface SplitTable extends Table {
  model: SplitModel;
}

/** Shortens the names of columns that take much of the budget, if the table does not fit into one part. */
export const withShortHeader = (table: Table, budget: TokenBudget, cost: TableCost): SplitTable => {
  const { model } = table;
  const all = new ColumnView(
    model,
    model.names.map((_, column) => column),
  );
  const head = cost.head(all);
  if (head <= budget.size * WIDE_SHARE) return table;
  let left = budget.size - head;
  for (let row = 0; row < model.rows.length && left >= 0; row++) {
    const { shown, embedded } = cost.row(all, row);
    left -= Math.max(shown, embedded);
  }
  return left >= 0 ? table : { ...table, model: { ...model, hasShortNames: true } };
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
  const isBare = rows.length === 0 && model.names.every((name) => name === "");
  if (isBare) return { first: "", rest: "", titles, separateTitles: both };
  const counted = [both, titles].map((context) => ({ context, tokens: cost.context(context) }));
  const choose = (row: number): string => {
    const fits = head + row <= room;
    const kept = fits ? row : budget.size * ROW_SHARE;
    const left = room - (fits ? head : Math.min(head, budget.size * HEAD_SHARE)) - kept;
    return counted.find(({ tokens }) => tokens <= left)?.context ?? "";
  };
  const largest = rows.reduce((most, tokens) => Math.max(most, tokens), 0);
  const first = choose(rows[0] ?? 0);
  const again = choose(Math.min(largest, budget.size * ROW_SHARE));
  const rest = cost.context(again) <= budget.size * REST_SHARE ? again : "";
  return { first, rest, titles, separateTitles: first === "" ? titles : "" };
};
