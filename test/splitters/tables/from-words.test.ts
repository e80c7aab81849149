import { describe, expect, it } from "vitest";
import type { SplitDocument } from "../../../src/documents/metadata.js";
import type { Word } from "../../../src/documents/segment.js";
import { SegmentConverter } from "../../../src/documents/to-document.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { tableFromWords } from "../../../src/splitters/tables/reading/from-words.js";
import { contents } from "../../support/splitters/segments.js";

const ROWS = [
  ["Site", "Power output", "Year"],
  ["Alder North", "20 MW", "2016"],
  ["Birch", "57 MW", "2017"],
  ["Cedar South", "", "2018"],
];

/** Words as if printed in columns 200 pixels apart, 10 pixels a letter, 5 between words. */
const printed = (rows: readonly string[][], columnWidth = 200): Word[] =>
  rows.flatMap((cells, row) =>
    cells.flatMap((text, column) => {
      let left = column * columnWidth;
      return text.split(" ").flatMap((word): Word[] => {
        if (word === "") return [];
        const bbox = { left, top: row * 30 + (column % 2), width: word.length * 10, height: 20 };
        left += word.length * 10 + 5;
        return [{ text: word, bbox }];
      });
    }),
  );

const lines = (rows: readonly string[][]): string =>
  rows.map((cells) => cells.filter((text) => text !== "").join(" ")).join("\n");

const split = (content: string, ocr: Word[], chunkSize = 400): Promise<SplitDocument[]> => {
  const context = { source: "scan.pdf", docId: "scan.pdf", jobId: null, words: true };
  const segment = { segment_type: "Table", content, ocr, page_number: 1 };
  const document = new SegmentConverter(context).convert(segment, null);
  return new SegmentSplitter({ chunkSize }).invoke([document]);
};

describe("a table of which only the words and their boxes are known", () => {
  it("has the rows and columns that the white space separates", async () => {
    const words = printed(ROWS);
    const [only, ...others] = await split(lines(ROWS), words);
    expect(others).toEqual([]);
    expect(only?.pageContent).toBe(
      [
        "| Site | Power output | Year |",
        "| --- | --- | --- |",
        "| Alder North | 20 MW | 2016 |",
        "| Birch | 57 MW | 2017 |",
        "| Cedar South |  | 2018 |",
      ].join("\n"),
    );
    expect(only?.metadata).toMatchObject({ row_start: 0, row_end: 2, header: ROWS[0] });
  });

  it("uses leading lines of one phrase as titles", () => {
    const words = printed([["Sites of the group in all regions of the north"], ...ROWS]);
    const model = tableFromWords(words, words.map(({ text }) => text).join(" "));
    expect(model).toMatchObject({
      titles: ["Sites of the group in all regions of the north"],
      names: ROWS[0],
    });
  });

  const sameBox = printed(ROWS).map((word) => ({
    ...word,
    bbox: { left: 0, top: Math.floor(word.bbox.top / 30) * 30, width: 600, height: 20 },
  }));
  it.each([
    ["some words are missing", printed(ROWS).slice(2)],
    ["every word has the box of its line", sameBox],
    ["there are too few rows", printed(ROWS.slice(0, 2))],
    ["no white space runs through", printed(ROWS, 90)],
    ["boxes have no height", printed(ROWS).map((word) => ({ ...word, bbox: { ...word.bbox, height: 0 } }))],
    ["there are no words", []],
  ])("stays text when %s", async (_case, words) => {
    const text = lines(words.length < 8 ? ROWS.slice(0, 2) : ROWS);
    expect(tableFromWords(words, text)).toBeUndefined();
    expect(contents(await split(text, words))).toEqual([text]);
  });

  it("is split between lines when it is treated as text", async () => {
    const rows = Array.from({ length: 40 }, (_, row) => `Line ${row}. Sum of 3.5 and more. End`);
    const splits = await split(rows.join("\n"), [], 60);
    expect(splits.length).toBeGreaterThan(3);
    expect(contents(splits).join("\n")).toBe(rows.join("\n"));
    for (const { pageContent } of splits) expect(pageContent).toMatch(/^Line.*End$/s);
  });
});
