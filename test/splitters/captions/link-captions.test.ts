import { describe, expect, it } from "vitest";
import { linkCaptions } from "../../../src/splitters/captions/link-captions.js";
import { type Part, segmentsOf } from "../../support/splitters/segments.js";
import { isLeftOut, SHARE_SEED } from "../../support/thorough.js";

/** Returns the `segment_id` of the target of each caption, in order. */
const targets = (parts: readonly Part[]): (string | null | undefined)[] => {
  const documents = segmentsOf(parts);
  const links = linkCaptions(documents, () => undefined);
  return documents
    .filter(({ metadata }) => metadata.segment_type === "Caption")
    .map((caption) => links.ofCaption(caption)?.target.metadata.segment_id);
};

const caption = (content: string, more: Partial<Part> = {}): Part => ({
  ...more,
  segment_type: "Caption",
  content,
});
const tableAt = (more: Partial<Part> = {}): Part => ({ ...more, segment_type: "Table", content: "t" });
const picture: Part = { segment_type: "Picture", content: "p" };
const words: Part = { segment_type: "Text", content: "Text." };

describe("links of captions", () => {
  it.each([
    ["Table 1: Sites", "s0"],
    ["Tableau 1 : Sites", "s0"],
    ["Tab. 1 Standorte", "s0"],
    ["Figure 1. Sales", "s2"],
    ["Fig. 1: Sales", "s2"],
    ["Abbildung 1: Umsatz", "s2"],
    ["Chart 1: Sales", "s2"],
  ])("follow the label of %j between a table and a picture", (content, expected) => {
    expect(targets([tableAt(), caption(content), picture])).toEqual([expected]);
  });

  it("lead from a caption without a label to the nearer target", () => {
    const at = (top: number, height: number) => ({ bbox: { left: 0, top, width: 100, height } });
    expect(targets([tableAt(at(0, 100)), caption("Sites", at(105, 10)), tableAt(at(400, 100))])).toEqual([
      "s0",
    ]);
    expect(targets([tableAt(at(0, 100)), caption("Sites", at(385, 10)), tableAt(at(400, 100))])).toEqual([
      "s2",
    ]);
  });

  it("lead to a merged table from above its start and from below its end", () => {
    const box = (top: number, height: number) => ({ left: 100, top, width: 800, height });
    const merged = (pages: number): Part =>
      tableAt({
        bbox: box(900, 400),
        merged_page_bboxes: Array.from({ length: pages }, (_, index) => ({
          page_number: index + 1,
          page_width: 1000,
          page_height: 1400,
          bbox: index === 0 ? box(900, 400) : box(80, 300),
        })),
      });
    const below = (content: string, page_number: number) =>
      caption(content, { page_number, bbox: box(390, 20) });
    for (const pages of [2, 3]) {
      expect(targets([caption("Sites", { bbox: box(870, 20) }), merged(pages)])).toEqual(["s1"]);
      expect(targets([merged(pages), below("Sites by region", pages)])).toEqual(["s0"]);
      expect(targets([merged(pages), below("Table 1: Sites", pages)])).toEqual(["s0"]);
      expect(targets([merged(pages), below("Sites by region", pages + 3)])).toEqual([undefined]);
    }
  });

  it("give each caption one target and each target one caption", () => {
    expect(targets([caption("Table 1: a"), tableAt(), caption("Table 2: b"), tableAt()])).toEqual([
      "s1",
      "s3",
    ]);
    expect(targets([tableAt(), caption("Source: register"), caption("Table 1: a")])).toHaveLength(2);
    const linked = targets([caption("Table 1: a"), tableAt(), caption("Table 2: b")]);
    expect(linked.filter((target) => target === "s1")).toHaveLength(1);
  });

  it("skip page headers and footers to reach a table on the next page, but never text", () => {
    const furniture: Part[] = [
      { segment_type: "PageFooter", content: "1" },
      { segment_type: "PageHeader", content: "Report", page_number: 2 },
    ];
    const next = tableAt({ page_number: 2 });
    expect(targets([caption("Table 1: a"), ...furniture, next])).toEqual(["s3"]);
    expect(targets([caption("Table 1: a"), words, next])).toEqual([undefined]);
    expect(targets([words, caption("Table 1: a"), words])).toEqual([undefined]);
  });

  it("never link a table's caption to a picture", () => {
    expect(targets([picture, caption("Table 4: Sites"), words])).toEqual([undefined]);
  });

  // Comparing every pair would take many minutes: these tests end because only near ones are compared.
  const places: readonly [string, (index: number) => Part["bbox"]][] = [
    ["one below the other", (index) => ({ left: 100, top: 40 * index, width: 800, height: 30 })],
    ["within the height of a page", (index) => ({ left: 100, top: index / 8, width: 800, height: 0.1 })],
    [
      "in columns",
      (index) => ({ left: 28 * (index % 40), top: 40 * Math.floor(index / 40), width: 24, height: 16 }),
    ],
    ["all in one place", () => ({ left: 100, top: 100, width: 800, height: 30 })],
    ["without boxes", () => null],
  ];
  for (const [index, [how, boxAt]] of places.entries())
    it(`find 1,500 tables of one page, ${how} (seed ${SHARE_SEED})`, { skip: isLeftOut(index, 3) }, () => {
      const parts = Array.from({ length: 1_500 }, (_, table): Part[] => [
        caption(`Table ${table + 1}: a`, { bbox: boxAt(2 * table) }),
        tableAt({ bbox: boxAt(2 * table + 1) }),
      ]);
      const found = targets(parts.flat());
      expect(found.filter((target, table) => target !== `s${2 * table + 1}`)).toEqual([]);
    });

  it("match captions to pictures by position when all captions of a page follow all its pictures", () => {
    const at = (index: number, top: number) => ({
      left: 250 * (index % 4),
      top: 100 * Math.floor(index / 4) + top,
      width: 200,
      height: top ? 10 : 70,
    });
    const pictures = Array.from({ length: 400 }, (_, index): Part => ({ ...picture, bbox: at(index, 0) }));
    const captions = pictures.map((_, index) => caption(`Figure ${index + 1}: a`, { bbox: at(index, 75) }));
    expect(targets([...pictures, ...captions])).toEqual(pictures.map((_, index) => `s${index}`));
  });
});
