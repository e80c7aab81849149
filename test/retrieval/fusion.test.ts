import { describe, expect, it } from "vitest";
import { fuse } from "../../src/retrieval/fusion.js";
import type { SearchHit } from "../../src/stores/sink.js";
import { metadataOf } from "../support/sink-data.js";

const hits = (scores: Record<string, number>): SearchHit[] =>
  Object.entries(scores).map(([id, score]) => ({ id, score, content: id, metadata: metadataOf() }));
const scoresOf = (fused: readonly SearchHit[]) => fused.map(({ id, score }) => [id, score]);

describe("fusing the hits by vector and by words", () => {
  it("scales cosines from the least to the best, and BM25 from 0 to the best", () => {
    const fused = fuse(hits({ a: 0.9, b: 0.8, c: 0.7 }), hits({ b: 8, d: 2 }), { denseShare: 0.25 });
    expect(fused.map(({ id }) => id)).toEqual(["b", "a", "d", "c"]);
    expect(fused.map(({ score }) => score)).toEqual([
      expect.closeTo(0.25 * 0.5 + 0.75, 10),
      expect.closeTo(0.25, 10),
      expect.closeTo(0.75 * 0.25, 10),
      0,
    ]);
  });

  it("does not depend on the range of either score", () => {
    const settings = { denseShare: 0.4 };
    const [dense, text] = [
      { a: 0.9, b: 0.5, c: 0.1 },
      { c: 10, b: 4 },
    ];
    const shifted = { a: 0.59, b: 0.55, c: 0.51 };
    const scaled = { c: 1, b: 0.4 };
    const order = (fused: readonly SearchHit[]) => fused.map(({ id }) => id);
    expect(order(fuse(hits(shifted), hits(scaled), settings))).toEqual(
      order(fuse(hits(dense), hits(text), settings)),
    );
  });

  it.each([
    [0, ["b", "a"]],
    [1, ["a", "b"]],
  ])("has the order of one search with a share of %d", (denseShare, expected) => {
    const fused = fuse(hits({ a: 0.9, b: 0.1 }), hits({ b: 3, a: 1 }), { denseShare });
    expect(fused.map(({ id }) => id)).toEqual(expected);
  });

  it("keeps the order of the only list", () => {
    const list = { z: 0.9, m: 0.5, a: 0.1 };
    expect(fuse(hits(list), [], { denseShare: 0.2 }).map(({ id }) => id)).toEqual(["z", "m", "a"]);
    expect(fuse([], hits(list), { denseShare: 0.2 }).map(({ id }) => id)).toEqual(["z", "m", "a"]);
    expect(fuse([], [], { denseShare: 0.2 })).toEqual([]);
  });

  it("gives equal hits the full score, in the order of their ids", () => {
    expect(scoresOf(fuse(hits({ b: 0.5, a: 0.5 }), [], { denseShare: 0.2 }))).toEqual([
      ["a", 0.2],
      ["b", 0.2],
    ]);
  });
});
