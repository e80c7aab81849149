import { describe, expect, it } from "vitest";
import { gatherTurn } from "../../../src/internal/async/gather.js";

describe("gatherTurn", () => {
  it("makes one call for those of a turn, and returns each its own result", async () => {
    const calls: number[][] = [];
    const double = gatherTurn(async (items: readonly number[]) => {
      calls.push([...items]);
      return items.map((item) => item * 2);
    });
    expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6]);
    expect(await double(4)).toBe(8);
    expect(calls).toEqual([[1, 2, 3], [4]]);
  });

  it("fails every call of a turn that fails, and none of the next", async () => {
    let fails = true;
    const call = gatherTurn(async (items: readonly string[]) => {
      if (fails) throw new Error("refused");
      return items;
    });
    const outcomes = await Promise.allSettled(["a", "b"].map(call));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fails = false;
    expect(await call("c")).toBe("c");
  });
});
