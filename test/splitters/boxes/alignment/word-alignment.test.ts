import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WordAlignment } from "../../../../src/splitters/boxes/alignment/word-alignment.js";
import { SEED } from "../../../support/splitters/segments.js";

const wordsOf = (text: string) => text.split(" ").map((word) => ({ text: word }));

/** Returns the words in the marked part of a text, `⟨…⟩`. */
const held = (marked: string, page: string): string => {
  const start = marked.indexOf("⟨");
  const text = marked.replace(/[⟨⟩]/g, "");
  const words = wordsOf(page);
  const alignment = new WordAlignment(text, words);
  return alignment
    .wordsIn({ start, end: marked.indexOf("⟩") - 1 })
    .map((word) => words[word]?.text)
    .join(" ");
};

describe("the words of a part of a text", () => {
  it.each([
    ["plain", "One two. ⟨Three four.⟩ Five.", "One two. Three four. Five.", "Three four."],
    [
      "hyphenated at a line's end",
      "It is ⟨international law⟩ here",
      "It is inter- national law here",
      "inter- national law",
    ],
    ["with a soft hyphen", "an ⟨agree\u00adment⟩ of", "an agree\u00ad ment of", "agree\u00ad ment"],
    ["cut within a hyphenated word", "all ⟨counter⟩parties sign", "all counter- parties sign", "counter-"],
    ["ligatures on the page", "the ⟨first office⟩ flow", "the ﬁrst oﬃce ﬂow", "ﬁrst oﬃce"],
    ["ligatures in the text", "the ⟨ﬁrst⟩ one", "the first one", "first"],
    ["full-width forms and accents", "ein ⟨ＡＢＣ café⟩ da", "ein ABC cafe\u0301 da", "ABC cafe\u0301"],
    ["other case", "see ⟨RESULTS⟩ below", "see Results below", "Results"],
    ["words run together", "a ⟨net debt⟩ of ten", "a netdebt of ten", "netdebt"],
    ["a word torn apart", "a ⟨multiple⟩ of ten", "a mul tiple of ten", "mul tiple"],
    ["emphasis", "a **⟨bold claim⟩** is", "a bold claim is", "bold claim"],
    ["a heading", "⟨## The results⟩\nare good", "The results are good", "The results"],
    [
      "a link",
      "see ⟨[the terms](https://a.example/the(1)/of?x=of)⟩ of use",
      "see the terms of use",
      "the terms",
    ],
    ["escapes", "for ⟨R&D \\*net\\*⟩ cost", "for R&D *net* cost", "R&D *net*"],
    ["a raised note", "is 1,204 ⟨[2]⟩ large", "is 1,204 ² large", "²"],
    ["a power", "of ⟨10^6⟩ tonnes", "of 106 tonnes", "106"],
    ["a lowered figure", "the ⟨CO2⟩ of it", "the CO₂ of it", "CO₂"],
    ["a bullet that the text lacks", "- one\n⟨- two⟩\n- three", "• one • two • three", "• two"],
    ["signs of their own", "up ⟨49.2 %⟩ to 50 %", "up 49.2 % to 50 %", "49.2 %"],
    ["a sign before the part", "up 49.2 % ⟨to 50⟩ %", "up 49.2 % to 50 %", "to 50"],
    ["misread letters", "The ⟨capacity contracts⟩ end", "Thc capaclty c0ntracls cnd", "capaclty c0ntracls"],
    [
      "a word misread beyond knowing",
      "The large ⟨indexed capacity contracts⟩ end",
      "The large ~~##~~ capacity contracts end",
      "~~##~~ capacity contracts",
    ],
    ["a formula", "⟨$$ROCE = \\frac{EBIT}{Assets}$$⟩ is", "ROCE = EBIT Assets is", "ROCE = EBIT Assets"],
    ["Chinese, a box for each character", "收入⟨增长⟩主要", "收 入 增 长 主 要", "增 长"],
    ["Chinese, a box for each run", "收入⟨增长主要⟩来自", "收入 增长主要 来自", "增长主要"],
    ["words that the text lacks", "The end ⟨is near⟩ now", "1 The 2 end is near 3 now", "is near"],
  ])("are found: %s", (_name, marked, page, expected) => {
    expect(held(marked, page)).toBe(expected);
  });

  it("belong to the right repetition of a text", () => {
    const text = "Revenue rose. Costs fell. Revenue rose. Costs rose. Revenue rose. Costs fell.";
    const words = wordsOf(text);
    const alignment = new WordAlignment(text, words);
    for (const [index, { index: start }] of [...text.matchAll(/Revenue rose\./g)].entries())
      expect(alignment.wordsIn({ start, end: start + 13 })).toEqual([index * 4, index * 4 + 1]);
  });

  it("are found when the page was read in another order", () => {
    const left = "The left column speaks of capacity contracts and of balancing services.";
    const right = "The right column lists every incident that was reported to regulators.";
    const words = wordsOf(`${right} ${left}`);
    const alignment = new WordAlignment(`${left} ${right}`, words);
    const texts = (range: { start: number; end: number }) =>
      alignment
        .wordsIn(range)
        .map((word) => words[word]?.text)
        .join(" ");
    expect(texts({ start: 0, end: left.length })).toBe(left);
    expect(texts({ start: left.length + 1, end: left.length + 1 + right.length })).toBe(right);
  });

  it("include the neighbours of a mark that prints nothing itself", () => {
    const alignment = new WordAlignment("*one two.* three", wordsOf("one two. three"));
    expect(alignment.wordsIn({ start: 9, end: 10 })).toEqual([1]);
    expect(alignment.wordsIn({ start: 0, end: 1 })).toEqual([0]);
  });
});

