import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BBox } from "../../../src/documents/segment.js";
import { linkCaptions } from "../../../src/splitters/captions/link-captions.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { type Part, rowsHtml, SEED, segmentsOf, table } from "../../support/splitters/segments.js";
import { cases } from "../../support/thorough.js";

const box = (left: number, top: number, width: number, height: number): { bbox: BBox } => ({
  bbox: { left, top, width, height },
});
const part = (segment_type: string, content: string, more: Partial<Part> = {}): Part => ({
  ...more,
  segment_type,
  content,
});
const caption = (content: string, more: Partial<Part> = {}): Part => part("Caption", content, more);

/** Returns links as `caption → target` by index, for captions and segments used as captions. */
const linksOf = (parts: readonly Part[]): string[] => {
  const documents = segmentsOf(parts);
  const links = linkCaptions(documents, () => undefined);
  return documents.flatMap((document) => {
    const link = links.ofCaption(document);
    return link ? [`${document.metadata.segment_index} → ${link.target.metadata.segment_index}`] : [];
  });
};

describe("captions in difficult layouts", () => {
  it("belong to the table below when two captions stand side by side", () => {
    expect(
      linksOf([
        caption("Power", box(100, 100, 200, 20)),
        caption("Cost", box(520, 100, 200, 20)),
        part("Table", "a", box(100, 125, 380, 100)),
        part("Table", "b", box(520, 125, 380, 100)),
      ]),
    ).toEqual(["0 → 2", "1 → 3"]);
  });

  it("are matched together: one caption takes a worse target when another would lose its only one", () => {
    const between = [
      part("Table", "a", box(100, 100, 800, 100)),
      caption("Table 1", box(100, 208, 300, 20)),
      caption("Table 2", box(100, 232, 300, 20)),
      part("Table", "b", box(100, 260, 800, 100)),
    ];
    expect(linksOf(between)).toEqual(["1 → 0", "2 → 3"]);
  });

  it("follow the side that the document prefers when a caption stands between two tables", () => {
    const below = [0, 300, 600].flatMap((top) => [
      part("Table", "t", box(100, top, 800, 100)),
      caption("Table", box(100, top + 105, 300, 20)),
      part("Text", "Words.", box(100, top + 200, 800, 60)),
    ]);
    const middle = [
      part("Table", "t", box(100, 900, 800, 100)),
      caption("Table", box(100, 1010, 300, 20)),
      part("Table", "t", box(100, 1040, 800, 100)),
    ];
    expect(linksOf([...below, ...middle]).at(-1)).toBe("10 → 9");
    expect(linksOf(middle)).toEqual(["1 → 2"]);
  });

  it("skip a line of units when labelled, but never a paragraph or a table", () => {
    const over = (content: string, label: string) =>
      linksOf([
        caption(label, box(100, 100, 300, 20)),
        part("Text", content, box(100, 125, 300, 20)),
        part("Table", "t", box(100, 150, 800, 100)),
      ]);
    expect(over("in millions of euro", "Table 1: Revenue")).toEqual(["0 → 2"]);
    expect(over("in millions of euro", "Revenue")).toEqual([]);
    expect(
      over("This paragraph says what has been going on for years in this company.", "Table 1: a"),
    ).toEqual([]);
  });

  it("may stand beside a picture, on the page before, and on the page after it", () => {
    expect(
      linksOf([
        part("Picture", "p", box(100, 100, 500, 300)),
        caption("Figure 1. The hall", box(620, 200, 250, 60)),
      ]),
    ).toEqual(["1 → 0"]);
    const facing = { ...caption("Figure 2: Plan"), page_number: 2 };
    expect(linksOf([part("Picture", "p"), facing])).toEqual(["1 → 0"]);
    expect(linksOf([part("Picture", "p"), { ...caption("A plan"), page_number: 2 }])).toEqual([]);
    const later = [1, 2].map((number) => part("Table", `t${number}`, { page_number: 2 }));
    expect(
      linksOf([caption("Table 1: a"), caption("Table 2: b"), part("Footnote", "1 x"), ...later]),
    ).toEqual(["0 → 3", "1 → 4"]);
  });

  it("reach from the bottom of a column to the top of the next one, never back to the left", () => {
    const foot = caption("Table 1: Fees", box(50, 1300, 300, 20));
    expect(linksOf([foot, part("Table", "t", box(520, 60, 400, 300))])).toEqual(["0 → 1"]);
    expect(
      linksOf([
        foot,
        part("Text", "Words.", box(520, 60, 400, 50)),
        part("Table", "t", box(520, 120, 400, 300)),
      ]),
    ).toEqual([]);
    expect(
      linksOf([{ ...foot, ...box(520, 1300, 300, 20) }, part("Table", "t", box(50, 60, 400, 300))]),
    ).toEqual([]);
  });

  it("do not link a source line below a table, or a caption far from any table", () => {
    const top = [
      caption("Table 1: Sites", box(100, 100, 300, 20)),
      part("Table", "t", box(100, 125, 800, 100)),
      caption("Source: register", box(100, 230, 300, 20)),
    ];
    const picture = part("Picture", "p", box(100, 320, 800, 300));
    expect(linksOf([...top, picture])).toEqual(["0 → 1"]);
    expect(linksOf([...top.slice(1), picture])).toEqual(["1 → 0"]);
    const displaced = top.with(2, caption("All of it audited", box(100, 230, 300, 20)));
    expect(linksOf([...displaced, picture])).toEqual(["0 → 1"]);
  });

  it.each(["Text", "SectionHeader", "ListItem"])(
    "may have the type %s when there is no other candidate",
    async (type) => {
      const label = part(type, "Table 3: Safety", box(100, 100, 300, 20));
      const target = { ...table(rowsHtml(["x", "y"], 40)), ...box(100, 125, 800, 100) };
      const prose = part("Text", "Table 3 shows that all is well.", box(100, 230, 800, 40));
      expect(linksOf([label, target, prose])).toEqual(["0 → 1"]);
      expect(linksOf([{ ...label, ...box(100, 10, 300, 20) }, target, prose])).toEqual([]);

      const [own, ...rest] = await new SegmentSplitter({ chunkSize: 100 }).invoke(
        segmentsOf([label, target, prose]),
      );
      expect(own?.metadata).toMatchObject({ segment_type: type, segment_indices: [0], caption_of: "s1" });
      const parts = rest.filter(({ metadata }) => metadata.segment_type === "Table");
      expect(parts.length).toBeGreaterThan(1);
      for (const { metadata } of parts) {
        expect(metadata).toMatchObject({ caption: "Table 3: Safety", caption_id: "s0", section_path: [] });
        expect(metadata.caption_score).toBe(own?.metadata.caption_score);
      }
      expect(rest.at(-1)?.metadata.refers_to).toMatchObject([{ segment_id: "s1" }]);
    },
  );
});

