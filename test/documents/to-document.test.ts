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

describe("segment types", () => {
  it.each([
    ["Section Header", "SectionHeader"],
    ["Header", "PageHeader"],
    ["Footer", "PageFooter"],
    ["List Item", "ListItem"],
    ["Figure", "Picture"],
    ["Table", "Table"],
    ["Signature Block", "Signature Block"],
  ])("normalises %s to %s", (name, expected) => {
    expect(normalizeSegmentType(name)).toBe(expected);
  });
});
