import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alignByEditDistance } from "../../../../src/splitters/boxes/alignment/edit-distance.js";
import { alignTexts } from "../../../../src/splitters/boxes/alignment/text-alignment.js";
import { SEED } from "../../../support/splitters/segments.js";
import { cases } from "../../../support/thorough.js";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), maxLength: 60 });

/** Shows for each character of the first text the linked one of the second, or a dot. */
const shown = (a: string, b: string): string =>
  Array.from(alignTexts(a, b).to, (other) => (other < 0 ? "." : b.charAt(other))).join("");

describe(`comparing by edit distance (seed ${SEED})`, () => {
  it("pairs each position at most once, in order", () => {
    fc.assert(
      fc.property(letters, letters, fc.integer({ min: 1, max: 80 }), (a, b, band) => {
        const { pairs } = alignByEditDistance(a, b, band);
        for (const [index, [x, y]] of pairs.entries()) {
          const [beforeX, beforeY] = pairs[index - 1] ?? [-1, -1];
          expect(x > beforeX && y > beforeY && x < a.length && y < b.length).toBe(true);
        }
      }),
      { seed: SEED },
    );
  });

  it("costs no more than the result of a plain computation", () => {
    /** Computes the lowest cost by recursion from both ends; opening a gap costs more than extending it. */
    const leastCost = (a: string, b: string): number => {
      const known = new Map<string, number>();
      const cost = (x: number, y: number, inGap: boolean): number => {
        if (x === 0 && y === 0) return inGap ? Number.POSITIVE_INFINITY : 0;
        const key = `${x} ${y} ${inGap}`;
        const before = known.get(key);
        if (before !== undefined) return before;
        let least = Number.POSITIVE_INFINITY;
        if (!inGap && x > 0 && y > 0) {
          const own = a[x - 1] === b[y - 1] ? 0 : 2;
          least = own + Math.min(cost(x - 1, y - 1, false), cost(x - 1, y - 1, true));
        }
        if (inGap) {
          for (const [one, other] of [
            [x - 1, y],
            [x, y - 1],
          ] as const)
            if (one >= 0 && other >= 0)
              least = Math.min(least, cost(one, other, false) + 2, cost(one, other, true) + 1);
        }
        known.set(key, least);
        return least;
      };
      return Math.min(cost(a.length, b.length, false), cost(a.length, b.length, true));
    };
    const costOf = (a: string, b: string, pairs: readonly [number, number][]): number => {
      let sum = 0;
      let [x, y] = [-1, -1];
      for (const [nextX, nextY] of [...pairs, [a.length, b.length] as const]) {
        const gap = nextX - x - 1 + (nextY - y - 1);
        if (gap > 0) sum += 2 + (gap - 1);
        if (nextX < a.length && a[nextX] !== b[nextY]) sum += 2;
        [x, y] = [nextX, nextY];
      }
      return sum;
    };
    const short = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 14 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        expect(costOf(a, b, alignByEditDistance(a, b, Number.POSITIVE_INFINITY).pairs)).toBe(leastCost(a, b));
      }),
      { seed: SEED, numRuns: cases(300) },
    );
  });
});

describe(`aligning texts (seed ${SEED})`, () => {
  it("links equal texts position by position", () => {
    fc.assert(
      fc.property(letters, (text) => {
        expect(shown(text, text)).toBe(text);
      }),
      { seed: SEED },
    );
  });

  it("never links a character twice", () => {
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        const linked = [...alignTexts(a, b).to].filter((other) => other >= 0);
        expect(new Set(linked).size).toBe(linked.length);
      }),
      { seed: SEED },
    );
  });

  it("finds text that is missing on either side, and text that was misread", () => {
    expect(shown("thequickbrownfox", "thequickfox")).toBe("thequick.....fox");
    expect(shown("thequickfox", "thequickbrownfox")).toBe("thequickfox");
    expect(shown("thequickbrownfoxjumps", "thequ1ckbr0wnfoxjumps")).toBe("thequ1ckbr0wnfoxjumps");
  });

  it("finds whole blocks in another order", () => {
    const [one, two, three] = [
      "alphabetagammadeltaepsilon",
      "onetwothreefourfivesix",
      "northsoutheastwestbeyond",
    ];
    const text = one + two + three;
    expect(shown(text, three + one + two)).toBe(text);
    expect(shown(text, two + one + three)).toBe(text);
  });

  it("does not confuse the occurrences of a repeated phrase", () => {
    const phrase = "thesamewordsonceagain";
    const a = `first${phrase}second${phrase}third${phrase}`;
    const b = `first${phrase}third${phrase}`;
    const { to } = alignTexts(a, b);
    const third = a.indexOf("third");
    expect(Array.from(to.slice(third), (other) => other)).toEqual(
      Array.from({ length: a.length - third }, (_, index) => b.indexOf("third") + index),
    );
  });

  const clean = (length: number) =>
    Array.from({ length }, (_, index) => ((index * 7919) % 9973).toString(36)).join("");
  it.each<[string, (length: number) => [string, string]]>([
    ["misread now and then", (length) => [clean(length), clean(length).replace(/z/g, "~")]],
    ["in another order", (length) => [clean(length), clean(length).slice(999) + clean(length).slice(0, 999)]],
    ["the same over and over", (length) => ["ab".repeat(length), `b${"ab".repeat(length)}c`]],
    ["of something else", (length) => ["abc".repeat(length), "xyz".repeat(length)]],
    ["much longer on one side", (length) => [clean(length), "a".repeat(40)]],
  ])("takes steps in proportion to the length: %s", (_name, texts) => {
    const perCharacter = [1000, 4000, 16_000].map((length) => {
      const [a, b] = texts(length);
      return alignTexts(a, b).steps / (a.length + b.length);
    });
    const [first = 0, ...others] = perCharacter;
    for (const each of others) expect(each).toBeLessThanOrEqual(Math.max(first * 1.5, 260));
  });
});
