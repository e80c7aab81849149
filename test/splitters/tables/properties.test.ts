import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddingText } from "../../../src/documents/embedding-text.js";
import type { SplitDocument } from "../../../src/documents/metadata.js";
import { countTokens } from "../../../src/internal/text/tokens.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { heading, type Part, SEED, segmentsOf, table } from "../../support/splitters/segments.js";
import { cases } from "../../support/thorough.js";

/** The words of a table; each is used once. */
interface Plan {
  /** Words of each name; none for a table without a header. */
  names: number[];
  title: number;
  /** Words of each cell of each row. */
  rows: { words: number; rowspan: number; colspan: number }[][];
  caption: number;
  path: number;
  chunkSize: number;
}

const cell = fc.record({
  words: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }) }, fc.integer({ min: 20, max: 60 })),
  rowspan: fc.constantFrom(1, 1, 1, 1, 2, 3, 0, 1000),
  colspan: fc.constantFrom(1, 1, 1, 1, 2, 1_000_000),
});

const one = (words: number, rowspan = 1, colspan = 1) => ({ words, rowspan, colspan });

const plan: fc.Arbitrary<Plan> = fc.record({
  names: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 9 }),
  title: fc.integer({ min: 0, max: 8 }),
  rows: fc.array(fc.array(cell, { minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 14 }),
  caption: fc.integer({ min: 0, max: 12 }),
  path: fc.integer({ min: 0, max: 8 }),
  chunkSize: fc.integer({ min: 16, max: 200 }),
});

const build = ({ names, title, rows, caption, path }: Plan) => {
  let serial = 100;
  const phrase = (kind: string, words: number): string =>
    Array.from({ length: words }, () => `${kind}${serial++}`).join(" ");
  const cells: string[] = [];
  const body = rows.map((row) => {
    const tags = row.map(({ words, rowspan, colspan }) => {
      const text = phrase("w", words);
      cells.push(text);
      return `<td rowspan="${rowspan}" colspan="${colspan}">${text}</td>`;
    });
    return `<tr>${tags.join("")}</tr>`;
  });
  const titleText = phrase("t", title);
  const nameTexts = names.map((words) => phrase("n", words));
  const nameText = nameTexts.join(" ");
  const head = nameTexts.map((name) => `<th>${name}</th>`).join("");
  const html = `<table><caption>${titleText}</caption><thead><tr>${head}</tr></thead>${body.join("")}</table>`;
  const parts: Part[] = [table(html)];
  if (caption > 0) parts.unshift({ segment_type: "Caption", content: phrase("c", caption) });
  if (path > 0) parts.unshift(heading(`## ${phrase("p", path)}`));
  return {
    parts,
    words: `${titleText} ${nameText} ${cells.join(" ")}`.split(" ").filter((word) => word !== ""),
  };
};

/** Returns the words of the body of a part, separated by whether another part has the same column. */
const bodyWords = ({ pageContent, metadata }: SplitDocument): { word: string; isRepeated: boolean }[] => {
  const lines = pageContent.split("\n");
  const rule = lines.findIndex((line) => /^\|( --- \|)+$/.test(line));
  const repeated = new Set(metadata.repeated_columns);
  const repeatedRows = metadata.repeated_rows?.length ?? 0;
  return lines.slice(rule + 1).flatMap((line, row) =>
    line.split("|").flatMap((text, column) => {
      const isRepeated = rule >= 0 && (row < repeatedRows || repeated.has(column - 1));
      return [...text.matchAll(/\bw\d+\b/g)].map(([word]) => ({ word, isRepeated }));
    }),
  );
};

/** A name whose group has text only in other columns, so that the columns of the name lack its rows. */
const nameApart: Plan = {
  names: [],
  title: 0,
  rows: [
    [one(0, 1, 1_000_000), one(20)],
    [one(1), one(0)],
    [one(0, 1_000), one(0)],
    [one(1)],
    [one(1, 1, 1_000_000), one(0)],
    [one(20), one(2, 1, 1_000_000), one(1)],
  ],
  caption: 0,
  path: 0,
  chunkSize: 16,
};

/** Only a title, which fits without a table below it. */
const onlyTitle: Plan = { names: [], title: 5, rows: [[one(0)]], caption: 0, path: 0, chunkSize: 16 };

/** Only names, which do not fit below the caption. */
const onlyNames: Plan = { names: [1, 1, 1], title: 0, rows: [[one(0)]], caption: 2, path: 0, chunkSize: 16 };

describe(`splits of any table within any budget (seed ${SEED})`, () => {
  it("keep every word, stay within the budget, and report what they repeat", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (each) => {
        const { parts, words } = build(each);
        const splits = await new SegmentSplitter({ chunkSize: each.chunkSize }).invoke(segmentsOf(parts));
        const shown = new Set(splits.flatMap(({ pageContent }) => pageContent.match(/\b[wtn]\d+\b/g) ?? []));
        expect(words.filter((word) => !shown.has(word))).toEqual([]);
        for (const split of splits) {
          expect(countTokens(embeddingText(split))).toBeLessThanOrEqual(each.chunkSize);
          expect(countTokens(split.pageContent)).toBeLessThanOrEqual(each.chunkSize);
        }
        const holders = new Map<string, Set<SplitDocument>>();
        for (const split of splits.filter(({ metadata }) => metadata.segment_type === "Table")) {
          for (const { word, isRepeated } of bodyWords(split)) {
            if (isRepeated) continue;
            holders.set(word, (holders.get(word) ?? new Set()).add(split));
          }
        }
        const spanned = each.rows.some((row) =>
          row.some(({ rowspan, colspan }) => rowspan !== 1 || colspan !== 1),
        );
        const twice = [...holders].filter(([, held]) => held.size > 1).map(([word]) => word);
        if (!spanned) expect(twice).toEqual([]);
      }),
      { seed: SEED, numRuns: cases(300), examples: [[nameApart], [onlyTitle], [onlyNames]] },
    );
  });
});
