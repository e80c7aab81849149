import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { showsJust } from "../../../src/splitters/boxes/normalized-text.js";
import { WordAlignment } from "../../../src/splitters/boxes/word-alignment.js";
import { SEED } from "../segments.js";

const wordsOf = (page: string) => page.split(" ").map((text) => ({ text }));

describe("a text shows just the ink of words", () => {
  it.each([
    ["that are the same", "One two. Three", "One two. Three"],
    ["in another case, hyphenated, marked", "## A **bold** agreement", "A BOLD agree- ment"],
    ["with signs it lacks, and without some of its own", "- one (1)", "• one 1 %"],
    ["with accents taken apart", "café", "cafe\u0301"],
    ["with the same rare characters", "the ﬁrst ½", "the ﬁrst ½"],
    ["without spaces between them", "收入增长", "收 入 增长"],
  ])("%s", (_name, text, page) => {
    expect(showsJust(text, page.replaceAll(" ", ""))).toBe(true);
  });

  it.each([
    ["lack a letter", "One two", "One tw"],
    ["have one more", "One tw", "One two"],
    ["come in another order", "One two", "two One"],
    ["are more", "One two", "One two three"],
    ["are fewer", "One two three", "One two"],
  ])("not when they %s", (_name, text, page) => {
    expect(showsJust(text, page.replaceAll(" ", ""))).toBe(false);
  });
});

/** Letters, signs, markup, ligatures, characters of several letters, and halves of characters. */
const unit = fc.constantFrom(
  ..."aAbB1é-%.•ﬁ½²入$",
  "e\u0301",
  "<b>",
  "&amp;",
  "](x)",
  "\\frac",
  "𝐀",
  "\ud835",
);
const changed = fc.tuple(
  fc.array(unit, { maxLength: 4 }).map((units) => units.join("")),
  fc.constantFrom("", "", "", "", "upper", "torn", "sign", "lost"),
);

it(`what shows just the ink of words holds all of them (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(changed, { minLength: 1, maxLength: 8 }), (list) => {
      const text = list.map(([each]) => each).join(" ");
      const words = list.flatMap(([each, way]): { text: string }[] => {
        if (way === "lost") return [];
        if (way === "torn") return wordsOf(`${each.slice(0, 1)} ${each.slice(1)}`);
        return wordsOf(way === "upper" ? each.toUpperCase() : way === "sign" ? `${each}-` : each);
      });
      if (text === "" || !showsJust(text, words.map((word) => word.text).join(""))) return;
      const whole = { start: 0, end: text.length };
      const alignment = new WordAlignment(text, words);
      const { all, covered } = alignment.lettersIn(whole, () => true);
      expect(covered).toBe(all);
      expect(alignment.wordsIn(whole)).toEqual(words.map((_, index) => index));
    }),
    { seed: SEED, numRuns: 2000 },
  );
});
