import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SplitMetadata } from "../../../src/documents/metadata.js";
import { packWords } from "../../../src/documents/packed-words.js";
import type { BBox, PagePlace, Word } from "../../../src/documents/segment.js";
import { estimatePages } from "../../../src/splitters/boxes/row-pages.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { SEED, segmentsOf, withMetadata } from "../../support/splitters/segments.js";

const LINE = 24;
const COLUMN = 200;
const NAMES = ["Site", "Power", "Region"];

type Order = "rows" | "columns";
type Frame = "page" | "stacked" | "none";

interface Row {
  cells: string[];
  page: number;
  bbox: BBox;
}

/** A table over pages with so many rows each, whose header stands on the first page, as a merged segment. */
const mergedTable = (rowsOnPages: readonly number[], order: Order, frame: Frame, repeatsHeader = false) => {
  const rows: Row[] = [];
  const words: Word[] = [];
  const pages: PagePlace[] = [];
  let above = 0;
  for (const [index, count] of rowsOnPages.entries()) {
    const page_number = index + 3;
    const hasHeader = index === 0 || repeatsHeader;
    const lines = Array.from({ length: count }, (_, row) => {
      const number = rows.length + row;
      return [`Alder ${number * 7}`, `${number * 13} MW`, number % 2 ? "North" : "South"];
    });
    const table = { left: 100 + index, top: index === 0 ? 900 : 80, width: 3 * COLUMN, height: 0 };
    table.height = (lines.length + (hasHeader ? 1 : 0)) * LINE;
    pages.push({ page_number, page_width: 1000, page_height: 1400 + index, bbox: table });
    const printed: { line: number; column: number; text: string }[] = [];
    for (const [line, cells] of [...(hasHeader ? [NAMES] : []), ...lines].entries())
      for (const [column, text] of cells.entries()) printed.push({ line, column, text });
    if (order === "columns") printed.sort((a, b) => a.column - b.column || a.line - b.line);
    for (const { line, column, text } of printed)
      for (const [at, word] of text.split(" ").entries())
        words.push({
          text: word,
          bbox: {
            left: column * COLUMN + at * 60,
            top: line * LINE + (frame === "stacked" ? above : 0),
            width: word.length * 9,
            height: 18,
          },
        });
    for (const [row, cells] of lines.entries())
      rows.push({
        cells,
        page: page_number,
        bbox: {
          left: table.left,
          top: table.top + (row + (hasHeader ? 1 : 0)) * LINE,
          width: table.width,
          height: 18,
        },
      });
    above += table.height;
  }
  const rowHtml = (cells: readonly string[], tag = "td") =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  const html = `<table>${rowHtml(NAMES, "th")}${rows.map(({ cells }) => rowHtml(cells)).join("")}</table>`;
  const [segment] = segmentsOf([
    {
      segment_type: "Table",
      segment_id: "t_merged",
      html,
      content: "words",
      page_number: 3,
      bbox: pages[0]?.bbox,
      merged_page_bboxes: pages,
    },
  ]);
  if (!segment) throw new Error("one segment");
  const document = frame === "none" ? segment : withMetadata(segment, { packed_ocr: packWords(words) });
  return { rows, pages, document };
};

const split = async (table: ReturnType<typeof mergedTable>): Promise<SplitMetadata[]> => {
  const splits = await new SegmentSplitter({ chunkSize: 60, threads: 0 }).transformDocuments([
    table.document,
  ]);
  return splits.map(({ metadata }) => metadata);
};

/** The rows that a split holds. */
const rowsOf = ({ row_start = 0, row_end = -1 }: SplitMetadata, { rows }: { rows: readonly Row[] }): Row[] =>
  rows.slice(row_start, row_end + 1);

const pagesIn = ({ boxes }: SplitMetadata): number[] => boxes.map(({ page_number }) => page_number);

const distinct = (numbers: readonly number[]): number[] => [...new Set(numbers)];

