import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { documentMetadataSchema } from "../../src/documents/metadata.js";
import type { Segment } from "../../src/documents/segment.js";
import { normalizeSegmentType } from "../../src/documents/segment-type.js";
import { SegmentConverter } from "../../src/documents/to-document.js";

const segment = (fields: Partial<Segment>): Segment => ({
  segment_type: "Text",
  page_number: 1,
  chart_data: undefined,
  references: undefined,
  ...fields,
});

const converter = () => new SegmentConverter({ source: "a.pdf", docId: "a.pdf", jobId: "j1" });
const textOf = (fields: Partial<Segment>) => converter().convert(segment(fields), null).pageContent;

describe("segment → Document", () => {
  it("prints the marks of the font Wingdings", () => {
    expect(textOf({ content: "Paid \uf0fc, open \uf0a8, bullet \uf0b7" })).toBe(
      "Paid ✓, open ☐, bullet \uf0b7",
    );
  });

  it("turns every segment of the sample into a Document with valid metadata, in reading order", () => {
    const file = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");
    const sample: { chunks: { chunk_id: string; segments: Segment[] }[] } = JSON.parse(
      readFileSync(file, "utf8"),
    );
    const convert = converter();
    const documents = sample.chunks.flatMap((chunk) =>
      chunk.segments.map((each) => convert.convert(each, chunk.chunk_id)),
    );
    expect(documents).toHaveLength(54);
    for (const [index, { metadata }] of documents.entries()) {
      expect(documentMetadataSchema.parse(metadata)).toEqual(metadata);
      expect(metadata.segment_index).toBe(index);
      expect(metadata.loc.pageNumber).toBe(metadata.page_number);
      expect(metadata.bbox).not.toBeNull();
    }
  });

  it("writes null for what the service did not give", () => {
    const { metadata } = converter().convert(segment({ content: "x" }), null);
    expect(metadata).toMatchObject({
      bbox: null,
      confidence: null,
      page_width: null,
      page_height: null,
      chunk_id: null,
      segment_id: null,
    });
  });

  it.each([
    [
      "a heading from Markdown",
      { segment_type: "SectionHeader", content: "Risks", markdown: "## Risks" },
      "## Risks",
    ],
    ["prose from content", { content: "a_b", markdown: "a\\_b" }, "a_b"],
    ["a table as Markdown", { segment_type: "Table", content: "a b", markdown: "| a | b |" }, "| a | b |"],
    ["what is there when content is empty", { content: "", markdown: "**x**" }, "**x**"],
    ["HTML in content as its text", { content: "<p>one</p><p>two</p>", markdown: "" }, "one\ntwo"],
    ["text from html alone", { html: "<p>only <b>here</b></p>" }, "only here"],
    ["prose that merely holds a <", { content: "<5 mg is safe" }, "<5 mg is safe"],
    [
      "a picture's description and the words in it",
      { segment_type: "Picture", content: "Price Cyber", markdown: "A risk matrix." },
      "A risk matrix.\n\nPrice Cyber",
    ],
    ["a picture's only description", { segment_type: "Picture", llm: "A map." }, "A map."],
    ["nothing when there is nothing", { content: null, markdown: null, html: null }, ""],
    [
      "a pair as key and value",
      { segment_type: "KeyValuePair", content: "Policy number 4711", markdown: "**Policy number:** 4711" },
      "Policy number: 4711",
    ],
    ["a pair without a key as it came", { segment_type: "KeyValuePair", content: "4711" }, "4711"],
    ["the name in a signature", { segment_type: "Signature", content: "Jane Roe" }, "Jane Roe"],
    [
      "a seal's description and the words in it",
      { segment_type: "Seal", content: "NOTARY", markdown: "A round seal." },
      "A round seal.\n\nNOTARY",
    ],
    [
      "an empty signature as what it is",
      { segment_type: "Signature", content: "", markdown: "" },
      "Signature (blank: no text read)",
    ],
    ["an empty seal as what it is", { segment_type: "seal", content: " " }, "Seal (no text read)"],
    ["text without NUL, which stores refuse", { content: "a\u0000b" }, "ab"],
  ])("takes %s", (_name, fields, expected) => {
    expect(textOf(fields)).toBe(expected);
  });

  it("keeps a table's HTML for the splitter, even when content_source put it into content", () => {
    const html = "<table><tr><td>1</td></tr></table>";
    for (const fields of [{ html }, { content: html, html: "" }]) {
      const { metadata } = converter().convert(segment({ segment_type: "Table", ...fields }), null);
      expect(metadata.html).toBe(html);
    }
  });

  it("keeps URLs that expire and word boxes only when asked", () => {
    const fields = segment({
      image: "https://x/y.png",
      ocr: [{ text: "a", bbox: { left: 0, top: 0, width: 1, height: 1 } }],
    });
    expect(converter().convert(fields, null).metadata).not.toHaveProperty("image");
    const wanted = new SegmentConverter({ source: "", docId: "", jobId: null, images: true, words: true });
    expect(wanted.convert(fields, null).metadata).toMatchObject({
      image: "https://x/y.png",
      ocr: [{ text: "a" }],
    });
  });

  it("follows headings across pages, by their level", () => {
    const convert = converter();
    const path = (type: string, text: string, page = 1) =>
      convert.convert(segment({ segment_type: type, markdown: text, page_number: page }), null).metadata
        .section_path;
    expect(path("Text", "preface")).toEqual([]);
    expect(path("Title", "# Report")).toEqual(["Report"]);
    expect(path("SectionHeader", "## Results")).toEqual(["Report", "Results"]);
    expect(path("SectionHeader", "### Revenue")).toEqual(["Report", "Results", "Revenue"]);
    expect(path("Text", "went up", 2)).toEqual(["Report", "Results", "Revenue"]);
    expect(path("SectionHeader", "## Risks", 2)).toEqual(["Report", "Risks"]);
    expect(path("PageHeader", "Report | 2025", 3)).toEqual(["Report", "Risks"]);
  });
});

