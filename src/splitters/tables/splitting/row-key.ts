import { kindsOf } from "../reading/column-kinds.js";
import type { TableModel } from "../reading/table-model.js";

/** The most columns that name a row together. */
const MAX_COLUMNS = 3;

/** The share of rows that must have different keys. */
const DIFFERENT = 0.95;

/** A number as rows are counted with. */
const INTEGER = /^\d{1,6}$/;

/** Tells whether most cells of a column are amounts, which name no row beside others. */
const isAmount = (rows: readonly (readonly string[])[], column: number): boolean => {
  let [texts, amounts] = [0, 0];
  for (const cells of rows) {
    const text = cells[column] ?? "";
    if (text === "") continue;
    texts += 1;
    if (kindsOf(cells)[column] === "number" && !INTEGER.test(text)) amounts += 1;
  }
  return amounts * 2 > texts;
};

/**
 * Finds the columns that name a row: the first if it tells rows apart, else the first ones that do together, else the
 * first. Rows of one cell name others, and do not count.
 *
 * @example
 * ```ts
 * findKeyColumns([["1994", "Together", "6"], ["1994", "In Your Dreams", "3"]]); // [0, 1]
 * ```
 */
export const findKeyColumns = (rows: TableModel["rows"]): readonly number[] => {
  const full = rows.filter((cells) => cells.filter((text) => text !== "").length > 1);
  const width = rows[0]?.length ?? 0;
  let keys = full.map(() => "");
  for (let column = 0; column < Math.min(MAX_COLUMNS, width - 1); column++) {
    if (column > 0 && isAmount(full, column)) break;
    keys = keys.map((key, row) => `${key}\n${full[row]?.[column] ?? ""}`);
    if (new Set(keys).size >= full.length * DIFFERENT)
      return Array.from({ length: column + 1 }, (_, at) => at);
  }
  return [0];
};
