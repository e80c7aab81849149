import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wellFormedJson } from "../../../src/internal/text/well-formed.js";
import { cases } from "../../support/thorough.js";

const SEED = Math.floor(Math.random() * 2 ** 31);

const text = fc
  .array(fc.constantFrom("\ud83d", "\ude00", "\\", "u", "d83d", '"', "\n", "\u0001", "é", "😀"))
  .map((parts) => parts.join(""));

describe("wellFormedJson", () => {
  it(`replaces lone surrogates in values and keys, and nothing else (seed ${SEED})`, () => {
    fc.assert(
      fc.property(text, text, (key, value) => {
        const json = wellFormedJson(JSON.stringify({ [key]: [value] }));
        expect(JSON.parse(json)).toEqual({ [key.toWellFormed()]: [value.toWellFormed()] });
        expect(json.isWellFormed()).toBe(true);
      }),
      { seed: SEED, numRuns: cases(2_000) },
    );
  });
});
