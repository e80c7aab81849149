import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestMatching, type Candidate } from "../../../src/splitters/captions/bipartite-matching.js";
import { SEED } from "../../support/splitters/segments.js";
import { cases } from "../../support/thorough.js";

const pair = (from: string, to: string, score: number): Candidate<string, string> => ({ from, to, score });
const names = (pairs: Candidate<string, string>[]): string[] => pairs.map(({ from, to }) => from + to).sort();
const total = (pairs: readonly { score: number }[]): number =>
  pairs.reduce((sum, { score }) => sum + score, 0);

/** Tries every possible matching. */
const greatest = (rest: readonly Candidate<number, number>[]): number => {
  const [first, ...others] = rest;
  if (!first) return 0;
  const free = others.filter(({ from, to }) => from !== first.from && to !== first.to);
  return Math.max(greatest(others), first.score + greatest(free));
};

describe("the best matching", () => {
  it("drops the best pair when two other pairs are worth more", () => {
    expect(names(bestMatching([pair("a", "x", 0.6), pair("a", "y", 0.9), pair("b", "y", 0.7)]))).toEqual([
      "ax",
      "by",
    ]);
    expect(names(bestMatching([pair("a", "x", 0.1), pair("a", "y", 0.9), pair("b", "y", 0.7)]))).toEqual([
      "ay",
    ]);
  });

  it("prefers the first of equal pairs, and is empty for no pairs", () => {
    expect(names(bestMatching([pair("a", "x", 0.5), pair("a", "y", 0.5)]))).toEqual(["ax"]);
    expect(bestMatching([])).toEqual([]);
  });

  it("is found in a large graph, because each search stays near its start", () => {
    const steps = [0, 1, 2, -1, -2, 3, -3];
    const band = Array.from({ length: 20_000 }, (_, from) =>
      steps.map((step) => ({ from, to: `${from + step}`, score: 1 - Math.abs(step) / 10 })),
    );
    const pairs = bestMatching(band.flat());
    expect(pairs.length).toBe(20_000);
    expect(pairs.filter(({ from, to }) => String(from) !== to)).toEqual([]);
  });

  it(`is as good as the best of all possible matchings (seed ${SEED})`, () => {
    const node = fc.integer({ min: 0, max: 4 });
    const candidate = fc.record({
      from: node,
      to: node,
      score: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    const key = ({ from, to }: { from: number; to: number }) => `${from} ${to}`;
    const graph = fc.uniqueArray(candidate, { maxLength: 13, selector: key });
    fc.assert(
      fc.property(graph, (candidates) => {
        const pairs = bestMatching(candidates);
        expect(new Set(pairs.map(({ from }) => from)).size).toBe(pairs.length);
        expect(new Set(pairs.map(({ to }) => to)).size).toBe(pairs.length);
        for (const each of pairs) expect(candidates).toContain(each);
        expect(total(pairs)).toBeCloseTo(greatest(candidates), 9);
      }),
      { seed: SEED, numRuns: cases(300) },
    );
  });
});