describe("rows of a merged table", () => {
  it.each([
    ["row by row", "rows", "page", [9, 14, 5], false],
    ["row by row, one row on the last page", "rows", "page", [9, 14, 1], false],
    ["row by row, one row on the first page", "rows", "page", [1, 9], false],
    ["row by row, each page with the header", "rows", "page", [9, 14, 5], true],
    ["column by column", "columns", "page", [9, 14, 5], false],
    ["in heights that go on from page to page", "rows", "stacked", [9, 14, 5], false],
  ] as const)(
    "have the page and box they stand on, with words read %s",
    async (_name, order, frame, counts, repeats) => {
      const table = mergedTable(counts, order, frame, repeats);
      const splits = await split(table);
      expect(splits.length).toBeGreaterThan(counts.length);
      expect(distinct(splits.flatMap(pagesIn))).toEqual(table.pages.map(({ page_number }) => page_number));
      for (const metadata of splits) {
        const rows = rowsOf(metadata, table);
        expect(rows.length).toBeGreaterThan(0);
        const [first] = rows;
        expect(metadata).toMatchObject({
          bbox_precision: "word",
          page_number: first?.page,
          loc: { pageNumber: first?.page },
          page_height: 1400 + (first?.page ?? 0) - 3,
        });
        expect(pagesIn(metadata)).toEqual(distinct(rows.map(({ page }) => page)));
        for (const { page_number, bbox } of metadata.boxes) {
          const here = rows.filter(({ page }) => page === page_number);
          const [top, last] = [here[0]?.bbox, here.at(-1)?.bbox];
          expect(bbox).toMatchObject({ left: top?.left, top: top?.top, width: top?.width });
          expect((bbox?.top ?? 0) + (bbox?.height ?? 0)).toBe((last?.top ?? 0) + (last?.height ?? 0));
        }
        expect(metadata.bbox).toEqual(metadata.boxes[0]?.bbox);
      }
    },
  );

  it("have estimated pages without words, and report that the boxes are the table's", async () => {
    const table = mergedTable([9, 14, 5], "rows", "none");
    const splits = await split(table);
    for (const metadata of splits) {
      const rows = rowsOf(metadata, table);
      expect(metadata.bbox_precision).toBe("segment");
      expect(metadata).not.toHaveProperty("merged_page_bboxes");
      expect(pagesIn(metadata)).toEqual(expect.arrayContaining(distinct(rows.map(({ page }) => page))));
      expect(pagesIn(metadata)).toContain(metadata.page_number);
      for (const { page_number, bbox } of metadata.boxes)
        expect(bbox).toEqual(table.pages.find((page) => page.page_number === page_number)?.bbox);
    }
    expect(splits.map((metadata) => metadata.page_number)).toEqual(
      splits.map((metadata) => metadata.page_number).toSorted((a, b) => a - b),
    );
    expect(splits.at(-1)?.page_number).toBe(5);
    // What is far from the end of a page is on that page alone.
    expect(splits.some((metadata) => metadata.boxes.length === 1)).toBe(true);
  });

  it("are not located by words without pages", async () => {
    const table = mergedTable([9, 14, 5], "rows", "page");
    const wide = table.document.metadata.packed_ocr?.numbers.map((value, at) =>
      at % 6 === 0 ? value + 5e3 : value,
    );
    const odd = withMetadata(table.document, {
      packed_ocr: {
        text: table.document.metadata.packed_ocr?.text ?? "",
        numbers: wide ?? new Float64Array(),
      },
    });
    for (const metadata of await split({ ...table, document: odd }))
      expect([metadata.bbox_precision, metadata.ocr_confidence]).toEqual(["segment", null]);
  });

  it("are on every page when only the header of the table is known", async () => {
    const table = mergedTable([0, 0], "rows", "none");
    const [metadata] = await split(table);
    expect(metadata && pagesIn(metadata)).toEqual([3, 4]);
  });

  it("continue in a table on the next page", async () => {
    const table = mergedTable([3, 3], "rows", "none");
    const [, next] = segmentsOf([
      { segment_type: "Text", content: "x" },
      {
        segment_type: "Table",
        page_number: 5,
        html: "<table><tr><td>Alder 1</td><td>5 MW</td><td>North</td></tr></table>",
      },
    ]);
    if (!next) throw new Error("two segments");
    const splits = await new SegmentSplitter({ threads: 0 }).transformDocuments([table.document, next]);
    expect(splits.map(({ metadata }) => [metadata.row_end, metadata.header])).toEqual([[6, NAMES]]);
    expect(splits.map(({ metadata }) => pagesIn(metadata))).toEqual([[3, 4, 5]]);
  });
});

describe("the pages of rows as estimated", () => {
  const place = (page_number: number, height: number | null): PagePlace => ({
    page_number,
    page_width: null,
    page_height: null,
    bbox: height === null ? null : { left: 0, top: 0, width: 1, height },
  });

  it("follow the heights of the table, or equal shares when one is unknown", () => {
    const rowPages = (heights: readonly (number | null)[], row: number) =>
      estimatePages(
        heights.map((height, index) => place(index + 1, height)),
        40,
        { from: row, to: row },
      )?.all.map(({ page_number }) => page_number);
    expect(rowPages([300, 100], 10)).toEqual([1]);
    expect(rowPages([300, 100], 30)).toEqual([1, 2]);
    expect(rowPages([300, 100], 38)).toEqual([2]);
    expect(rowPages([300, null], 10)).toEqual([1]);
    expect(rowPages([300, null], 26)).toEqual([2]);
  });

  it(`list the true page of every row of one height, and no page twice (seed ${SEED})`, () => {
    const counts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(counts, (rowsOnPages) => {
        const pages = rowsOnPages.map((count, index) => place(index, count * LINE));
        const truth = rowsOnPages.flatMap((count, page) => Array.from({ length: count }, () => page));
        for (const [row, page] of truth.entries()) {
          const found = estimatePages(pages, truth.length, { from: row, to: row });
          const all = found?.all.map(({ page_number }) => page_number) ?? [];
          expect(all).toContain(page);
          expect(all).toEqual(distinct(all).toSorted((a, b) => a - b));
          expect(found?.first.page_number).toBe(page);
        }
      }),
      { seed: SEED },
    );
  });
});
