import { readFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { typeset } from "../../bench/support/typeset/result.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { SegmentDocument } from "../../src/documents/metadata.js";
import type { BBox } from "../../src/documents/segment.js";
import { collect } from "../support/sink-data.js";

const DATA = path.resolve(import.meta.dirname, "../../bench/retrieval/data");

const isWithin = (inner: BBox, outer: { width: number; height: number }): boolean =>
  inner.left >= -0.01 &&
  inner.top >= -0.01 &&
  inner.left + inner.width <= outer.width + 0.05 &&
  inner.top + inner.height <= outer.height + 0.05;

const shared = (a: BBox, b: BBox): number =>
  Math.max(0, Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top));

const squeeze = (text: string): string => text.replace(/\s+/g, "");

describe.each([
  ["contract", 12],
  ["paper", 6],
  ["manual", 5],
])("the authored document %s, set on pages", (name, leastPages) => {
  let source: string;
  let result: ReturnType<typeof typeset>;
  beforeAll(async () => {
    source = await readFile(path.join(DATA, `${name}.md`), "utf8");
    result = typeset(source);
  });
  const segments = () => result.chunks.flatMap((chunk) => chunk.segments);

  it("is the same for the same input", () => {
    expect(typeset(source)).toEqual(result);
    const ids = segments().map(({ segment_id }) => segment_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("is read by the loader like any parse result", async () => {
    const documents: SegmentDocument[] = await collect(new UnsiloedResultLoader(result).lazyLoad());
    expect(documents).toHaveLength(segments().length);
    expect(result.page_count).toBeGreaterThanOrEqual(leastPages);
    expect(documents.at(-1)?.metadata.page_number).toBe(result.page_count);
    expect(documents[0]?.metadata.segment_type).toBe("PageHeader");
  });

  it("keeps every segment on its page, and no two overlap", () => {
    for (let page = 1; page <= result.page_count; page++) {
      const here = segments().filter(({ page_number }) => page_number === page);
      for (const [index, { bbox, page_width, page_height }] of here.entries()) {
        expect(isWithin(bbox, { width: page_width, height: page_height })).toBe(true);
        for (const other of here.slice(index + 1)) expect(shared(bbox, other.bbox)).toBeLessThan(1);
      }
    }
  });

  it("has word boxes that lie in their segment, do not overlap, and spell its words", () => {
    for (const { ocr, bbox, content, segment_type } of segments()) {
      for (const [index, word] of ocr.entries()) {
        expect(isWithin(word.bbox, bbox)).toBe(true);
        for (const other of ocr.slice(index + 1)) expect(shared(word.bbox, other.bbox)).toBeLessThan(1);
      }
      if (segment_type !== "Table") {
        expect(squeeze(ocr.map(({ text }) => text).join(""))).toBe(squeeze(content));
      }
    }
  });

  it("keeps every authored sentence", () => {
    const written = squeeze(
      segments()
        .map(({ markdown }) => markdown)
        .join("\n"),
    );
    const sentences = source.split("\n---\n")[1]?.match(/[A-Z][\w ,']{30,}[a-z]\./g) ?? [];
    expect(sentences.length).toBeGreaterThan(20);
    const body = segments().filter(({ segment_type }) => !/^Page/.test(segment_type));
    const running = squeeze(body.map(({ content }) => content).join(" "));
    // Footnotes may stand between the parts of a sentence that continues in the next column.
    const lost = sentences.filter(
      (sentence) => !written.includes(squeeze(sentence)) && !running.includes(squeeze(sentence)),
    );
    expect(lost.length).toBeLessThanOrEqual(2);
  });
});

describe("typesetting a document", () => {
  it("makes columns, footnotes at the bottom, and tables that repeat their header on the next page", () => {
    const rows = Array.from({ length: 120 }, (_, n) => `| row ${n} | value ${n} |`).join("\n");
    const result = typeset(
      `---\nfile: a.pdf\nhead: Head\nfoot: Page\ncolumns: 2\nseed: 3\n---\n\n<wide>\n# Title\n\nText one.\n\n[^1]: A note.\n\n| A | B |\n| --- | --- |\n${rows}\n`,
    );
    const segments = result.chunks.flatMap((chunk) => chunk.segments);
    const first = segments
      .filter(({ page_number }) => page_number === 1)
      .map(({ segment_type }) => segment_type);
    expect(first).toEqual(["PageHeader", "Title", "Text", "Table", "Table", "Footnote", "PageFooter"]);
    const tables = segments.filter(({ segment_type }) => segment_type === "Table");
    expect(tables[1]?.bbox.left).toBeGreaterThan((tables[0]?.bbox.left ?? 0) + 400);
    expect(tables.every(({ markdown }) => markdown.startsWith("| A | B |"))).toBe(true);
    expect(tables.flatMap(({ markdown }) => markdown.split("\n").slice(2))).toHaveLength(120);
  });

  it("fails with a clear error when the settings are missing", () => {
    expect(() => typeset("# Title")).toThrow(/begins with its settings/);
  });
});
