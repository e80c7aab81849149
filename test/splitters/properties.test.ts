import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddingText } from "../../src/documents/embedding-text.js";
import {
  type SegmentDocument,
  type SplitDocument,
  splitMetadataSchema,
} from "../../src/documents/metadata.js";
import { countTokens } from "../../src/internal/text/tokens.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { type Part, SEED, segmentsOf, squeeze } from "../support/splitters/segments.js";
import { cases } from "../support/thorough.js";

const words = fc.constantFrom(
  "growth",
  "of",
  "1,204.5",
  "EUR.",
  "Next",
  "a|b",
  "😀",
  "漢字。",
  "\n",
  "x".repeat(70),
  "<|endoftext|>",
);
const prose = fc.array(words, { maxLength: 90 }).map((list) => list.join(" "));
const short = fc.array(words, { maxLength: 8 }).map((list) => list.join(" "));

const cell = fc.oneof({ weight: 9, arbitrary: short }, { weight: 1, arbitrary: prose });
const htmlTable = fc
  .array(
    fc.array(
      fc.record({
        text: cell,
        tag: fc.constantFrom("td", "td", "th"),
        colspan: fc.constantFrom(1, 1, 1, 2, 9),
        rowspan: fc.constantFrom(1, 1, 1, 2, 0),
      }),
      { maxLength: 7 },
    ),
    { maxLength: 9 },
  )
  .map((rows) => {
    const cells = (row: (typeof rows)[number]) =>
      row.map(
        (each) =>
          `<${each.tag} colspan="${each.colspan}" rowspan="${each.rowspan}">${each.text.replaceAll("<", "&lt;")}</${each.tag}>`,
      );
    return `<table>${rows.map((row) => `<tr>${cells(row).join("")}</tr>`).join("")}</table>`;
  });

const part: fc.Arbitrary<Part> = fc
  .record({
    segment_type: fc.constantFrom(
      "Title",
      "SectionHeader",
      "Text",
      "Text",
      "ListItem",
      "Table",
      "Picture",
      "Caption",
      "Footnote",
      "PageFooter",
      "KeyValuePair",
      "Signature",
      "Seal",
      "Odd",
    ),
    content: prose,
    level: fc.integer({ min: 0, max: 4 }),
    page_number: fc.integer({ min: 1, max: 3 }),
    confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    html: htmlTable,
  })
  .map(({ level, content, html, segment_type, ...rest }): Part => {
    if (segment_type === "Table") return { ...rest, segment_type, content, html };
    return {
      ...rest,
      segment_type,
      content,
      ...(level > 0 && content.trim() !== "" && { markdown: `${"#".repeat(level)} ${content}` }),
    };
  });

const check = (documents: SegmentDocument[], splits: SplitDocument[], chunkSize: number): void => {
  const covered = new Set<number>();
  for (const split of splits) {
    splitMetadataSchema.parse(split.metadata);
    expect(split.pageContent.trim()).not.toBe("");
    expect(countTokens(embeddingText(split))).toBeLessThanOrEqual(chunkSize);
    expect(split.metadata.part_index).toBeLessThan(split.metadata.part_count);
    for (const index of split.metadata.segment_indices) covered.add(index);
  }
  const missing = documents.filter(
    ({ pageContent, metadata }) => pageContent.trim() !== "" && !covered.has(metadata.segment_index),
  );
  expect(missing.map(({ metadata }) => metadata.segment_index)).toEqual([]);
  const firsts = splits.map(({ metadata }) => metadata.segment_indices[0] ?? -1);
  const packedApart = splits.every(({ metadata }) => metadata.segment_indices.length === 1);
  if (packedApart) expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
};

describe(`splits of any document (seed ${SEED})`, () => {
  it("stay within the budget, cover every segment and have complete metadata", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 14 }),
        fc.integer({ min: 16, max: 160 }),
        fc.option(prose, { nil: undefined }),
        async (parts, chunkSize, title) => {
          const documents = segmentsOf(parts);
          for (const { metadata } of documents) if (title?.trim()) metadata.title = title;
          check(documents, await new SegmentSplitter({ chunkSize }).invoke(documents), chunkSize);
        },
      ),
      { seed: SEED, numRuns: cases(150) },
    );
  });

  it("contain every word of every text, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(prose, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 16, max: 120 }),
        async (texts, chunkSize) => {
          const documents = segmentsOf(texts.map((content) => ({ segment_type: "Text", content })));
          const splits = await new SegmentSplitter({ chunkSize, chunkOverlap: 0 }).invoke(documents);
          expect(squeeze(splits.map(({ pageContent }) => pageContent).join(""))).toBe(
            squeeze(texts.join("")),
          );
        },
      ),
      { seed: SEED, numRuns: cases(100) },
    );
  });

  it("contain every cell of every table in exactly one part", async () => {
    const sizes = fc.record({
      columns: fc.integer({ min: 2, max: 12 }),
      rows: fc.integer({ min: 1, max: 25 }),
      fill: fc.integer({ min: 0, max: 6 }),
      chunkSize: fc.integer({ min: 60, max: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ columns, rows, fill, chunkSize }) => {
        const line = (row: number) =>
          Array.from(
            { length: columns },
            (_, column) => `<td>r${row}c${column}x${" word".repeat((fill * column) % 7)}</td>`,
          );
        const names = Array.from({ length: columns }, (_, column) => `<th>n${column}x</th>`);
        const body = Array.from({ length: rows }, (_, row) => `<tr>${line(row).join("")}</tr>`);
        const html = `<table><tr>${names.join("")}</tr>${body.join("")}</table>`;
        const splits = await new SegmentSplitter({ chunkSize }).invoke(
          segmentsOf([{ segment_type: "Table", html, content: "t" }]),
        );
        const all = splits.map(({ pageContent }) => pageContent);
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            const holders = splits.filter(({ pageContent }) => pageContent.includes(`r${row}c${column}x`));
            if (column === 0) expect(holders.length).toBeGreaterThan(0);
            else expect(holders).toHaveLength(1);
            for (const { pageContent } of holders) expect(pageContent).toContain(`n${column}x`);
          }
        }
        const wordCount = all.join(" ").match(/\bword\b/g)?.length ?? 0;
        expect(wordCount).toBe(
          rows *
            Array.from({ length: columns }, (_, column) => (fill * column) % 7).reduce((a, b) => a + b, 0),
        );
      }),
      { seed: SEED, numRuns: cases(80) },
    );
  });
});

const REAL_TABLES = new URL("../../../shared/samples/real-tables/", import.meta.url);

describe.skipIf(!existsSync(REAL_TABLES))("real tables (skipped where the samples are absent)", () => {
  const files = existsSync(REAL_TABLES)
    ? readdirSync(REAL_TABLES).filter((name) => name.endsWith(".html"))
    : [];

  it.each(files)("%s: every cell kept, the header in every part, the budget kept", async (file) => {
    const html = readFileSync(new URL(file, REAL_TABLES), "utf8");
    for (const chunkSize of [60, 120, 400]) {
      const documents = segmentsOf([{ segment_type: "Table", html, content: "t" }]);
      const splits = await new SegmentSplitter({ chunkSize }).invoke(documents);
      check(documents, splits, chunkSize);
      const all = squeeze(splits.map(({ pageContent }) => pageContent).join("\n"));
      for (const [, cell = ""] of html.matchAll(/<t[dh][^>]*>([^<]*)</g))
        expect(all).toContain(squeeze(cell));
      for (const { pageContent, metadata } of splits)
        for (const name of metadata.header ?? []) expect(pageContent).toContain(name);
    }
  });
});
