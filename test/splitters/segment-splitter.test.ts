import { readdir, readFile } from "node:fs/promises";
import { Document } from "@langchain/core/documents";
import { describe, expect, it } from "vitest";
import type { DocumentMetadata } from "../../src/documents/metadata.js";
import { UnsiloedError } from "../../src/errors.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import {
  contents,
  heading,
  rowsHtml,
  segmentsOf,
  table,
  text,
  withMetadata,
} from "../support/splitters/segments.js";

const failure = async (work: () => unknown): Promise<UnsiloedError> => {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof UnsiloedError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
};

describe("options of SegmentSplitter", () => {
  it.each([
    [{ chunkSize: 5 }, "chunkSize: expected a number ≥ 16, got 5 (number)"],
    [
      { chunkSize: 100, chunkOverlap: 51 },
      "chunkOverlap: expected at most half of chunkSize, got 51 (number)",
    ],
    [{ chunkOverlap: -1 }, "chunkOverlap: expected a number ≥ 0, got -1 (number)"],
    [{ countTokens: 7 }, "countTokens: expected a function, got 7 (number)"],
    [{ chunksize: 7 }, "unknown option chunksize; did you mean chunkSize?"],
  ])("refuses %j", async (options, message) => {
    // Callers in plain JavaScript have no types to stop them.
    const error = await failure(() => Reflect.construct(SegmentSplitter, [options]));
    expect(error.code).toBe("INVALID_OPTION");
    expect(error.message).toBe(`SegmentSplitter: ${message}`);
  });

  it("accepts an overlap of exactly half, and small budgets without a given overlap", () => {
    expect(() => new SegmentSplitter({ chunkSize: 100, chunkOverlap: 50 })).not.toThrow();
    expect(() => new SegmentSplitter({ chunkSize: 16 })).not.toThrow();
  });

  it("counts with the function given", async () => {
    const splitter = new SegmentSplitter({
      chunkSize: 20,
      chunkOverlap: 0,
      countTokens: (value) => value.length,
    });
    const splits = await splitter.invoke(segmentsOf([text("One sentence. Two sentences. Three.")]));
    expect(contents(splits)).toEqual(["One sentence.", "Two sentences.", "Three."]);
  });

  it("loads the tokenizer on first use only", async () => {
    const folder = new URL("../../src/splitters/", import.meta.url);
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ts"));
    const sources = await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")));
    expect(sources.filter((source) => /from "[^"]*(?:tokens\.js|tokenizer)/.test(source))).toEqual([]);
    expect(sources.filter((source) => source.includes('import("../internal/text/tokens.js")'))).toHaveLength(
      1,
    );
  });
});

describe("SegmentSplitter as a Runnable", () => {
  it("can be invoked, piped and called by the method name of LangChain's splitters", async () => {
    const splitter = new SegmentSplitter();
    const documents = segmentsOf([text("A sentence.")]);
    const expected = await splitter.transformDocuments(documents);
    expect(await splitter.invoke(documents)).toEqual(expected);
    expect(await splitter.splitDocuments(documents)).toEqual(expected);
    expect(await splitter.pipe((splits) => splits.length).invoke(documents)).toBe(1);
    expect(expected[0]).toBeInstanceOf(Document);
  });

  it("does not change its input, and returns nothing for no Documents", async () => {
    const documents = segmentsOf([heading("# A"), text("B."), table(rowsHtml(["x", "y"], 3))]);
    const before = structuredClone(documents.map(({ metadata }) => metadata));
    await new SegmentSplitter().invoke(documents);
    expect(documents.map(({ metadata }) => metadata)).toEqual(before);
    expect(await new SegmentSplitter().invoke([])).toEqual([]);
  });
});

