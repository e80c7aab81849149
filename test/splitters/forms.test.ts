import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddingText } from "../../src/documents/embedding-text.js";
import { packWords } from "../../src/documents/packed-words.js";
import { countTokens } from "../../src/internal/text/tokens.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import {
  contents,
  heading,
  type Part,
  SEED,
  segmentsOf,
  text,
  withMetadata,
} from "../support/splitters/segments.js";
import { cases } from "../support/thorough.js";

const pair = (key: string, value: string, more: Partial<Part> = {}): Part => ({
  segment_type: "KeyValuePair",
  content: `${key} ${value}`,
  markdown: `**${key}:** ${value}`,
  ...more,
});

const splitOf = (parts: readonly Part[], chunkSize = 400) =>
  new SegmentSplitter({ chunkSize, threads: 0 }).transformDocuments(segmentsOf(parts));

describe("pairs of a form", () => {
  it("are split and embedded as key and value, by section and apart from prose", async () => {
    const splits = await splitOf([
      heading("## Policy"),
      pair("Number", "4711"),
      text("This policy covers the building."),
      pair("Insured", "Jane Roe"),
      heading("## Premium"),
      pair("Total", "99.00"),
    ]);
    const pairs = splits.filter(({ metadata }) => metadata.segment_type === "KeyValuePair");
    expect(contents(pairs)).toEqual(["Number: 4711\nInsured: Jane Roe", "Total: 99.00"]);
    expect(pairs.map(embeddingText)).toEqual([
      "Policy\n\nNumber: 4711\nInsured: Jane Roe",
      "Premium\n\nTotal: 99.00",
    ]);
    expect(pairs.map(({ metadata }) => metadata.segment_indices)).toEqual([[1, 3], [5]]);
    expect(pairs[0]?.metadata.boxes).toHaveLength(2);
    expect(contents(splits).join("\n")).toContain("## Policy\n\nThis policy covers the building.");
  });

  it("continue on the next page, but not on a later one", async () => {
    const on = (page_number: number, key: string) => pair(key, "x", { page_number });
    const splits = await splitOf([on(1, "A"), on(2, "B"), on(9, "C")]);
    expect(contents(splits)).toEqual(["A: x\nB: x", "C: x"]);
    expect(splits[0]?.metadata.boxes.map(({ page_number }) => page_number)).toEqual([1, 2]);
  });

  it("have boxes of their words", async () => {
    const [segment] = segmentsOf([pair("Number", "4711")]);
    if (!segment) throw new Error("one segment");
    const word = (value: string, left: number) => ({
      text: value,
      bbox: { left, top: 2, width: 50, height: 18 },
      confidence: 0.8,
    });
    const ocr = packWords([word("Number", 0), word("4711", 60)]);
    const [split] = await new SegmentSplitter({ threads: 0 }).transformDocuments([
      withMetadata(segment, { packed_ocr: ocr }),
    ]);
    expect(split?.metadata).toMatchObject({
      bbox_precision: "word",
      boxes: [{ page_number: 1, bbox: { left: 100, top: 52, width: 110, height: 18 } }],
    });
  });

  it(`all stay within the budget and complete (seed ${SEED})`, async () => {
    const words = fc.lorem({ maxCount: 6 });
    const form = fc.array(fc.record({ key: words, value: words, section: fc.nat(2) }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(form, async (all) => {
        const parts = all.flatMap(({ key, value, section }, index) => [
          ...(all[index - 1]?.section === section ? [] : [heading(`## Section ${section}`)]),
          pair(key.replace(/[.:]/g, ""), value),
        ]);
        const splits = await splitOf(parts, 60);
        for (const split of splits) expect(countTokens(embeddingText(split))).toBeLessThanOrEqual(60);
        const lines = contents(splits).flatMap((each) => each.split("\n"));
        for (const { key, value } of all) expect(lines).toContain(`${key.replace(/[.:]/g, "")}: ${value}`);
      }),
      { seed: SEED, numRuns: cases(40) },
    );
  });
});

describe("signatures and seals", () => {
  it("stay apart from prose, each with its box and the name of its type", async () => {
    const splits = await splitOf([
      text("In witness whereof the parties have signed."),
      { segment_type: "Signature", content: "Jane Roe" },
      { segment_type: "Signature", content: "", markdown: "" },
      { segment_type: "Signature", content: "Signature of John Doe" },
      { segment_type: "Seal", content: "NOTARY PUBLIC" },
      { segment_type: "Seal", content: "" },
      text("Done in two originals."),
    ]);
    expect(splits.map(({ pageContent, metadata }) => [metadata.segment_type, pageContent])).toEqual([
      ["Text", "In witness whereof the parties have signed.\n\nDone in two originals."],
      ["Signature", "Signature\n\nJane Roe"],
      ["Signature", "Signature (blank: no text read)"],
      ["Signature", "Signature of John Doe"],
      ["Seal", "Seal\n\nNOTARY PUBLIC"],
      ["Seal", "Seal (no text read)"],
    ]);
    for (const { metadata } of splits.slice(1)) {
      const top = 50 + metadata.segment_index * 40;
      expect(metadata.boxes).toEqual([{ page_number: 1, bbox: { left: 100, top, width: 800, height: 30 } }]);
    }
  });

  it("have boxes of their words, without the name of their type", async () => {
    const [segment] = segmentsOf([{ segment_type: "Signature", content: "Jane Roe" }]);
    if (!segment) throw new Error("one segment");
    const ocr = packWords(
      ["Jane", "Roe"].map((word, index) => ({
        text: word,
        bbox: { left: index * 60, top: 2, width: 50, height: 18 },
        confidence: 0.8,
      })),
    );
    const [split] = await new SegmentSplitter({ threads: 0 }).transformDocuments([
      withMetadata(segment, { packed_ocr: ocr }),
    ]);
    expect(split?.pageContent).toBe("Signature\n\nJane Roe");
    expect(split?.metadata).toMatchObject({
      bbox_precision: "word",
      bbox: { left: 100, top: 52, width: 110, height: 18 },
    });
  });
});

describe("cells of a workbook", () => {
  it("are the pages of all segments of a split", async () => {
    const cells = (address: string) => [{ sheet: "Q1", address, ref: null }];
    const splits = await splitOf([
      text("One.", { cell_references: cells("A1") }),
      text("Two.", { cell_references: cells("A2") }),
      text("Three."),
      {
        segment_type: "Table",
        markdown: "| a | b |\n| --- | --- |\n| 1 | 2 |",
        cell_references: cells("A4:B5"),
      },
    ]);
    expect(splits.map(({ metadata }) => metadata.cell_references)).toEqual([
      [...cells("A1"), ...cells("A2")],
      cells("A4:B5"),
    ]);
  });

  it("are not invented for other documents", async () => {
    const [split] = await splitOf([text("One."), text("Two.")]);
    expect(split?.metadata).not.toHaveProperty("cell_references");
  });
});
