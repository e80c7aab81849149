import { Document } from "@langchain/core/documents";
import { describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { filterReason, segmentFilterSchema, withFlag } from "../../src/documents/filter.js";
import { type SegmentPolicies, segmentPoliciesSchema } from "../../src/documents/policies.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { segmentsOf } from "../support/splitters/segments.js";

/** Returns `kept`, `flagged`, or the reason why a segment is left out. */
const fate = (segment_type: string, confidence: number | null, policies: object): string => {
  const [document] = segmentsOf([{ segment_type, content: "x", confidence }]);
  if (!document) throw new Error("one segment");
  const filter = segmentFilterSchema.parse({ policies });
  const reason = filterReason(document, filter);
  return reason ?? (withFlag(document, filter).metadata.low_confidence ? "flagged" : "kept");
};

describe("policies", () => {
  const policies = {
    Figure: { minConfidence: 0.5, below: "drop", unknown: "drop" },
    Table: { minConfidence: 0.9, below: "keep", unknown: "flag" },
    "*": { minConfidence: 0.3 },
  };

  it.each<[string, number | null, string]>([
    ["Picture", 0.49, "low_confidence"],
    ["Picture", 0.5, "kept"],
    ["Picture", null, "unknown_confidence"],
    ["Table", 0.1, "kept"],
    ["Table", null, "flagged"],
    ["Text", 0.29, "flagged"],
    ["Text", 0.3, "kept"],
    ["Text", null, "kept"],
    ["Signature Block", 0, "flagged"],
    ["PageHeader", 0, "page_header"],
  ])("decide on a %s of confidence %s: %s", (type, confidence, expected) => {
    expect(fate(type, confidence, policies)).toBe(expected);
  });

  it("are refused for a misspelt type, and taken for one that may be new", () => {
    const parse = (name: string) => segmentPoliciesSchema.safeParse({ [name]: { below: "drop" } });
    expect(parse("Tabel").error?.issues[0]).toMatchObject({
      path: ["Tabel"],
      message: 'expected a policy for a segment type, such as "Table"',
    });
    expect(parse("SignatureBlock").success).toBe(true);
  });

  it("keep everything by default", () => {
    expect(fate("Text", 0, {})).toBe("kept");
    expect(fate("Text", null, {})).toBe("kept");
    expect(fate("Text", 0, { Text: {} })).toBe("kept");
  });

  it.each([
    [{ Text: { minConfidence: 2 } }, "policies.Text.minConfidence: expected a number ≤ 1, got 2 (number)"],
    [
      { Text: { below: "hide" } },
      'policies.Text.below: expected "keep" or "drop" or "flag", got "hide" (string)',
    ],
    [{ Text: { min: 1 } }, "policies.Text: unknown option min"],
    [
      { Figure: {}, Picture: {} },
      'policies.Picture: expected one policy for Picture, which "Figure" names too',
    ],
  ])("refuse %j", (given, message) => {
    const options = { filter: { policies: given } };
    expect(() => Reflect.construct(UnsiloedResultLoader, [{ chunks: [] }, options])).toThrow(message);
  });

  it("mark the splits of a flagged segment, and do not change the given Document", async () => {
    const documents = segmentsOf([
      { segment_type: "Text", content: "Sure.", confidence: 0.9 },
      { segment_type: "Text", content: "Unsure.", confidence: 0.2 },
      { segment_type: "Table", markdown: "| a |\n| --- |\n| b |", confidence: 0.9 },
    ]);
    const filter = segmentFilterSchema.parse({ policies: { "*": { minConfidence: 0.5 } } });
    const marked = documents.map((document) => withFlag(document, filter));
    expect(marked.map(({ metadata }) => metadata.low_confidence)).toEqual([undefined, true, undefined]);
    expect(marked.every((document) => document instanceof Document)).toBe(true);
    expect(documents[1]?.metadata).not.toHaveProperty("low_confidence");
    const splits = await new SegmentSplitter().invoke(marked);
    expect(splits.map(({ metadata }) => metadata.low_confidence)).toEqual([true, undefined]);
  });

  it("count in the loaders the segments that they leave out and flag", async () => {
    const segment = (segment_type: string, confidence: number | null) => ({
      segment_type,
      content: "x",
      page_number: 1,
      confidence,
    });
    const segments = [
      segment("Text", 0.1),
      segment("Text", null),
      segment("Picture", 0.1),
      segment("Text", 1),
    ];
    const given: SegmentPolicies = segmentPoliciesSchema.parse({
      Text: { minConfidence: 0.5, unknown: "flag" },
      Picture: { minConfidence: 0.5, below: "drop" },
    });
    const loader = new UnsiloedResultLoader({ chunks: [{ segments }] }, { filter: { policies: given } });
    const documents = await loader.load();
    expect(documents.map(({ metadata }) => metadata.low_confidence)).toEqual([true, true, undefined]);
    expect(loader.counts).toEqual({
      total: 4,
      kept: 3,
      filtered: { page_header: 0, page_footer: 0, empty: 0, low_confidence: 1, unknown_confidence: 0 },
      flagged: { low_confidence: 1, unknown_confidence: 1, unknown_page: 0 },
      unknownPages: [],
    });
  });

  it("count and name in the loaders the segments without a page", async () => {
    const segments = [
      { segment_type: "Text", content: "one", page_number: 1 },
      { segment_type: "Text", content: "two", page_number: null, segment_id: "s2" },
      { segment_type: "Text", content: "three", page_number: "3" },
    ];
    const loader = new UnsiloedResultLoader({ chunks: [{ segments }] }, { docId: "a.pdf" });
    const documents = await loader.load();
    expect(documents.map(({ metadata }) => metadata.page_number)).toEqual([1, 0, 3]);
    expect(loader.counts).toMatchObject({ total: 3, kept: 3, flagged: { unknown_page: 1 } });
    expect(loader.counts.unknownPages).toEqual([expect.stringMatching(/: segment 1 \(Text, s2\)$/)]);
  });
});
