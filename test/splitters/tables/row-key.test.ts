import { describe, expect, it } from "vitest";
import { joinSplits } from "../../../src/retrieval/expand/join-splits.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { findKeyColumns } from "../../../src/splitters/tables/splitting/row-key.js";
import { segmentsOf, table } from "../../support/splitters/segments.js";

const rowsOf = (lines: readonly string[]): string[][] => lines.map((line) => line.split("|"));

describe("the columns that name a row", () => {
  it.each([
    { form: "the first, where it tells rows apart", rows: ["A|x|1", "B|x|2"], columns: [0] },
    {
      form: "the first two, where these do",
      rows: ["1994|x|1|g", "1994|y|2|g", "1995|x|3|g"],
      columns: [0, 1],
    },
    { form: "three", rows: ["N|a|x|1", "N|a|y|2", "N|b|x|3"], columns: [0, 1, 2] },
    { form: "with a code or a date", rows: ["Club|586/2014|x", "Club|587/2014|x"], columns: [0, 1] },
    { form: "the first, where only amounts would do", rows: ["Club|5.20|x", "Club|6.10|x"], columns: [0] },
    { form: "with a number that counts rows", rows: ["Club|11|x", "Club|12|x"], columns: [0, 1] },
    { form: "the first, where none do", rows: ["A|x|1", "A|x|1"], columns: [0] },
    { form: "found beside names of groups", rows: ["G||", "A|x|1", "H||", "B|x|2"], columns: [0] },
  ])("are $form", ({ rows, columns }) => {
    expect(findKeyColumns(rowsOf(rows))).toEqual(columns);
  });
});

describe("a row that is cut", () => {
  const long = "the resolution of the council on the season and all of its games at home and abroad "
    .repeat(2)
    .trim();
  const cells = (row: number): string[] => [
    "San Martin",
    `${586 + row}/2014`,
    "01/08/2014",
    long,
    `Noted ${row}`,
  ];
  const markup = (spans: boolean): string => {
    const rows = [0, 1, 2].map((row) => {
      const [club = "", ...others] = cells(row);
      const first = spans ? (row === 0 ? `<td rowspan="3">${club}</td>` : "") : `<td>${club}</td>`;
      return `<tr>${first}${others.map((text) => `<td>${text}</td>`).join("")}</tr>`;
    });
    return `<table><tr>${["Club", "No.", "Date", "Subject", "Result"].map((name) => `<th>${name}</th>`).join("")}</tr>${rows.join("")}</table>`;
  };

  it.each([
    { spans: false, chunkSize: 50 },
    { spans: false, chunkSize: 64 },
    { spans: true, chunkSize: 64 },
  ])("keeps its key in each piece and is joined again (%o)", async ({ spans, chunkSize }) => {
    const splits = await new SegmentSplitter({ chunkSize }).invoke(segmentsOf([table(markup(spans))]));
    expect(splits.length).toBeGreaterThan(3);
    const pieces = [0, 0, 0];
    for (const { pageContent, metadata } of splits) {
      const row = metadata.row_start ?? -1;
      expect(pageContent.split("\n").at(-1)).toMatch(`| San Martin | ${586 + row}/2014 |`);
      expect(metadata.header?.slice(0, 2)).toEqual(["Club", "No."]);
      if ((pieces[row] ?? 0) > 0) expect(metadata.repeated_columns).toEqual(expect.arrayContaining([0, 1]));
      pieces[row] = (pieces[row] ?? 0) + 1;
    }
    expect(Math.min(...pieces)).toBeGreaterThan(1);
    const stored = splits.map(({ pageContent, metadata }, index) => ({
      id: String(index),
      content: pageContent,
      metadata: { ...metadata, version: "v", point_count: splits.length },
    }));
    expect(joinSplits(stored).split("\n").slice(2)).toEqual(
      [0, 1, 2].map((row) => `| ${cells(row).join(" | ")} |`),
    );
  });
});
