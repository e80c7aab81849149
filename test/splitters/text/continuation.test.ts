import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Segment, Word } from "../../../src/documents/segment.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import {
  contents,
  heading,
  type Part,
  rowsHtml,
  SEED,
  segmentsOf,
  table,
  text,
} from "../../support/splitters/segments.js";
import { cases } from "../../support/thorough.js";

const split = (parts: readonly Part[], options = {}) =>
  new SegmentSplitter(options).invoke(segmentsOf(parts));

const onNext = (content: string, more: Partial<Segment> = {}): Part =>
  text(content, { page_number: 2, ...more });

/** The texts of two segments, of which the second is on the next page, as they are written in a split. */
const overBreak = async (first: string, second: string, ...elsewhere: string[]): Promise<string> => {
  const splits = await split([...elsewhere.map((each) => text(each)), text(first), onNext(second)]);
  return contents(splits).join("\n\n").split("\n\n").slice(elsewhere.length).join("\n\n");
};

describe("a sentence over the end of a page", () => {
  it.each([
    ["The lessee shall indemnify the", "lessor against all claims."],
    ["It holds that,", "Where notice is given, the term ends."],
    ["The contract is governed by the", "Laws of the State of Delaware."],
    ["Der Vertrag wird geschlossen zwischen der", "Muster GmbH und dem Mieter."],
    ["Le loyer est payable à la", "Banque de France."],
    ["The rent is due within (see", "below) ten days."],
    ["Payment follows Art.", "5 of this contract."],
    ["He called it **the", "best** year."],
    ["The term of", "12 months begins in May."],
    ["Арендатор обязан возместить", "все убытки арендодателя."],
  ])("is joined by a space: %s / %s", async (first, second) => {
    expect(await overBreak(first, second)).toBe(`${first} ${second}`);
  });

  it("is joined without a space in scripts that have none", async () => {
    const [first, second] = [
      "承租人应当按照本合同约定的期限和方式向出租人支付租金并承担",
      "由此产生的全部费用。",
    ];
    expect(await overBreak(first, second)).toBe(first + second);
  });

  it.each([
    ["The rent is due.", "lower case begins here."],
    ["The rent is due.” [3]", "lower case begins here."],
    ["The following apply:", "rent and costs."],
    ["Rent", "Costs"],
    ["租金。", "费用由承租人承担。"],
    ["第一条", "租金"],
    ["The tenant pays", "(a) the rent"],
    ["The tenant pays", "- the rent"],
    ["The tenant pays", "iv. the rent"],
    ["The tenant pays for", "2. Heating"],
    ["x = 1", "Results follow."],
  ])("is not made of two texts that stand alone: %s / %s", async (first, second) => {
    expect(await overBreak(first, second)).toBe(`${first}\n\n${second}`);
  });

  it.each([
    ["The duty of indemni-", "fication ends.", "The duty of indemnification ends."],
    ["A well-", "known rule.", "A well-known rule."],
    ["The state-of-", "the-art method.", "The state-of-the-art method."],
    ["Haupt-", "und Nebenkosten.", "Haupt- und Nebenkosten."],
    ["In Baden-", "Württemberg gilt dies.", "In Baden-Württemberg gilt dies."],
    ["Over a 12-", "month term.", "Over a 12-month term."],
    ["The Kündi\u00ad", "gungsfrist läuft.", "The Kündigungsfrist läuft."],
    ["The Kündi¬", "gungsfrist läuft.", "The Kündigungsfrist läuft."],
    ["See https://example.org/the-", "paper for more.", "See https://example.org/the-paper for more."],
  ])("decides about a hyphen: %s / %s", async (first, second, joined) => {
    expect(await overBreak(first, second)).toBe(joined);
  });

  it("follows the words of the document at a hyphen", async () => {
    expect(await overBreak("A re-", "entry right.", "No re-entry before May.")).toBe("A re-entry right.");
    expect(await overBreak("A non-", "payment.", "In case of nonpayment, notice.")).toBe("A nonpayment.");
  });

  it("skips page margins, footnotes, figures and their captions, and keeps them as splits", async () => {
    const splits = await split([
      text("All of the"),
      { segment_type: "Footnote", content: "1 A note." },
      { segment_type: "Picture", content: "A curve." },
      { segment_type: "Caption", content: "Figure 1: Growth" },
      { segment_type: "PageFooter", content: "Page 1" },
      { segment_type: "PageHeader", content: "Report", page_number: 2 },
      onNext("growth is here."),
    ]);
    expect(contents(splits).sort()).toEqual(
      [
        "All of the growth is here.",
        "1 A note.",
        "Figure 1: Growth\n\nA curve.",
        "Figure 1: Growth",
        "Page 1",
        "Report",
      ].sort(),
    );
    const [sentence] = splits;
    expect(sentence?.metadata.segment_indices).toEqual([0, 6]);
    expect(sentence?.metadata.boxes.map(({ page_number }) => page_number)).toEqual([1, 2]);
  });

  it("ends before a heading, a table or a formula", async () => {
    for (const between of [
      heading("## Costs"),
      table(rowsHtml(["x"], 1)),
      { segment_type: "Formula", markdown: "$$a$$" },
    ])
      for (const content of contents(await split([text("All of the"), between, onNext("growth is here.")])))
        expect(content).not.toContain("the growth");
  });

  it("continues over several pages, and in a list item", async () => {
    const splits = await split([
      { segment_type: "ListItem", markdown: "- the tenant and" },
      onNext("all persons living with"),
      text("the tenant;", { page_number: 3 }),
      { segment_type: "ListItem", markdown: "- the landlord.", page_number: 3 },
    ]);
    expect(contents(splits)).toEqual([
      "- the tenant and all persons living with the tenant;\n- the landlord.",
    ]);
  });
});

