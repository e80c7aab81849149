import { describe, expect, it } from "vitest";
import { withGroupsInRows, withTableAsPairs } from "../../../src/documents/text/table-text.js";

const header = ["Item", "2024", "2023"];
const HEAD = "| Item | 2024 | 2023 |\n| --- | --- | --- |";

/** Writes lines given as `Cash, 1, 2`. */
const tableOf = (...lines: string[]): string =>
  [HEAD, ...lines.map((line) => `| ${line.split(", ").join(" | ")} |`)].join("\n");

const pairsOf = (text: string, row_groups: number[]): string[] =>
  withTableAsPairs(text, { header, row_groups }).split("\n");

describe("rows below the names of groups", () => {
  it("begin with the names, and lines of nothing but a name are left out", () => {
    const text = tableOf("Assets:, , ", "Current, , ", "Cash, 1, 2", "Debts, , ", "Loans, 3, ");
    expect(pairsOf(text, [-1, 0, 1, -1, 3])).toEqual([
      "Item: Assets › Current › Cash | 2024: 1 | 2023: 2",
      "Item: Debts › Loans | 2024: 3",
    ]);
    expect(withGroupsInRows(`Table 1\n\n${text}`, { header, row_groups: [-1, 0, 1, -1, 3] })).toBe(
      `Table 1\n\n${tableOf("Assets › Current › Cash, 1, 2", "Debts › Loans, 3, ")}`,
    );
  });

  it("have the name alone where they lack a label", () => {
    expect(pairsOf(tableOf("Assets, , ", ", 1, 2"), [-1, 0])).toEqual(["Item: Assets | 2024: 1 | 2023: 2"]);
  });

  it("leave the line of a name in its place that says more, or has no rows", () => {
    const text = tableOf("Age, , 0.7", "Young, 1, ", "Sex, , ");
    expect(pairsOf(text, [-1, 0, -1])).toEqual([
      "Item: Age | 2023: 0.7",
      "Item: Age › Young | 2024: 1",
      "Item: Sex",
    ]);
  });

  it("are left as they are where the lines are not those of the table", () => {
    const text = tableOf("Assets, , ", "Cash, 1, 2");
    expect(withGroupsInRows(text, { header, row_groups: [-1, 0, 0] })).toBe(text);
    expect(withGroupsInRows(text, { header })).toBe(text);
    expect(withGroupsInRows("no table", { header, row_groups: [-1] })).toBe("no table");
  });
});
