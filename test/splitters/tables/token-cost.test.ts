import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddingText } from "../../../src/documents/embedding-text.js";
import { tableLine } from "../../../src/documents/text/table-text.js";
import { countTokens } from "../../../src/internal/text/tokens.js";
import type { TableModel } from "../../../src/splitters/tables/reading/table-model.js";
import { ColumnView } from "../../../src/splitters/tables/splitting/column-view.js";
import { RowCosts } from "../../../src/splitters/tables/splitting/row-costs.js";
import { RowGroups } from "../../../src/splitters/tables/splitting/row-groups.js";
import { TableCost } from "../../../src/splitters/tables/splitting/token-cost.js";
import { TokenBudget } from "../../../src/splitters/token-budget.js";
import { SEED } from "../../support/splitters/segments.js";
import { cases } from "../../support/thorough.js";

const words = fc.constantFrom(
  "growth",
  "Größe",
  "1,204.5",
  "(42)",
  "%",
  "'s",
  "a|b",
  "|",
  "\\",
  "😀",
  "漢字。",
  "x".repeat(600),
  "<|endoftext|>",
  "...",
  "A:",
  "-",
);
const cell = fc.array(words, { maxLength: 4 }).map((list) => list.join(" "));
const grapheme = fc
  .string({ unit: "grapheme", maxLength: 12 })
  .map((text) => text.replace(/\s+/g, " ").trim());

const table = fc.integer({ min: 1, max: 6 }).chain((width) => {
  const row = fc.array(fc.oneof(cell, grapheme), { minLength: width, maxLength: width });
  return fc.record({ names: row, rows: fc.array(row, { minLength: 1, maxLength: 6 }), lead: cell });
});

const modelOf = (names: string[], rows: string[][]): TableModel => ({
  titles: [],
  names,
  header: [names],
  rows,
  spanned: new Set(),
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe(`tokens of table rows (seed ${SEED})`, () => {
  it("equal those of the whole text, including a line end after the last row", () => {
    fc.assert(
      fc.property(table, ({ names, rows, lead }) => {
        const view = new ColumnView(
          modelOf(names, rows),
          names.map((_, column) => column),
        );
        const cost = new TableCost(new TokenBudget(100, 0, countTokens, true));
        const costs = rows.map((_, row) => cost.row(view, row));
        const above = lead === "" ? "" : `${lead}\n\n`;
        const body = rows.map((row) => tableLine(row)).join("\n");
        const pageContent = `${above}${view.head}\n${body}`;

        const shown = cost.context(lead) + cost.head(view) + sum(costs.map((each) => each.shown));
        expect(shown).toBe(countTokens(`${pageContent}\n`));

        if (rows.some((row) => row.every((text) => text === ""))) return;
        const embedded = embeddingText({ pageContent, metadata: { section_path: [], header: names } });
        const sumOfPairs = cost.context(lead) + sum(costs.map((each) => each.embedded));
        // A sign and the line end after it may be one token, which the sum may count as two.
        const signs = rows.filter((row) => !/[\p{L}\p{N}]$/u.test(row.join(" ").trimEnd())).length;
        const tokens = countTokens(`${embedded}\n`);
        expect(sumOfPairs).toBeGreaterThanOrEqual(tokens);
        expect(sumOfPairs).toBeLessThanOrEqual(tokens + signs);
      }),
      { seed: SEED, numRuns: cases(400) },
    );
  });

  it("count the names of groups in each row", () => {
    const name = fc.constantFrom("Assets", "Current (net):", "2024", "a|b", "漢字");
    const rowOf = (width: number) =>
      fc.oneof(
        name.map((text) => Array.from({ length: width }, (_, column) => (column === 0 ? text : ""))),
        fc.array(cell, { minLength: width, maxLength: width }),
      );
    const grouped = fc.integer({ min: 2, max: 5 }).chain((width) =>
      fc.record({
        names: fc.array(cell, { minLength: width, maxLength: width }),
        rows: fc.array(rowOf(width), { minLength: 2, maxLength: 12 }),
      }),
    );
    let withGroups = 0;
    fc.assert(
      fc.property(grouped, ({ names, rows }) => {
        if (rows.some((row) => row.every((text) => text === ""))) return;
        const model = modelOf(names, rows);
        const view = new ColumnView(
          model,
          names.map((_, column) => column),
        );
        const groups = new RowGroups(model);
        const costs = new RowCosts(new TableCost(new TokenBudget(100, 0, countTokens, true)), groups);
        const { text, groups: row_groups } = groups.body(view, [], [...rows.keys()]);
        if (row_groups) withGroups += 1;
        const pageContent = `${view.head}\n${text}`;
        const metadata = { section_path: [], header: names, row_groups };
        const tokens = countTokens(`${embeddingText({ pageContent, metadata })}\n`);
        const sumOfPairs = sum(rows.map((_, row) => costs.row(view, row, row + 1).embedded));
        expect(sumOfPairs).toBeGreaterThanOrEqual(tokens);
        expect(sumOfPairs).toBeLessThanOrEqual(tokens + rows.length);
      }),
      { seed: SEED, numRuns: cases(400) },
    );
    expect(withGroups).toBeGreaterThan(cases(400) / 20);
  });

  it("are counted once for each text", () => {
    const counted: string[] = [];
    const count = (text: string): number => {
      counted.push(text);
      return text.length;
    };
    const rows = Array.from({ length: 50 }, (_, row) => [`r${row}`, "same", "same too"]);
    const view = new ColumnView(modelOf(["a", "b", "c"], rows), [0, 1, 2]);
    const cost = new TableCost(new TokenBudget(100, 0, count, true));
    for (const row of rows.keys()) cost.row(view, row);
    expect(new Set(counted).size).toBe(counted.length);
    expect(counted.length).toBeLessThan(50 + 20);
  });
});
