import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countTokens } from "../../../src/internal/text/tokens.js";
import { cutText } from "../../../src/splitters/text/cut-text.js";
import { sentences } from "../../../src/splitters/text/sentences.js";
import { SEED } from "../../support/splitters/segments.js";
import { cases } from "../../support/thorough.js";

const length = (text: string): number => text.length;

const cut = (text: string, limit: number, overlap = 0, count = length): string[] =>
  cutText(text, { first: limit, rest: limit, overlap, count }).map(({ start, end }) =>
    text.slice(start, end),
  );

const sentencesOf = (text: string): string[] =>
  [...sentences(text)].map(({ start, end }) => text.slice(start, end).trim());

describe("sentences", () => {
  it("end at full stops and line ends, not at abbreviations or within a wrapped sentence", () => {
    expect(sentencesOf("See Fig. 3 and Dr. Smith. It rose\nby 3.5 percent, e.g. Here.\nNext line")).toEqual([
      "See Fig. 3 and Dr. Smith.",
      "It rose\nby 3.5 percent, e.g. Here.",
      "Next line",
    ]);
  });

  it("are found in Chinese and Japanese, which have no spaces", () => {
    expect(sentencesOf("今日は晴れ。明日は雨。")).toEqual(["今日は晴れ。", "明日は雨。"]);
  });

  it("cover a long text without gaps", () => {
    const text = "Sentence number one is here. ".repeat(20_000);
    let end = 0;
    let found = 0;
    for (const sentence of sentences(text)) {
      expect(sentence.start === end).toBe(true);
      end = sentence.end;
      found += 1;
    }
    expect(end).toBe(text.length);
    expect(found).toBe(20_000);
  });
});

describe("cutting text", () => {
  it("cuts at sentence ends", () => {
    expect(cut("One two. Three four. Five.", 24)).toEqual(["One two. Three four. ", "Five."]);
  });

  it("repeats whole sentences up to the size of the overlap", () => {
    expect(cut("Aa aa. Bb bb. Cc cc. Dd dd.", 17, 8)).toEqual([
      "Aa aa. Bb bb. ",
      "Bb bb. Cc cc. ",
      "Cc cc. Dd dd.",
    ]);
  });

  it("cuts a sentence that is too long at a clause, otherwise between words", () => {
    expect(cut("one two three four, five six seven", 26)).toEqual(["one two three four,", " five six seven"]);
    expect(cut("It grew by 1,204,000,000", 14)).toEqual(["It grew by ", "1,204,000,000"]);
    expect(cut("one two three four five six seven", 26).every((part) => /^ ?\w+( \w+)* ?$/.test(part))).toBe(
      true,
    );
  });

  it("never cuts a character in two", () => {
    for (const part of cut("😀".repeat(50), 8)) expect(part).toMatch(/^(?:😀)+$/u);
    for (const part of cut("😀".repeat(50), 8, 0, countTokens)) expect(part).toMatch(/^(?:😀)+$/u);
  });

  it(`returns the whole text in parts within the limit (seed ${SEED})`, () => {
    const words = fc.constantFrom(
      "the",
      "end.",
      "Next",
      "1,204",
      "\n",
      "\n\n",
      "😀😀",
      "x".repeat(90),
      "漢字。",
      "a;",
      "<|endoftext|>",
    );
    const texts = fc.oneof(
      fc.array(words, { minLength: 1, maxLength: 120 }).map((list) => list.join(" ")),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 400 }),
    );
    fc.assert(
      fc.property(
        texts,
        fc.integer({ min: 12, max: 60 }),
        fc.integer({ min: 0, max: 6 }),
        (text, limit, overlap) => {
          const parts = cutText(text, { first: limit, rest: limit, overlap, count: countTokens });
          expect(parts.map(({ fresh, end }) => text.slice(fresh, end)).join("")).toBe(text);
          for (const { start, fresh, end } of parts) {
            expect(start).toBeLessThanOrEqual(fresh);
            expect(countTokens(text.slice(start, end).trim())).toBeLessThanOrEqual(limit);
            expect(countTokens(text.slice(start, fresh))).toBeLessThanOrEqual(overlap + 1);
          }
        },
      ),
      { seed: SEED, numRuns: cases(200) },
    );
  });

  it("cuts a megabyte without a single space, counting each character at most 20 times", () => {
    const text = "x9".repeat(500_000);
    let counted = 0;
    const count = (part: string): number => {
      counted += part.length;
      return countTokens(part);
    };
    const parts = cutText(text, { first: 400, rest: 400, overlap: 40, count });
    expect(parts.at(-1)?.end).toBe(text.length);
    expect(counted / text.length).toBeLessThanOrEqual(20);
  });
});
