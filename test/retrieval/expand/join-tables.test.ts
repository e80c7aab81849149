import { describe, expect, it } from "vitest";
import { joinTable } from "../../../src/retrieval/expand/join-tables.js";
import type { StoredSplit } from "../../../src/retrieval/expand/split-reader.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { randomNumbers, SEED } from "../../support/sink-data.js";
import { heading, rowsHtml, segmentsOf, table } from "../../support/splitters/segments.js";

const splitTable = async (html: string, chunkSize: number): Promise<StoredSplit[]> => {
  const segments = segmentsOf([heading("# Data"), table(html)]);
  const splits = await new SegmentSplitter({ chunkSize }).transformDocuments(segments);
  return splits
    .filter(({ metadata }) => metadata.segment_type === "Table")
    .map(({ pageContent, metadata }, n) => ({
      id: String(n),
      content: pageContent,
      metadata: { ...metadata, version: "v1" },
    }));
};

const markdown = (names: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${names.join(" | ")} |`,
    `|${" --- |".repeat(names.length)}`,
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");

describe("joining the parts of a table", () => {
  it("joins groups of columns side by side", async () => {
    const names = Array.from({ length: 30 }, (_, column) => `Column number ${column}`);
    const pieces = await splitTable(rowsHtml(names, 6), 100);
    expect(new Set(pieces.map(({ metadata }) => metadata.header?.join())).size).toBeGreaterThan(2);
    const rows = Array.from({ length: 6 }, (_, row) => names.map((_name, column) => `r${row}c${column}`));
    expect(joinTable(pieces)).toEqual([markdown(names, rows)]);
  });

  it("joins a cell that was cut between words, in its row", async () => {
    const long = Array.from({ length: 150 }, (_, n) => `word${n}`).join(" ");
    const html = rowsHtml(["Key", "Remark"], 4, (row, column) =>
      row === 2 && column === 1 ? long : `r${row}c${column}`,
    );
    const pieces = await splitTable(html, 80);
    expect(pieces.length).toBeGreaterThan(3);
    const [joined, ...others] = joinTable(pieces);
    expect(others).toEqual([]);
    expect(joined?.split("\n")).toEqual([
      "| Key | Remark |",
      "| --- | --- |",
      "| r0c0 | r0c1 |",
      "| r1c0 | r1c1 |",
      `| r2c0 | ${long} |`,
      "| r3c0 | r3c1 |",
    ]);
  });

  it("keeps pipes in cells", async () => {
    const pieces = await splitTable(
      rowsHtml(["A", "B"], 12, (row) => `x|${row}`),
      40,
    );
    expect(pieces.length).toBeGreaterThan(1);
    expect(joinTable(pieces).join()).toContain("| x\\|11 | x\\|11 |");
  });

  it("keeps two tables of one segment apart", async () => {
    const html = rowsHtml(["Name", "Age"], 9) + rowsHtml(["Name", "Weight", "Height"], 9);
    const joined = joinTable(await splitTable(html, 50));
    expect(joined).toHaveLength(2);
    expect(joined.map((text) => text.split("\n").length)).toEqual([11, 11]);
  });

  it(`keeps every row and cell of any table (seed ${SEED})`, async () => {
    const random = randomNumbers(SEED);
    const upTo = (most: number) => 1 + Math.floor(random() * most);
    for (let round = 0; round < 25; round++) {
      const names = Array.from({ length: 1 + upTo(8) }, (_, column) =>
        `Name ${column} ${"long ".repeat(upTo(3))}`.trim(),
      );
      const cells = Array.from({ length: upTo(25) }, (_, row) =>
        names.map((_name, column) => `r${row}c${column}${" more".repeat(upTo(4) - 1)}`),
      );
      const html = rowsHtml(names, cells.length, (row, column) => cells[row]?.[column] ?? "");
      const pieces = await splitTable(html, 50 + upTo(150));
      expect(joinTable(pieces)).toEqual([markdown(names, cells)]);
    }
  });
});
