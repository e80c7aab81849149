import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { typesetTable } from "../../../bench/boxes/table-typesetter.js";
import { packWords } from "../../../src/documents/packed-words.js";
import { rowsOfLines } from "../../../src/splitters/boxes/alignment/row-alignment.js";
import { RowBoxes, type RowLocation } from "../../../src/splitters/boxes/row-boxes.js";
import { SEED, segmentsOf, withMetadata } from "../../support/splitters/segments.js";

const lines = (...texts: string[]): string[][] => texts.map((text) => text.split(" "));

describe("matching lines of words to table rows", () => {
  it("finds rows for words in any order within a line, and skips header lines", () => {
    const page = lines("Site Power Region", "Alpine 38 Elm", "Fir Baltics 75", "Source: the company");
    expect(
      rowsOfLines(page, [
        ["Elm", "Alpine", "38"],
        ["Fir", "Baltics", "75"],
      ]).rows,
    ).toEqual([undefined, 0, 1, undefined]);
  });

  it("compares no lines with rows where the last lines are the rows, letter by letter", () => {
    const rows = [
      ["Alpine", "38 MW"],
      ["Fir", "75"],
      ["Alpine", "38 MW"],
    ];
    const page = lines("Site Power", "Alpine 38 MW", "Fir 75.", "Alpine 38 MW");
    expect(rowsOfLines(page, rows)).toEqual({ rows: [undefined, 0, 1, 2], steps: 3 });
    expect(rowsOfLines([...page, ["Total"]], rows).rows).toEqual([undefined, 0, 1, 2, undefined]);
  });

  it("gives a row several lines when its cells continue or words are broken", () => {
    const page = lines("Lost-time in- 0.77", "juries per million", "hours", "Near misses 412");
    expect(
      rowsOfLines(page, [
        ["Lost-time injuries per million hours", "0.77"],
        ["Near misses", "412"],
      ]).rows,
    ).toEqual([0, 0, 0, 1]);
  });

  it("separates equal rows of one line each", () => {
    const same = Array.from({ length: 5 }, () => ["n/a", "none"]);
    expect(rowsOfLines(same, same).rows).toEqual([0, 1, 2, 3, 4]);
  });

  it("allows rows that are missing on the page", () => {
    const rows = [
      ["one", "11"],
      ["two", "22"],
      ["three", "33"],
      ["four", "44"],
    ];
    expect(rowsOfLines(lines("one 11", "three 33", "four 44"), rows).rows).toEqual([0, 2, 3]);
    expect(rowsOfLines([], rows).rows).toEqual([]);
    expect(rowsOfLines(lines("one 11"), []).rows).toEqual([undefined]);
  });

  it(`never assigns a later line to an earlier row (seed ${SEED})`, () => {
    const cells = fc.array(
      fc.array(fc.constantFrom("n/a", "5", "North", "of land", "Elm 7"), { maxLength: 4 }),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(cells, cells, (page, rows) => {
        const found = rowsOfLines(page, rows).rows.filter((row) => row !== undefined);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
        for (const row of found) expect(row).toBeLessThan(rows.length);
      }),
      { seed: SEED },
    );
  });

  it.each<[string, (row: number) => string]>([
    ["of their own", (row) => `Site ${row} ${row * 7} MW`],
    ["all the same", () => "n/a n/a 5 MW"],
  ])("takes steps proportional to the length of the table: rows %s", (_name, textOf) => {
    const perRow = [200, 800, 3200].map((count) => {
      const page = Array.from({ length: count }, (_, row) => textOf(row).split(" "));
      // One line more than the rows, as lines that are the rows take no steps.
      return rowsOfLines([...page, ["Total"]], page).steps / count;
    });
    for (const each of perRow) expect(each).toBeLessThanOrEqual((perRow[0] ?? 0) * 1.2);
  });
});

/** The box of rows that are on one page. */
const boxOf = (location: RowLocation | undefined) => {
  expect(location?.boxes.map(({ page_number }) => page_number)).toEqual([1]);
  return location?.boxes[0]?.bbox;
};

describe("boxes of table rows", () => {
  const page = typesetTable({ seed: 7, rows: 20, columns: 4, cellWords: 6, order: "cell" });
  const [segment] = segmentsOf([page.segment]);
  const ocr = page.segment.ocr ?? [];
  if (!segment) throw new Error("one segment");
  const cells = [...(page.segment.html ?? "").matchAll(/<tr>(<td>.*?)<\/tr>/g)].map(([, row = ""]) =>
    row.split(/<\/?td>/).filter((cell) => cell !== ""),
  );
  const table = withMetadata(segment, { packed_ocr: packWords(ocr) });

  it("enclose the words of the rows, over the width of the table", () => {
    const rows = new RowBoxes(table, cells);
    expect(cells).toHaveLength(20);
    for (const [row, bbox] of page.rows.entries()) {
      const location = boxOf(rows.locate({ from: row, to: row }));
      expect(location?.left).toBe(bbox.left);
      expect(location?.width).toBe(bbox.width);
      expect(location?.top).toBeCloseTo(bbox.top);
      expect(location?.height).toBeCloseTo(bbox.height);
    }
    const [first, last] = [page.rows[3], page.rows[8]];
    const several = rows.locate({ from: 3, to: 8 });
    const box = boxOf(several);
    expect(box?.top).toBeCloseTo(first?.top ?? 0);
    expect((box?.top ?? 0) + (box?.height ?? 0)).toBeCloseTo((last?.top ?? 0) + (last?.height ?? 0));
    expect(several?.words.length).toBeGreaterThan(6 * 4);
  });

  it("are unknown without words, without the table's box, and when the first or last row is missing", () => {
    expect(new RowBoxes(segment, cells).locate({ from: 0, to: 3 })).toBeUndefined();
    expect(
      new RowBoxes(withMetadata(table, { bbox: null }), cells).locate({ from: 0, to: 3 }),
    ).toBeUndefined();
    const top = (page.rows[3]?.top ?? 0) - (page.segment.bbox?.top ?? 0);
    const height = page.rows[3]?.height ?? 0;
    const without = ocr.filter(({ bbox }) => bbox.top < top || bbox.top >= top + height);
    const rows = new RowBoxes(withMetadata(table, { packed_ocr: packWords(without) }), cells);
    expect(rows.locate({ from: 3, to: 8 })).toBeUndefined();
    expect(rows.locate({ from: 0, to: 3 })).toBeUndefined();
    expect(rows.locate({ from: 4, to: 8 })).toBeDefined();
    // A missing row in the middle does not matter.
    expect(rows.locate({ from: 0, to: 19 })).toBeDefined();
  });
});