describe("the input of SegmentSplitter", () => {
  const splitter = new SegmentSplitter();

  it("keeps interleaved documents apart, in the order of their first segments", async () => {
    const [a1, a2] = segmentsOf([text("A one."), text("A two.")], "a.pdf");
    const [b1, b2] = segmentsOf([text("B one."), text("B two.")], "b.pdf");
    const splits = await new SegmentSplitter().invoke([a1, b1, a2, b2].filter((each) => each !== undefined));
    expect(contents(splits)).toEqual(["A one.\n\nA two.", "B one.\n\nB two."]);
    expect(splits.map(({ metadata }) => metadata.doc_id)).toEqual(["a.pdf", "b.pdf"]);
  });

  it.each<[keyof DocumentMetadata, string]>([
    ["doc_id", "metadata.doc_id: expected string, got nothing"],
    ["segment_type", "metadata.segment_type: expected string, got nothing"],
    ["section_path", "metadata.section_path: expected array, got nothing"],
    ["page_number", "metadata.page_number: expected number, got nothing"],
  ])("names the Document and the missing %s", async (key, message) => {
    const [good, bad] = segmentsOf([text("A."), text("B.")]);
    if (!good || !bad) throw new Error("two segments");
    const { [key]: _left, ...metadata } = bad.metadata;
    const documents = [good, Object.assign(withMetadata(bad, {}), { metadata })];
    const error = await failure(() => new SegmentSplitter().invoke(documents));
    expect(error.code).toBe("INVALID_OPTION");
    expect(error.message).toContain(`Document 1 of the input: ${message}`);
  });

  it("names the Document whose word boxes are not a list", async () => {
    const [bad] = segmentsOf([text("A.")]);
    const documents = [Object.assign(bad ?? {}, { metadata: { ...bad?.metadata, ocr: "words" } })];
    const error = await failure(() => Reflect.apply(splitter.invoke, splitter, [documents]));
    expect(error.message).toContain("Document 0 of the input: metadata.ocr: expected an array");
  });
});

describe("metadata of a split", () => {
  it("contains the boxes of all segments, their union on the first page and the lowest confidence", async () => {
    const [split] = await new SegmentSplitter().invoke(
      segmentsOf([
        text("First.", { bbox: { left: 10, top: 10, width: 20, height: 10 }, confidence: 0.8 }),
        text("Second.", { bbox: { left: 50, top: 40, width: 20, height: 10 }, confidence: null }),
        { segment_type: "PageFooter", content: "1" },
        text("third.", { page_number: 2, bbox: { left: 0, top: 0, width: 5, height: 5 }, confidence: 0.6 }),
      ]),
    );
    expect(split?.pageContent).toBe("First.\n\nSecond.\n\nthird.");
    expect(split?.metadata).toMatchObject({
      page_number: 1,
      bbox: { left: 10, top: 10, width: 60, height: 40 },
      boxes: [
        { page_number: 1, bbox: { left: 10, top: 10, width: 20, height: 10 } },
        { page_number: 1, bbox: { left: 50, top: 40, width: 20, height: 10 } },
        { page_number: 2, bbox: { left: 0, top: 0, width: 5, height: 5 } },
      ],
      bbox_precision: "segment",
      confidence: 0.6,
      segment_indices: [0, 1, 3],
      part_index: 0,
      part_count: 1,
    });
  });

  it("is null for unknown values, and lists equal boxes once", async () => {
    const [split] = await new SegmentSplitter().invoke(
      segmentsOf([
        text("A.", { bbox: null, confidence: null }),
        text("B.", { bbox: null, confidence: null }),
      ]),
    );
    expect(split?.metadata).toMatchObject({
      bbox: null,
      confidence: null,
      boxes: [{ page_number: 1, bbox: null }],
    });
  });

  it("keeps fields that the user added, and drops table HTML and word boxes", async () => {
    const [document] = segmentsOf([table(rowsHtml(["x", "y"], 2))]);
    if (!document) throw new Error("one segment");
    const word = { text: "w", bbox: { left: 0, top: 0, width: 1, height: 1 } };
    const marked = Object.assign(withMetadata(document, { ocr: [word] }), {});
    const input = { ...marked, metadata: { ...marked.metadata, tenant: "north" } };
    const [split] = await new SegmentSplitter().invoke([input]);
    expect(split?.metadata).toMatchObject({ tenant: "north", segment_type: "Table" });
    expect(split?.metadata).not.toHaveProperty("html");
    expect(split?.metadata).not.toHaveProperty("ocr");
  });

  it("has the type of most of the text, and a heading's only when there is no other text", async () => {
    const [list, alone] = await new SegmentSplitter().invoke(
      segmentsOf([
        heading("## A heading that is much longer than what stands under it"),
        text("Is:"),
        { segment_type: "ListItem", content: "a first item" },
        heading("## Alone"),
      ]),
    );
    expect(list?.metadata.segment_type).toBe("ListItem");
    expect(alone?.metadata.segment_type).toBe("SectionHeader");
  });
});
