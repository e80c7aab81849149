import { expect, it } from "vitest";
import { scoreRank } from "../../../src/retrieval/evaluate/metrics.js";
import { estimate, estimateShare } from "../../../src/retrieval/evaluate/statistics.js";

it("scores the rank of the first hit with the evidence", () => {
  expect(scoreRank(1)).toEqual({ "hit@1": 1, "hit@5": 1, "hit@10": 1, MRR: 1 });
  expect(scoreRank(6)).toEqual({ "hit@1": 0, "hit@5": 0, "hit@10": 1, MRR: 1 / 6 });
  expect(scoreRank(11)).toEqual({ "hit@1": 0, "hit@5": 0, "hit@10": 0, MRR: 0 });
  expect(scoreRank(undefined)).toEqual({ "hit@1": 0, "hit@5": 0, "hit@10": 0, MRR: 0 });
});

it("gives the interval of Wilson for a share", () => {
  // Published example: 81 of 263 has the interval 0.2553 to 0.3662.
  const values = Array.from({ length: 263 }, (_, at) => Number(at < 81));
  const { mean, low, high } = estimateShare(values);
  expect(mean).toBeCloseTo(81 / 263, 10);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
});

it("keeps some doubt when all of a few questions succeed", () => {
  const { low, high } = estimateShare([1, 1, 1, 1]);
  expect(low).toBeLessThan(0.6);
  expect(high).toBe(1);
  expect(estimateShare([0, 0, 0, 0]).low).toBe(0);
});

it("gives a wider interval for more confidence, and the same for the same seed", () => {
  const values = Array.from({ length: 60 }, (_, at) => (at % 3) / 2);
  const usual = estimate([values], 5);
  expect(estimate([values], 5)).toEqual(usual);
  const careful = estimate([values], 5, 0.99);
  expect(careful.low).toBeLessThan(usual.low);
  expect(careful.high).toBeGreaterThan(usual.high);
});
