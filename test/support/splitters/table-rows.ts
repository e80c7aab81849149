import { tablesFromHtml } from "../../../src/splitters/tables/reading/html.js";

/** Writes a row; a cell that begins with `*` is a `<th>`, one with markup is taken as it is. */
export const row = (...cells: string[]): string =>
  `<tr>${cells.map((cell) => (cell.startsWith("<") ? cell : cell.startsWith("*") ? `<th>${cell.slice(1)}</th>` : `<td>${cell}</td>`)).join("")}</tr>`;

/** Reads the table of these rows. */
export const read = (...rows: string[]) => tablesFromHtml(`<table>${rows.join("")}</table>`).tables[0];

/** The labels of the rows that {@link figures} writes. */
export const ITEMS = ["Revenue", "Costs", "Taxes", "Result"];

/** Writes rows of a label and amounts. */
export const figures = (columns: number, first = 0): string[] =>
  ITEMS.map((item, index) =>
    row(
      item,
      ...Array.from(
        { length: columns },
        (_, column) => `${(index + first + 1) * 1_234 + column * 100 + 0.5}`,
      ),
    ),
  );
