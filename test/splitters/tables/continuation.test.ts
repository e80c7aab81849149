import { describe, expect, it } from "vitest";
import type { SplitDocument } from "../../../src/documents/metadata.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { heading, type Part, rowsHtml, segmentsOf, table, text } from "../../support/splitters/segments.js";

const NAMES = ["Site", "Region", "Power"];
const FURNITURE: Part[] = [
  { segment_type: "PageFooter", content: "1" },
  { segment_type: "PageHeader", content: "Report", page_number: 2 },
];

const split = async (parts: readonly Part[], chunkSize = 400): Promise<SplitDocument[]> => {
  const splits = await new SegmentSplitter({ chunkSize }).invoke(segmentsOf(parts));
  return splits.filter(({ metadata }) => metadata.segment_type === "Table");
};

const onPage = (page_number: number, html: string): Part => table(html, { page_number });

const rowOf = (cells: readonly string[], tag = "td"): string =>
  `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;

const bodyOf = ({ pageContent }: SplitDocument): string[] =>
  pageContent.slice(pageContent.indexOf("| --- |")).split("\n").slice(1);

describe("a table that continues on the next page", () => {
  it("becomes one table with all rows and a box for each page, and drops the repeated header", async () => {
    const [only, ...others] = await split([
      { segment_type: "Caption", content: "Table 1: Sites" },
      table(rowsHtml(NAMES, 2)),
      ...FURNITURE,
      onPage(
        2,
        rowsHtml(NAMES, 2, (row, column) => `p2r${row}c${column}`),
      ),
    ]);
    expect(others).toEqual([]);
    expect(only?.pageContent).toBe(
      [
        "Table 1: Sites\n\n| Site | Region | Power |\n| --- | --- | --- |\n| r0c0 | r0c1 | r0c2 |",
        "| r1c0 | r1c1 | r1c2 |\n| p2r0c0 | p2r0c1 | p2r0c2 |\n| p2r1c0 | p2r1c1 | p2r1c2 |",
      ].join("\n"),
    );
    expect(only?.metadata).toMatchObject({
      caption_id: "s0",
      page_number: 1,
      row_start: 0,
      row_end: 3,
      segment_indices: [1, 4],
    });
    expect(only?.metadata.boxes.map((box) => box.page_number)).toEqual([1, 2]);
  });

  it("never continues on another sheet of a workbook", async () => {
    const onSheet = (page: number, sheet: string | null, rows: number) =>
      table(rowsHtml(NAMES, rows), {
        page_number: page,
        cell_references: [{ sheet, address: `A1:C${rows + 1}`, ref: null }],
      });
    const sheets = await split([onSheet(1, "Q1", 2), onSheet(2, "Q2", 3)]);
    expect(sheets.map(({ metadata }) => [metadata.segment_indices, metadata.row_end])).toEqual([
      [[0], 1],
      [[1], 2],
    ]);
    expect(await split([onSheet(1, "Q1", 2), onSheet(2, "Q1", 3)])).toHaveLength(1);
    // Where no sheet is named, pages are all there is to go by.
    expect(await split([onSheet(1, null, 2), onSheet(2, null, 3)])).toHaveLength(1);
  });

  it("lists in each part the segments of its rows, counts rows across pages and repeats the header", async () => {
    const parts = await split(
      [
        table(rowsHtml(NAMES, 30)),
        ...FURNITURE,
        onPage(2, rowsHtml(NAMES, 30)),
        onPage(3, rowsHtml(NAMES, 5)),
      ],
      120,
    );
    let next = 0;
    for (const part of parts) {
      expect(part.metadata.header).toEqual(NAMES);
      expect(part.metadata.row_start).toBe(next);
      next = (part.metadata.row_end ?? 0) + 1;
      expect(bodyOf(part)).toHaveLength(next - (part.metadata.row_start ?? 0));
    }
    expect(next).toBe(65);
    const pages = parts.map(({ metadata }) => metadata.boxes.map((box) => box.page_number));
    expect(pages.filter((each) => each.length > 1).length).toBeLessThanOrEqual(2);
    expect(new Set(pages.flat())).toEqual(new Set([1, 2, 3]));
  });

  it.each([
    ["without a header", rowOf(["Elm", "Alpine", "38.5"]), ["| Elm | Alpine | 38.5 |"]],
    [
      "whose first row would pass for names",
      rowOf(["Elm", "Alpine", "much"]) + rowOf(["Fir", "Iberia", "little"]),
      ["| Elm | Alpine | much |", "| Fir | Iberia | little |"],
    ],
    [
      "with the title of the first, continued",
      `<tr><th colspan="3">Sites (continued)</th></tr>${rowOf(["Elm", "Alpine", "38.5"])}`,
      ["| Sites (continued) |  |  |", "| Elm | Alpine | 38.5 |"],
    ],
    ["with nothing but the header again", rowOf(NAMES, "th"), []],
  ])("takes what stands on the next page %s", async (_case, rows, expected) => {
    const [only, ...others] = await split([
      table(rowsHtml(NAMES, 2)),
      ...FURNITURE,
      onPage(2, `<table>${rows}</table>`),
    ]);
    expect(others).toEqual([]);
    expect(only && bodyOf(only)).toEqual(["| r0c0 | r0c1 | r0c2 |", "| r1c0 | r1c1 | r1c2 |", ...expected]);
    expect(only?.metadata.segment_indices).toEqual([0, 3]);
  });

  it.each<[string, Part[], Part]>([
    ["text between", [text("Another matter.", { page_number: 2 })], onPage(2, rowsHtml(NAMES, 2))],
    ["a heading between", [heading("## Next", { page_number: 2 })], onPage(2, rowsHtml(NAMES, 2))],
    ["other names", FURNITURE, onPage(2, rowsHtml(["Year", "Sum", "Share"], 2))],
    ["another number of columns", FURNITURE, onPage(2, rowsHtml([...NAMES, "Year"], 2))],
    ["a page without it between", FURNITURE, onPage(3, rowsHtml(NAMES, 2))],
    ["the same page", [], onPage(1, rowsHtml(NAMES, 2))],
    [
      "a title of its own",
      FURNITURE,
      onPage(2, `<table><tr><th colspan="3">Depots</th></tr>${rowOf(["Elm", "Alpine", "38.5"])}</table>`),
    ],
    [
      "a td header of its own above figures",
      FURNITURE,
      onPage(2, `<table>${rowOf(["Depot", "Cost", "Year"])}${rowOf(["Elm", "3.5", "2021"])}</table>`),
    ],
  ])("is two tables with %s", async (_case, between, next) => {
    const splits = await split([table(rowsHtml(NAMES, 2)), ...between, next]);
    expect(splits).toHaveLength(2);
    expect(splits.every(({ metadata }) => metadata.segment_indices.length === 1)).toBe(true);
  });

  it("knows the page of each row among a thousand pages, some of which have only a header", async () => {
    const header = rowOf(NAMES, "th");
    const rowsOn = (page: number): number => (page % 5 === 0 ? 0 : 1 + (page % 3));
    const pages = Array.from({ length: 1_000 }, (_, index) => {
      const page = index + 1;
      const rows = Array.from({ length: rowsOn(page) }, (_row, row) => rowOf([`p${page}r${row}`, "a", "b"]));
      return onPage(page, `<table>${header}${rows.join("")}</table>`);
    });
    const splits = await split(pages, 64);
    const shown = splits.flatMap(bodyOf).map((row) => row.slice(2, row.indexOf(" |", 2)));
    expect(shown).toEqual(
      pages.flatMap((_, index) =>
        Array.from({ length: rowsOn(index + 1) }, (_row, row) => `p${index + 1}r${row}`),
      ),
    );
    for (const [index, part] of splits.entries()) {
      const found = bodyOf(part).map((row) => Number(/p(\d+)r/.exec(row)?.[1]) - 1);
      // Pages without rows belong to the last part.
      const own = part.metadata.segment_indices.filter((page) => rowsOn(page + 1) > 0);
      expect(own, `part ${index}`).toEqual([...new Set(found)]);
    }
  });

  it("continues over several pages, and stays apart from other tables in the same segments", async () => {
    const two = rowsHtml(["a", "b"], 1) + rowsHtml(NAMES, 2);
    const splits = await split([
      table(two),
      onPage(2, rowsHtml(NAMES, 1)),
      onPage(3, rowsHtml(NAMES, 1) + rowsHtml(["x", "y"], 2)),
    ]);
    expect(splits.map(({ metadata }) => metadata.header)).toEqual([["a", "b"], NAMES, ["x", "y"]]);
    expect(splits.map(({ metadata }) => metadata.segment_indices)).toEqual([[0], [0, 1, 2], [2]]);
    expect(splits.map(({ metadata }) => [metadata.row_start, metadata.row_end])).toEqual([
      [0, 0],
      [1, 4],
      [1, 2],
    ]);
  });
});