describe("a sentence over the end of a column", () => {
  const at = (left: number, top: number) => ({ bbox: { left, top, width: 400, height: 300 } });

  it("is joined if the next text is beside the first, and stays apart below it", async () => {
    const open = text("The lessee shall", at(50, 900));
    expect(contents(await split([open, text("pay rent.", at(500, 100))]))).toEqual([
      "The lessee shall pay rent.",
    ]);
    expect(contents(await split([open, text("pay rent.", at(50, 1210))]))).toEqual([
      "The lessee shall\n\npay rent.",
    ]);
  });
});

describe("a long sentence over the end of a page", () => {
  const words = (content: string): Word[] =>
    content.split(" ").map((word, index) => ({
      text: word,
      bbox: { left: (index % 10) * 80, top: Math.floor(index / 10) * 30, width: 70, height: 20 },
    }));

  const page = (content: string, page_number: number): Part => {
    const count = content.split(" ").length;
    const bbox = { left: 100, top: 100, width: 800, height: Math.ceil(count / 10) * 30 };
    return text(content, { page_number, bbox, ocr: words(content) });
  };

  it("is whole in one split, with the boxes of its words on both pages", async () => {
    const before = Array.from(
      { length: 12 },
      (_, index) => `Clause ${index} names a duty of the tenant here.`,
    );
    const after = Array.from(
      { length: 12 },
      (_, index) => `Clause ${index} names a right of the landlord here.`,
    );
    const parts = [
      page(`${before.join(" ")} The bridging sentence carries the obli-`, 1),
      page(`gation of both parties over. ${after.join(" ")}`, 2),
    ];
    const documents = segmentsOf(parts).map((document, index) => ({
      ...document,
      metadata: { ...document.metadata, ocr: parts[index]?.ocr ?? [] },
    }));
    const splits = await new SegmentSplitter({ chunkSize: 60, chunkOverlap: 0 }).invoke(documents);
    const found = splits.filter(({ pageContent }) => pageContent.includes("obligation"));
    expect(found.map(({ pageContent }) => pageContent)).toEqual([
      expect.stringContaining("The bridging sentence carries the obligation of both parties over."),
    ]);
    const { metadata } = found[0] ?? { metadata: undefined };
    expect(metadata?.segment_indices).toEqual([0, 1]);
    expect(metadata?.bbox_precision).toBe("word");
    expect(new Set(metadata?.boxes.map(({ page_number }) => page_number))).toEqual(new Set([1, 2]));
    // The words of the next page are at its top, not in its whole text.
    const below = metadata?.boxes.filter(
      ({ page_number, bbox }) => page_number === 2 && (bbox?.top ?? 0) > 190,
    );
    expect(below).toEqual([]);
  });

  it(`loses no word and covers each segment, at any end of a page (seed ${SEED})`, async () => {
    const sentence = "The tenant pays the rent on the first day of each month to the landlord.".split(" ");
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: 1, max: 119 }), { maxLength: 4 }),
        fc.constantFrom(24, 40, 90, 400),
        async (sentences, cuts, chunkSize) => {
          const all = Array.from({ length: sentences }, () => sentence).flat();
          const ends = [...new Set(cuts.filter((cut) => cut < all.length))].sort((a, b) => a - b);
          const pages = [...ends, all.length].map((end, index) =>
            all.slice(index === 0 ? 0 : ends[index - 1], end),
          );
          const parts = pages.map((each, index) => page(each.join(" "), index + 1));
          const splits = await split(parts, { chunkSize, chunkOverlap: 0 });
          const read = splits.map(({ pageContent }) => pageContent).join(" ");
          expect(read.split(/\s+/)).toEqual(all);
          const indices = new Set(splits.flatMap(({ metadata }) => metadata.segment_indices));
          expect(indices.size).toBe(parts.length);
        },
      ),
      { seed: SEED, numRuns: cases(60) },
    );
  });
});
