import { describe, expect, it } from "vitest";
import { embeddingText } from "../../../src/documents/embedding-text.js";
import { shortNames } from "../../../src/documents/text/table-text.js";
import { countTokens } from "../../../src/internal/text/tokens.js";
import { joinSplits } from "../../../src/retrieval/expand/join-splits.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { segmentsOf, table } from "../../support/splitters/segments.js";

const rowsOf = (count: number, width: number): string[][] =>
  Array.from({ length: count }, (_, row) => [
    `Region ${row}`,
    ...Array.from({ length: width - 1 }, (_, column) => `${row + 1}.${column}`),
  ]);

const htmlOf = (names: readonly string[], rows: readonly string[][]): string => {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((text) => `<${tag}>${text}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${line(names, "th")}</thead><tbody>${rows.map((row) => line(row, "td")).join("")}</tbody></table>`;
};

const LONG = "Percentage of respondents of the national household survey in the category";
const NAMES = ["Region", ...["low", "mid", "high", "top", "none", "other"].map((name) => `${LONG} ${name}`)];

describe("names of columns that share words", () => {
  it.each([
    { names: ["A b c d", "A b c e", "A b c f"], short: ["A b c d", "… e", "… f"] },
    {
      names: ["Sites / by region / 2024", "Sites / by region / 2023"],
      short: ["Sites / by region / 2024", "… 2023"],
    },
    { names: ["2025 / Cost", "2025 / Price"], short: ["2025 / Cost", "2025 / Price"] },
    { names: ["a b c d", "", "a b c e"], short: ["a b c d", "", "a b c e"] },
    { names: ["a b c d", "a b c d"], short: ["a b c d", "… d"] },
  ])("are shortened: $names", ({ names, short }) => {
    expect(shortNames(names)).toEqual(short);
  });

  it.each([
    { size: 64, group: "Three months ended September 30,", years: ["2024", "2023"] },
    { size: 64, group: "Restlaufzeit der Verbindlichkeiten", years: ["bis 1 Jahr", "über 5 Jahre"] },
    {
      size: 128,
      group: "Six months ended June 30, (unaudited; in thousands of US dollars)",
      years: ["2024", "2023"],
    },
  ])("stay names of every part within $size tokens: $group", async ({ size, group, years }) => {
    const names = ["Item", ...years.map((year) => `${group} / ${year}`)];
    const html =
      `<table><tr><th rowspan="2">Item</th><th colspan="${years.length}">${group}</th></tr>` +
      `<tr>${years.map((year) => `<th>${year}</th>`).join("")}</tr>` +
      `${rowsOf(20, names.length)
        .map((cells) => `<tr>${cells.map((text) => `<td>${text}</td>`).join("")}</tr>`)
        .join("")}</table>`;
    const splits = await new SegmentSplitter({ chunkSize: size }).invoke(segmentsOf([table(html)]));
    expect(splits.length).toBeGreaterThan(1);
    for (const split of splits) {
      expect(split.metadata.header).toEqual(names);
      for (const year of years) expect(split.pageContent).toContain(year);
      expect(countTokens(embeddingText(split))).toBeLessThanOrEqual(size);
      expect(countTokens(split.pageContent)).toBeLessThanOrEqual(size);
    }
  });

  it("make room for several rows in a part, whose metadata has them whole", async () => {
    const rows = rowsOf(12, NAMES.length);
    const splits = await new SegmentSplitter({ chunkSize: 200 }).invoke(
      segmentsOf([table(htmlOf(NAMES, rows))]),
    );
    expect(splits.length).toBeLessThanOrEqual(5);
    for (const split of splits) {
      expect(split.metadata.header).toEqual(NAMES);
      expect(split.pageContent.split("\n")[0]).toBe(
        `| Region | ${LONG} low | … mid | … high | … top | … none | … other |`,
      );
      const [first] = embeddingText(split).split("\n");
      expect(first).toMatch(/^Region: Region \d+ \| Percentage of .* low: \d+\.0 \| … mid: \d+\.1 \|/);
      expect(countTokens(embeddingText(split))).toBeLessThanOrEqual(200);
    }
    const stored = splits.map(({ pageContent, metadata }, index) => ({
      id: String(index),
      content: pageContent,
      metadata: { ...metadata, version: "v", point_count: splits.length },
    }));
    expect(joinSplits(stored).split("\n")).toEqual([
      `| ${NAMES.join(" | ")} |`,
      `|${" --- |".repeat(NAMES.length)}`,
      ...rows.map((row) => `| ${row.join(" | ")} |`),
    ]);
  });

  it("are whole where the table fits, and after an empty cell", async () => {
    const [whole] = await new SegmentSplitter({ chunkSize: 2000 }).invoke(
      segmentsOf([table(htmlOf(NAMES, rowsOf(3, NAMES.length)))]),
    );
    expect(whole?.pageContent).not.toContain("…");
    const rows = rowsOf(12, NAMES.length).map((cells) =>
      cells.map((text, column) => (column === 2 ? "" : text)),
    );
    const [part] = await new SegmentSplitter({ chunkSize: 200 }).invoke(
      segmentsOf([table(htmlOf(NAMES, rows))]),
    );
    expect(part && embeddingText(part)).toContain(`${LONG} high: 1.2 | … top: 1.3`);
  });
});

describe("a long caption", () => {
  it("is in the first part of a table only, where it would take much of each", async () => {
    const caption = `Table 1: ${"what the council took note of ".repeat(8).trim()}`;
    const rows = rowsOf(20, 3);
    const html = htmlOf(["Region", "Old", "New"], rows).replace(
      "<table>",
      `<table><caption>${caption}</caption>`,
    );
    const splits = await new SegmentSplitter({ chunkSize: 128 }).invoke(segmentsOf([table(html)]));
    const captioned = splits.filter(({ pageContent }) => pageContent.includes(caption));
    expect(captioned).toEqual(splits.slice(0, 1));
    expect(splits.length).toBeGreaterThan(1);
  });
});
