import { describe, expect, it } from "vitest";
import { embeddingText } from "../../../src/documents/embedding-text.js";
import { countTokens } from "../../../src/internal/text/tokens.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import {
  contents,
  heading,
  type Part,
  rowsHtml,
  segmentsOf,
  table,
  text,
} from "../../support/splitters/segments.js";

const split = (parts: readonly Part[], options = {}) =>
  new SegmentSplitter(options).invoke(segmentsOf(parts));

const item = (content: string): Part => ({ segment_type: "ListItem", markdown: `- ${content}` });

describe("code", () => {
  const code = Array.from(
    { length: 12 },
    (_, index) => `    if (x > ${index}) {\n        return f(${index});\n    }`,
  );

  it("keeps the indentation of its first line", async () => {
    const [whole] = await split([text(code.slice(0, 2).join("\n"))]);
    expect(whole?.pageContent).toBe(code.slice(0, 2).join("\n"));
    const joined = await split([heading("## Use"), text(code.slice(0, 2).join("\n"))]);
    expect(contents(joined)).toEqual([`## Use\n\n${code.slice(0, 2).join("\n")}`]);
  });

  it("is cut between lines, each with its indentation", async () => {
    for (const context of [[], [heading("## Use")]]) {
      const parts = await split([...context, text(code.join("\n"))], { chunkSize: 60, chunkOverlap: 0 });
      expect(parts.length).toBeGreaterThan(2);
      const lines = contents(parts).flatMap((part) => part.replace("## Use\n\n", "").split("\n"));
      expect(lines).toEqual(code.join("\n").split("\n"));
      for (const part of parts) expect(countTokens(embeddingText(part))).toBeLessThanOrEqual(60);
    }
  });
});

describe("packing text", () => {
  it("joins paragraphs by a blank line and list items by a line end", async () => {
    const splits = await split([text("These:"), item("one"), item("two"), text("So much.")]);
    expect(contents(splits)).toEqual(["These:\n\n- one\n- two\n\nSo much."]);
  });

  it("starts a new split at every heading that starts a section, with the path of that section", async () => {
    const splits = await split([
      heading("## A"),
      text("In A."),
      heading("### A one"),
      text("In A one."),
      heading("### A two"),
      text("In A two."),
      heading("## B"),
      text("In B."),
    ]);
    expect(contents(splits)).toEqual([
      "## A\n\nIn A.",
      "### A one\n\nIn A one.",
      "### A two\n\nIn A two.",
      "## B\n\nIn B.",
    ]);
    expect(splits.map(({ metadata }) => metadata.section_path)).toEqual([
      ["A"],
      ["A", "A one"],
      ["A", "A two"],
      ["B"],
    ]);
  });

  it("keeps headings with the text after them, and a caption among headings with its section", async () => {
    const splits = await split([
      heading("## A"),
      heading("### A one"),
      text("In A one."),
      heading("Table 3: Yields"),
      text("More."),
    ]);
    expect(contents(splits)).toEqual(["## A\n\n### A one\n\nIn A one.\n\nTable 3: Yields\n\nMore."]);
    expect(splits[0]?.metadata.section_path).toEqual(["A", "A one"]);
  });

  it("never ends a split with a heading", async () => {
    const parts = Array.from({ length: 12 }, (_, index) => [
      heading(`### Part ${index}`),
      text(`Sentence of part ${index}.`),
    ]).flat();
    const splits = await split([heading("# All"), ...parts], { chunkSize: 40 });
    expect(splits.length).toBeGreaterThan(3);
    for (const { pageContent } of splits) expect(pageContent.split("\n").at(-1)).toMatch(/^Sentence/);
  });

  it.each(["Table", "Picture", "Caption"])("never combines text from both sides of a %s", async (type) => {
    const between =
      type === "Table" ? table(rowsHtml(["x", "y"], 1)) : { segment_type: type, content: "between" };
    const splits = await split([text("Before."), between, text("After.")]);
    expect(splits.map(({ metadata }) => metadata.segment_type)).toEqual(["Text", type, "Text"]);
  });

  it("continues over a page break, and keeps headers, footers and footnotes apart and in reading order", async () => {
    const splits = await split([
      text("The text runs"),
      { segment_type: "Footnote", content: "1 A note." },
      { segment_type: "Footnote", content: "2 Another." },
      { segment_type: "PageFooter", content: "Page 1" },
      { segment_type: "PageHeader", content: "Report", page_number: 2 },
      text("over the page.", { page_number: 2 }),
      { segment_type: "Footnote", content: "3 Next page.", page_number: 2 },
    ]);
    expect(contents(splits)).toEqual([
      "The text runs over the page.",
      "1 A note.\n\n2 Another.",
      "Page 1",
      "Report",
      "3 Next page.",
    ]);
  });

  it("treats whole pages, formulas and unknown types as text", async () => {
    const splits = await split([
      { segment_type: "Formula", markdown: "$$a$$" },
      { segment_type: "Page", content: "A page." },
      { segment_type: "Sidebar", content: "A box." },
    ]);
    expect(contents(splits)).toEqual(["$$a$$\n\nA page.\n\nA box."]);
  });
});

describe("long text", () => {
  const sentence = (index: number) => `Sentence number ${index} tells of the year and its results.`;
  const long = Array.from({ length: 40 }, (_, index) => sentence(index)).join(" ");

  it("is split at sentence ends, with its heading in the first part and whole sentences repeated", async () => {
    const splits = await split([heading("## Results"), text(long), text("After.")], {
      chunkSize: 80,
      chunkOverlap: 20,
    });
    const parts = splits.slice(0, -1);
    expect(parts[0]?.pageContent).toMatch(/^## Results\n\nSentence number 0 /);
    expect(parts.map(({ metadata }) => metadata.part_index)).toEqual(parts.map((_, index) => index));
    expect(new Set(parts.map(({ metadata }) => metadata.part_count))).toEqual(new Set([parts.length]));
    expect(parts.map(({ metadata }) => metadata.segment_indices)).toEqual([
      [0, 1],
      ...parts.slice(1).map(() => [1]),
    ]);
    for (const [index, { pageContent }] of parts.entries()) {
      expect(pageContent).toMatch(/results\.$/);
      const last = pageContent.match(/Sentence number \d+/g)?.at(-1) ?? "";
      if (index + 1 < parts.length) expect(parts[index + 1]?.pageContent.startsWith(last)).toBe(true);
    }
  });

  it("counts the section path, and drops outer headings when they would take too much", async () => {
    const headings = [1, 2, 3, 4, 5].map((level) =>
      heading(`${"#".repeat(level)} A heading of level ${level} with a good many words in it`),
    );
    const splits = await split([...headings, text(long)], { chunkSize: 64 });
    for (const each of splits) expect(countTokens(embeddingText(each))).toBeLessThanOrEqual(64);
    expect(splits.at(-1)?.metadata.section_path).toEqual([
      "A heading of level 5 with a good many words in it",
    ]);
  });

  it("treats text that looks like a control token as text", async () => {
    const [only] = await split([text("<|endoftext|> is text.")]);
    expect(only?.pageContent).toBe("<|endoftext|> is text.");
  });
});