describe("a segment of September 2026", () => {
  const bbox = { left: 1, top: 2, width: 3, height: 4 };
  const place = (page_number: number) => ({ page_number, page_width: 100, page_height: 200, bbox });

  it("of a merged table keeps the box of each page, which replaces missing values of the segment", () => {
    const pages = [place(2), place(3)];
    const { metadata } = converter().convert(
      segment({ segment_type: "Table", page_number: 2, merged_page_bboxes: pages }),
      null,
    );
    expect(metadata).toMatchObject({ merged_page_bboxes: pages, bbox, page_width: 100, page_height: 200 });
    expect(documentMetadataSchema.parse(metadata)).toEqual(metadata);
  });

  it("of a workbook keeps its cells", () => {
    const cell_references = [{ sheet: "Q1", address: "A1:D20", ref: "Q1!A1:D20" }];
    const { metadata } = converter().convert(segment({ content: "x", cell_references }), null);
    expect(metadata.cell_references).toEqual(cell_references);
    expect(documentMetadataSchema.parse(metadata)).toEqual(metadata);
  });

  it("in the slim profile has null for missing fields", () => {
    const { pageContent, metadata } = converter().convert(
      {
        segment_type: "Text",
        page_number: 1,
        markdown: "Words",
        chart_data: undefined,
        references: undefined,
      },
      null,
    );
    expect(pageContent).toBe("Words");
    expect(metadata).toMatchObject({ confidence: null, page_width: null, page_height: null });
    for (const key of ["image", "ocr", "chart_data"]) expect(metadata).not.toHaveProperty(key);
  });

  it("has the type of segment_type, for any display name", () => {
    const convert = (fields: Partial<Segment>) => converter().convert(segment(fields), null).metadata;
    expect(convert({ segment_type: "PageHeader", segment_type_display: "Header" }).segment_type).toBe(
      "PageHeader",
    );
    expect(convert({ segment_type: "Watermark", segment_type_display: "Mark" }).segment_type).toBe(
      "Watermark",
    );
  });

  it("keeps its references, which are citations", () => {
    const references = [{ id: "12", text: "Smith 2020" }];
    expect(converter().convert(segment({ content: "x", references }), null).metadata.references).toEqual(
      references,
    );
  });
});

describe("segment types", () => {
  it.each([
    ["Section Header", "SectionHeader"],
    ["Header", "PageHeader"],
    ["Footer", "PageFooter"],
    ["List Item", "ListItem"],
    ["Figure", "Picture"],
    ["Table", "Table"],
    ["Key Value Pair", "KeyValuePair"],
    ["key_value_pair", "KeyValuePair"],
    ["signature", "Signature"],
    ["Signature Block", "Signature Block"],
  ])("normalises %s to %s", (name, expected) => {
    expect(normalizeSegmentType(name)).toBe(expected);
  });
});