describe("the share of a text that its words cover", () => {
  const share = (text: string, page: string, usable: (word: number) => boolean = () => true): number => {
    const range = { start: 0, end: text.length };
    const { all, covered } = new WordAlignment(text, wordsOf(page)).lettersIn(range, usable);
    return covered / all;
  };

  it("is 1 for the same text in any layout and markup", () => {
    expect(share("## A **bold** international law", "A bold inter- national law")).toBe(1);
  });

  it("is lowered by missing and unusable words, but not by misread ones", () => {
    expect(share("The capacity contracts end", "The capac1ty c0ntracts end")).toBe(1);
    expect(share("four five five four", "four five four")).toBeCloseTo(12 / 16);
    expect(share("four five", "four five", (word) => word !== 1)).toBeCloseTo(1 / 2);
  });

  it("is small for a text that says something else", () => {
    expect(
      share("Risk matrix with five labelled points", "Likelihood Impact Price Supply Cyber Weather"),
    ).toBeLessThan(0.5);
  });
});

const word = fc.string({ unit: fc.constantFrom(..."abcdefg"), minLength: 1, maxLength: 9 });
const wordList = fc.array(word, { minLength: 1, maxLength: 60 });

describe(`any text (seed ${SEED})`, () => {
  it("gives the words of the whole text and of any range, in order", () => {
    fc.assert(
      fc.property(
        wordList,
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 0, max: 59 }),
        (list, a, b) => {
          const text = list.join(" ");
          const alignment = new WordAlignment(text, wordsOf(text));
          const all = list.map((_, index) => index);
          expect(alignment.wordsIn({ start: 0, end: text.length })).toEqual(all);
          const [from, to] = [Math.min(a, b), Math.min(Math.max(a, b), list.length - 1)];
          const start = list.slice(0, from).join(" ").length + (from > 0 ? 1 : 0);
          const end = list.slice(0, to + 1).join(" ").length;
          if (from <= to) expect(alignment.wordsIn({ start, end })).toEqual(all.slice(from, to + 1));
        },
      ),
      { seed: SEED },
    );
  });

  it("keeps the order of its words when the page was read in that order, misread words included", () => {
    const misread = fc.tuple(word, fc.constantFrom("", "x", "lost", "torn"));
    fc.assert(
      fc.property(fc.array(misread, { minLength: 1, maxLength: 40 }), (list) => {
        const text = list.map(([each]) => each).join(" ");
        const page = list.flatMap(([each, way]) => {
          if (way === "lost") return [];
          if (way === "torn" && each.length > 1) return [each.slice(0, 1), each.slice(1)];
          return [way === "x" ? `${each.slice(0, -1)}x` : each];
        });
        const { placed } = new WordAlignment(
          text,
          page.map((each) => ({ text: each })),
        );
        // A unique passage may be moved; these texts are too short for that to happen by chance.
        const inOrder = placed.toSorted((one, two) => one.word - two.word);
        for (const [index, each] of inOrder.entries()) {
          expect(each.start).toBeGreaterThanOrEqual(inOrder[index - 1]?.start ?? 0);
          expect(each.end).toBeLessThanOrEqual(text.length);
        }
      }),
      { seed: SEED },
    );
  });

  it("is aligned in a number of steps proportional to its length, also in many parts", () => {
    const steps = [500, 4000].map((sentences) => {
      const text = Array.from(
        { length: sentences },
        (_, index) => `Sentence ${index} is like the others.`,
      ).join(" ");
      const words = wordsOf(text.replace(/like/g, "l1ke"));
      return new WordAlignment(text, words).steps / text.length;
    });
    expect(steps[1]).toBeLessThan((steps[0] ?? 0) * 1.5);
  });
});
