import { describe, expect, it } from "vitest";
import { embeddingText } from "../../../src/documents/embedding-text.js";
import type { SplitDocument } from "../../../src/documents/metadata.js";
import { countTokens } from "../../../src/internal/text/tokens.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import {
  contents,
  heading,
  type Part,
  rowsHtml,
  segmentsOf,
  squeeze,
  table,
} from "../../support/splitters/segments.js";

const split = (parts: readonly Part[], chunkSize = 400) =>
  new SegmentSplitter({ chunkSize }).invoke(segmentsOf(parts));

const caption = (content: string): Part => ({ segment_type: "Caption", content });

const tables = (splits: readonly SplitDocument[]) =>
  splits.filter(({ metadata }) => metadata.segment_type === "Table");

const NAMES = ["Site", "Region", "Power"];

describe("a table", () => {
  it.each([31, 40, 57, 58, 59, 60, 61])("distributes %i rows evenly, without a small rest", async (count) => {
    const rows = rowsHtml(["Key", "Value"], count, (row, column) => `r${row + 100}c${column}`);
    const splits = await new SegmentSplitter({ chunkSize: 200 }).transformDocuments(
      segmentsOf([table(rows)]),
    );
    const sizes = splits.map(({ metadata: { row_start = 0, row_end = 0 } }) => row_end - row_start + 1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.min(...sizes)).toBeGreaterThan(Math.max(...sizes) / 2);
  });

  it("is shown under its caption as Markdown", async () => {
    const splits = await split([caption("Table 1: Sites"), table(rowsHtml(NAMES, 2))]);
    expect(contents(splits)).toEqual([
      "Table 1: Sites",
      "Table 1: Sites\n\n| Site | Region | Power |\n| --- | --- | --- |\n| r0c0 | r0c1 | r0c2 |\n| r1c0 | r1c1 | r1c2 |",
    ]);
    expect(splits[0]?.metadata.caption_of).toBe("s1");
    expect(splits[1]?.metadata).toMatchObject({
      caption: "Table 1: Sites",
      caption_id: "s0",
      header: NAMES,
      row_start: 0,
      row_end: 1,
      segment_indices: [1],
    });
  });

  it("is split into whole rows, each in one part, with caption and header in every part", async () => {
    const splits = tables(
      await split([heading("# Sites"), caption("Table 1: Sites"), table(rowsHtml(NAMES, 60))], 120),
    );
    const rows: string[] = [];
    let next = 0;
    for (const each of splits) {
      expect(countTokens(embeddingText(each))).toBeLessThanOrEqual(120);
      expect(each.pageContent).toMatch(
        /^Table 1: Sites\n\n\| Site \| Region \| Power \|\n\| --- \| --- \| --- \|\n/,
      );
      const body = each.pageContent.split("\n").slice(4);
      expect(each.metadata.row_start).toBe(next);
      next += body.length;
      expect(each.metadata.row_end).toBe(next - 1);
      rows.push(...body);
    }
    expect(rows).toEqual(Array.from({ length: 60 }, (_, row) => `| r${row}c0 | r${row}c1 | r${row}c2 |`));
  });

  it("drops the caption before it cuts a row", async () => {
    const long = `Table 1: ${"A caption that goes on ".repeat(12)}`.trim();
    const splits = tables(await split([caption(long), table(rowsHtml(NAMES, 6))], 80));
    expect(
      contents(splits)
        .join("\n")
        .match(/\| r\dc0 \| r\dc1 \| r\dc2 \|/g),
    ).toHaveLength(6);
    for (const each of splits) {
      expect(each.metadata.caption).toBe(long);
      expect(countTokens(embeddingText(each))).toBeLessThanOrEqual(80);
    }
  });

  it("is split into groups of columns that repeat the first one when it is too wide", async () => {
    const names = Array.from({ length: 30 }, (_, column) => `Column number ${column}`);
    const splits = tables(await split([table(rowsHtml(names, 4))], 100));
    const text = contents(splits).join("\n");
    for (const each of splits) {
      expect(countTokens(embeddingText(each))).toBeLessThanOrEqual(100);
      expect(each.metadata.header?.[0]).toBe("Column number 0");
    }
    for (let row = 0; row < 4; row++) {
      for (let column = 1; column < 30; column++) expect(text.split(`r${row}c${column} `)).toHaveLength(2);
    }
  });

  it("splits a row that is too long by its columns, then by words, and keeps everything once", async () => {
    const long = Array.from({ length: 150 }, (_, word) => `w${word}`).join(" ");
    const cells = rowsHtml(["Key", "Note", "Sum"], 3, (row, column) =>
      row === 1 && column === 1 ? long : `r${row}c${column}`,
    );
    const splits = tables(await split([table(cells)], 90));
    const middle = splits.filter(({ metadata }) => metadata.row_start === 1 && metadata.row_end === 1);
    expect(middle.length).toBeGreaterThan(3);
    for (const each of middle) expect(each.pageContent).toContain("| r1c0 |");
    const words =
      contents(splits)
        .join("\n")
        .match(/\bw\d+\b/g) ?? [];
    expect(squeeze(words.join(" "))).toBe(squeeze(long));
    for (const each of splits) expect(countTokens(embeddingText(each))).toBeLessThanOrEqual(90);
  });

  it("escapes pipes within cells", async () => {
    const [only] = await split([
      table("<table><tr><th>a|b</th><th>c</th></tr><tr><td>x|y</td><td>z</td></tr></table>"),
    ]);
    expect(only?.pageContent).toBe("| a\\|b | c |\n| --- | --- |\n| x\\|y | z |");
    expect(only?.metadata.header).toEqual(["a|b", "c"]);
  });

  it("is read from Markdown when there is no HTML, and becomes text when there is neither", async () => {
    const splits = await split([
      { segment_type: "Table", markdown: "| a | b |\n|---|---|\n| 1 | 2 |" },
      { segment_type: "Table", content: "a b\n1 2" },
    ]);
    expect(contents(splits)).toEqual(["| a | b |\n| --- | --- |\n| 1 | 2 |", "a b\n1 2"]);
    expect(splits[1]?.metadata).not.toHaveProperty("row_start");
  });

  it("gives nothing when it has no text, and the header when it has no rows", async () => {
    expect(await split([{ segment_type: "Table", html: "<table><tr><td></td></tr></table>" }])).toEqual([]);
    const [only] = await split([table("<table><thead><tr><th>a</th><th>b</th></tr></thead></table>")]);
    expect(only?.pageContent).toBe("| a | b |\n| --- | --- |");
  });

  it("gives its title and its caption as text when it has nothing else", async () => {
    const titled = table("<table><caption>Sites of the year</caption><tr><td></td></tr></table>");
    expect(contents(await split([titled]))).toEqual(["Sites of the year"]);
    const [, both] = await split([caption("Table 1: Sites"), titled]);
    expect(both?.pageContent).toBe("Table 1: Sites\nSites of the year");
    expect(both?.metadata).toMatchObject({ segment_type: "Table", caption: "Table 1: Sites" });
  });

  it("is embedded as pairs of column and value without empty cells", async () => {
    const html = `<table><tr><td></td><td>2025</td><td>Unit|s</td></tr>
      <tr><td>Revenue</td><td>612.7</td><td>EUR</td></tr><tr><td>Costs</td><td></td><td>a|b</td></tr></table>`;
    const [only] = tables(await split([heading("# Year"), caption("Table 1: Results"), table(html)]));
    expect(only && embeddingText(only)).toBe(
      "Year\n\nTable 1: Results\n\nRevenue | 2025: 612.7 | Unit|s: EUR\nCosts | Unit|s: a|b",
    );
  });
});

describe("a picture", () => {
  it("is described below its caption, or by the caption alone when it has no text", async () => {
    const splits = await split([
      { segment_type: "Picture", content: "A chart." },
      caption("Figure 1: Sales"),
      { segment_type: "Text", content: "Between." },
      { segment_type: "Picture" },
      caption("Figure 2: Costs"),
      { segment_type: "Picture" },
    ]);
    const pictures = splits.filter(({ metadata }) => metadata.segment_type === "Picture");
    expect(contents(pictures)).toEqual(["Figure 1: Sales\n\nA chart.", "Figure 2: Costs"]);
    expect(pictures.map(({ metadata }) => metadata.caption_id)).toEqual(["s1", "s4"]);
  });
});
