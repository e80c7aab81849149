import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasSameLetters } from "../../../../src/splitters/boxes/alignment/normalized-text.js";
import { WordAlignment } from "../../../../src/splitters/boxes/alignment/word-alignment.js";
import { SEED } from "../../../support/splitters/segments.js";
import { cases } from "../../../support/thorough.js";

const wordsOf = (page: string) => page.split(" ").map((text) => ({ text }));

describe("a text with the same letters as words", () => {
  it.each([
    ["the same", "One two. Three", "One two. Three"],
    ["another case, hyphens and markup", "## A **bold** agreement", "A BOLD agree- ment"],
    ["other signs", "- one (1)", "• one 1 %"],
    ["combining accents", "café", "cafe\u0301"],
    ["the same rare characters", "the ﬁrst ½", "the ﬁrst ½"],
    ["no spaces", "收入增长", "收 入 增长"],
  ])("is recognised: %s", (_name, text, page) => {
    expect(hasSameLetters(text, page.replaceAll(" ", ""))).toBe(true);
  });

  it.each([
    ["words lack a letter", "One two", "One tw"],
    ["words have one more", "One tw", "One two"],
    ["words are in another order", "One two", "two One"],
    ["there are more words", "One two", "One two three"],
    ["there are fewer words", "One two three", "One two"],
  ])("is not recognised where %s", (_name, text, page) => {
    expect(hasSameLetters(text, page.replaceAll(" ", ""))).toBe(false);
  });
});

/** Letters, signs, markup, ligatures, characters of several letters, and halves of characters. */
const unit = fc.constantFrom(..."aAbB1é-%.•ﬁ½²入$", "e\u0301", "<", "&", "](x)", "\\frac", "𝐀", "\ud835");
const changed = fc.tuple(
  fc.array(unit, { maxLength: 4 }).map((units) => units.join("")),
  fc.constantFrom("", "", "", "", "upper", "torn", "sign", "lost"),
);

it(`a text with the same letters as words contains all of them (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(changed, { minLength: 1, maxLength: 8 }), (list) => {
      const text = list.map(([each]) => each).join(" ");
      const words = list.flatMap(([each, way]): { text: string }[] => {
        if (way === "lost") return [];
        if (way === "torn") return wordsOf(`${each.slice(0, 1)} ${each.slice(1)}`);
        return wordsOf(way === "upper" ? each.toUpperCase() : way === "sign" ? `${each}-` : each);
      });
      if (text === "" || !hasSameLetters(text, words.map((word) => word.text).join(""))) return;
      const whole = { start: 0, end: text.length };
      const alignment = new WordAlignment(text, words);
      const { all, covered } = alignment.lettersIn(whole, () => true);
      expect(covered).toBe(all);
      expect(alignment.wordsIn(whole)).toEqual(words.map((_, index) => index));
    }),
    { seed: SEED, numRuns: cases(2000) },
  );
});