const LABELS: Readonly<Record<string, string>> = { Table: "Table 1: words", Picture: "Figure 1: words" };

/** Blocks of a page, one below the other: text, or a target with its caption near it. */
const block = fc.record({
  kind: fc.constantFrom("Text", "Table", "Picture", "bare"),
  isAbove: fc.boolean(),
  gap: fc.integer({ min: 2, max: 12 }),
  space: fc.integer({ min: 40, max: 90 }),
  height: fc.integer({ min: 60, max: 260 }),
  isLabelled: fc.boolean(),
});

describe(`captions on random pages (seed ${SEED})`, () => {
  it("belong to the table or picture that is nearest by far", () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 9 }), (blocks) => {
        const parts: Part[] = [];
        const expected: string[] = [];
        let top = 40;
        const put = (type: string, content: string, height: number, width: number) => {
          parts.push(part(type, content, { ...box(100, top, width, height), page_height: 3600 }));
          top += height;
        };
        for (const { kind, isAbove, gap, space, height, isLabelled } of blocks) {
          const label = LABELS[kind];
          const words = isLabelled && label ? label : "Some words";
          const target = parts.length;
          if (label === undefined) put(kind === "bare" ? "Picture" : "Text", "x".repeat(90), height, 800);
          else if (isAbove) {
            expected.push(`${target} → ${target + 1}`);
            put("Caption", words, 22, 300);
            top += gap;
            put(kind, "t", height, 800);
          } else {
            expected.push(`${target + 1} → ${target}`);
            put(kind, "t", height, 800);
            top += gap;
            put("Caption", words, 22, 300);
          }
          top += space;
        }
        expect(linksOf(parts)).toEqual(expected);
      }),
      { seed: SEED, numRuns: cases(300) },
    );
  });
});
