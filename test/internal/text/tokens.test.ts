import fc from "fast-check";
import { countTokens as countCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { describe, expect, it } from "vitest";
import { countTokens } from "../../../src/internal/text/tokens.js";
import { cases, isLeftOut, SHARE_SEED } from "../../support/thorough.js";

const byTokenizer = (text: string): number => countCl100k(text, { disallowedSpecial: new Set() });

/** Characters that the pattern of the encoding distinguishes, and similar ones. */
const PIECES = [
  ..."aZéſªµ×÷中ا१²½Ⅷ.,|-'’\u0301\u200b\u0085",
  ...[" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2028", "\u3000", "\ufeff"],
  ...["'s", "'LL", "'r", "'ve", "7", "42", "2025", "word", " word", "Größe", "ledgerx1"],
  ...["🙂", "𝐀", "\ud800", "\udc00", "<|endoftext|>"],
];

/** Blocks of thousands of characters that the pattern does not distinguish: ideographs, syllables, private use. */
const isUniform = (code: number): boolean =>
  (code >= 0x3400 && code < 0xa000) || (code >= 0xac00 && code < 0xd790) || (code >= 0xe000 && code < 0xf8f0);

describe(`tokens (seed ${SHARE_SEED})`, () => {
  it("are counted as by the tokenizer", () => {
    const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 16 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: "binary", maxLength: 40 })), (text) => {
        expect(countTokens(text)).toBe(byTokenizer(text));
      }),
      { numRuns: cases(2_000) },
    );
  });

  it("are counted so for every character, of large blocks every sixteenth, at the end and between others", () => {
    const wrong: string[] = [];
    for (let code = 0; code < 0x1_0000; code += isUniform(code) ? 16 : 1) {
      if (isLeftOut(isUniform(code) ? code / 16 : code, 4)) continue;
      const character = String.fromCharCode(code);
      const text = `${character}a${character}b ${character}${character} 1`;
      if (countTokens(text) !== byTokenizer(text)) wrong.push(`U+${code.toString(16)}`);
    }
    expect(wrong).toEqual([]);
  });

  it("are one token for up to three digits", () => {
    const numbers = Array.from({ length: 1000 }, (_, number) => [
      `${number}`,
      `${number}`.padStart(2, "0"),
      `${number}`.padStart(3, "0"),
    ]);
    expect(numbers.flat().filter((number) => byTokenizer(number) !== 1)).toEqual([]);
  });

  it("are counted exactly up to the longest unbroken run, and in pieces beyond it", () => {
    for (const fill of ["ab", ".", "\n", " "]) {
      const run = fill.repeat(512).slice(0, 512);
      for (const before of [0, 1, 511, 512, 700]) {
        const opening = "a word. ".repeat(100).slice(0, before).trim();
        const gap = fill.trim() === "" ? "" : " ";
        const text = `${opening}${gap}${run}`;
        expect(countTokens(text), `${before} before ${JSON.stringify(fill)}`).toBe(byTokenizer(text));
        const cut = opening === "" && gap === "" ? "" : `${opening}${gap}`;
        const longer = `${cut}${run}${fill.charAt(0)}`;
        const inPieces = byTokenizer(cut) + byTokenizer(run) + byTokenizer(fill.charAt(0));
        expect(countTokens(longer), `${before} before a longer ${JSON.stringify(fill)}`).toBe(inPieces);
      }
    }
  });
});
