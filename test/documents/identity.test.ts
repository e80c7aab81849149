import { describe, expect, it } from "vitest";
import { embeddingText, lexicalTexts } from "../../src/documents/embedding-text.js";
import { filterReason, segmentFilterSchema } from "../../src/documents/filter.js";
import { documentVersion, fileDocId, pointIds, urlDocId } from "../../src/documents/identity.js";
import type { SplitDocument, SplitMetadata } from "../../src/documents/metadata.js";

const split = (pageContent: string, metadata: Partial<SplitMetadata> = {}): SplitDocument => ({
  pageContent,
  metadata: {
    source: "a.pdf",
    doc_id: "a.pdf",
    job_id: "j1",
    chunk_id: "c1",
    segment_id: "s1",
    segment_index: 0,
    segment_type: "Text",
    page_number: 1,
    bbox: null,
    confidence: null,
    page_width: null,
    page_height: null,
    section_path: [],
    loc: { pageNumber: 1 },
    part_index: 0,
    part_count: 1,
    boxes: [],
    bbox_precision: "segment",
    ocr_confidence: null,
    segment_indices: [0],
    ...metadata,
  },
});

describe("point ids", () => {
  it("are the same for the same text, even when the service's ids differ", () => {
    const first = pointIds("d", [split("one"), split("two")]);
    const again = pointIds("d", [
      split("one", { job_id: "j2", segment_id: "s9" }),
      split("two", { chunk_id: null }),
    ]);
    expect(again).toEqual(first);
    expect(first[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("do not change when text before them is added or removed", () => {
    const [, second] = pointIds("d", [split("one"), split("two")]);
    expect(pointIds("d", [split("new"), split("one"), split("two")])[2]).toBe(second);
  });

  it("differ between equal texts, between documents and between sections", () => {
    const ids = [
      ...pointIds("d", [split("x"), split("x"), split("x", { section_path: ["A"] })]),
      ...pointIds("e", [split("x")]),
    ];
    expect(new Set(ids).size).toBe(4);
  });
});

describe("document version", () => {
  const version = (metadata: Partial<SplitMetadata> = {}, options: object = { model: "m" }) =>
    documentVersion([split("one", metadata)], options);

  it("ignores the ids that each parse job creates again", () => {
    expect(version({ job_id: "j9", chunk_id: "c9", segment_id: "s9" })).toBe(version());
  });

  it("changes with boxes, confidence, text and model", () => {
    const all = [
      version(),
      version({ bbox: { left: 1, top: 0, width: 1, height: 1 } }),
      version({ confidence: 0.5 }),
      version({}, { model: "n" }),
      documentVersion([split("two")], { model: "m" }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("document ids", () => {
  it("are paths relative to the root, with forward slashes and composed characters", () => {
    expect(fileDocId("/data/in/a/b.pdf", "/data/in")).toBe("a/b.pdf");
    expect(fileDocId("b.pdf", "/data/in")).toBe("b.pdf");
    expect(fileDocId("cafe\u0301.pdf", "/data")).toBe("café.pdf");
  });

  it("drop a URL's fragment, credentials and signature, and keep the parameters that name the document", () => {
    expect(urlDocId("https://user:secret@h.example/a.pdf?id=7&X-Amz-Signature=s&X-Amz-Expires=3#p2")).toBe(
      "https://h.example/a.pdf?id=7",
    );
  });

  it.each([
    ["X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=2&X-Amz-Security-Token=t&X-Amz-Signature=s&x-id=GetObject"],
    ["AWSAccessKeyId=k&Signature=s&Expires=3"],
    ["Expires=3&Signature=s&Key-Pair-Id=k&Policy=p"],
    ["X-Goog-Algorithm=a&X-Goog-Credential=c&X-Goog-Signature=s"],
    ["sv=2&spr=https&st=1&se=2&sr=b&sp=r&sip=1.2.3.4&skoid=o&sktid=t&skt=1&ske=2&sks=b&skv=2&sig=s"],
  ])("drop all that is signed: %s", (query) => {
    expect(urlDocId(`https://h.example/a.pdf?versionId=7&${query}`)).toBe(
      "https://h.example/a.pdf?versionId=7",
    );
  });

  it("keep parameters that have the name of a signed one where nothing is signed", () => {
    expect(urlDocId("https://h.example/a.pdf?policy=7&sr=2")).toBe("https://h.example/a.pdf?policy=7&sr=2");
  });
});

describe("texts of a split", () => {
  it("puts the section path before the embedded text, without the headings that the text starts with", () => {
    expect(embeddingText(split("text", { section_path: ["A", "B"] }))).toBe("A > B\n\ntext");
    expect(embeddingText(split("## B\n\ntext", { section_path: ["A", "B"] }))).toBe("A\n\n## B\n\ntext");
    expect(embeddingText(split("text"))).toBe("text");
  });

  it("puts the title before the section path, unless the path or the text has it", () => {
    const title = "Lease of 5 High Street";
    expect(embeddingText(split("text", { title, section_path: ["Rent"] }))).toBe(`${title} > Rent\n\ntext`);
    expect(embeddingText(split("text", { title, section_path: [title.toUpperCase(), "Rent"] }))).toBe(
      `${title.toUpperCase()} > Rent\n\ntext`,
    );
    expect(embeddingText(split(`# ${title}\n\ntext`, { title }))).toBe(`# ${title}\n\ntext`);
    expect(embeddingText(split("text", { title }))).toBe(`${title}\n\ntext`);
  });

  it("gives full-text search the displayed text below title, file name and the last heading", () => {
    const section_path = ["Volume I", "Report", "Sites"];
    const shared = { section_path, title: "Annual Report", source: "reports/acme_2025.pdf" };
    const caption = "Table 1: Sites in operation";
    const names = "acme 2025\n\nAnnual Report";
    expect(
      lexicalTexts([
        split("## Sites\n\nA paragraph.", shared),
        split("Another paragraph.", shared),
        split(`${caption}\n\n| a |`, { ...shared, caption, segment_type: "Table" }),
        split(`${caption}\n\n| b |`, { ...shared, caption, segment_type: "Table", part_index: 1 }),
      ]),
    ).toEqual([
      `${names}\n\n## Sites\n\nA paragraph.`,
      `${names}\n\nSites\n\nAnother paragraph.`,
      `${names}\n\nSites\n\n${caption}\n\n| a |`,
      `${names}\n\nSites\n\n${caption}\n\n| b |`,
    ]);
  });

  it("leaves out words of the title that tell splits apart, unless the file is named by them", () => {
    const texts = ["Water: soft", "Water: hard", "Weight", "Warranty", "Returns"];
    const namesOf = (source: string) =>
      lexicalTexts(texts.map((text) => split(text, { title: "Water pump", source }))).map(
        (text) => text.split("\n")[0],
      );
    expect(namesOf("job:1")).toEqual(Array(5).fill("pump"));
    expect(namesOf("water_pump.pdf")).toEqual(Array(5).fill("Water pump"));
  });

  it("names the document once where its title is the name of its file", () => {
    const metadata = { title: "Acme lease", source: "acme-lease.pdf" };
    expect(lexicalTexts([split("text", metadata)])).toEqual(["Acme lease\n\ntext"]);
  });

  it("moves the words of captions and lone headings to the table, picture or text that they introduce", () => {
    const caption = "Figure 1: A map";
    const under = { section_path: ["Schedule 2", "Part C"], source: "job:1" };
    expect(
      lexicalTexts([
        split("## Schedule 2\n\n### Part C", { ...under, segment_type: "SectionHeader" }),
        split(caption, { ...under, segment_type: "Caption", caption_of: "s9" }),
        split(`${caption}\n\nA drawing.`, { ...under, segment_type: "Picture", caption }),
        split("A caption of nothing", { ...under, segment_type: "Caption" }),
        split("A caption too long to repeat", { ...under, segment_type: "Caption", caption_of: "s7" }),
        split("## Omitted", { ...under, section_path: ["Omitted"], segment_type: "SectionHeader" }),
        split("## Last", { ...under, section_path: ["Last"], segment_type: "SectionHeader" }),
      ]),
    ).toEqual([
      "",
      "",
      `Schedule 2\n\nPart C\n\n${caption}\n\nA drawing.`,
      "Part C\n\nA caption of nothing",
      "Part C\n\nA caption too long to repeat",
      "## Omitted",
      "## Last",
    ]);
  });
});

describe("the segment filter", () => {
  const reasonOf = (segment_type: string, text: string, options = {}) =>
    filterReason(split(text, { segment_type }), segmentFilterSchema.parse(options));

  it("gives the reason for each segment that is left out", () => {
    expect(reasonOf("PageHeader", "x")).toBe("page_header");
    expect(reasonOf("PageFooter", "x")).toBe("page_footer");
    expect(reasonOf("Text", " \n")).toBe("empty");
    expect(reasonOf("Text", "x")).toBeNull();
  });

  it("keeps the segments that the options name", () => {
    expect(reasonOf("PageHeader", "x", { pageHeaders: true })).toBeNull();
    expect(reasonOf("PageFooter", "x", { pageFooters: true })).toBeNull();
    expect(reasonOf("Text", "", { empty: true })).toBeNull();
  });
});
