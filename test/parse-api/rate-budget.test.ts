import { describe, expect, it } from "vitest";
import { SlidingWindowBudget } from "../../src/parse-api/rate-budget.js";
import { ManualClock } from "../support/manual-clock.js";
import { errorOf } from "../support/parse-service.js";

describe("the sliding window", () => {
  it("never lets more through in any window, however many ask at once", async () => {
    const clock = new ManualClock();
    const budget = new SlidingWindowBudget({ clock, limits: { poll: { requests: 5, windowMs: 1_000 } } });
    const sent: number[] = [];
    await Promise.all(
      Array.from({ length: 23 }, async () => {
        await budget.acquire("poll");
        sent.push(clock.now());
      }),
    );
    expect(sent).toHaveLength(23);
    for (const at of sent)
      expect(sent.filter((other) => other > at - 1_000 && other <= at).length).toBeLessThanOrEqual(5);
    expect(Math.max(...sent) - Math.min(...sent)).toBe(4_000);
  });

  it("slides: a request leaves it one window after it was sent", async () => {
    const clock = new ManualClock();
    const budget = new SlidingWindowBudget({ clock, limits: { submit: { requests: 2, windowMs: 1_000 } } });
    await budget.acquire("submit");
    clock.advance(700);
    await budget.acquire("submit");
    await budget.acquire("submit");
    await budget.acquire("submit");
    expect(clock.waits).toEqual([300, 700]);
  });

  it("limits submissions to 60 in 60 seconds and nothing else by default", async () => {
    const clock = new ManualClock();
    const budget = new SlidingWindowBudget({ clock });
    for (let count = 0; count < 200; count++) {
      await budget.acquire("poll");
      await budget.acquire("fetch");
    }
    for (let count = 0; count < 60; count++) await budget.acquire("submit");
    expect(clock.waits).toEqual([]);
    await budget.acquire("submit");
    expect(clock.waits).toEqual([60_000]);
  });

  it("pauses every kind when the service says so, for the longest time it said", async () => {
    const clock = new ManualClock();
    const budget = new SlidingWindowBudget({ clock });
    budget.throttled(9_000);
    budget.throttled(2_000);
    await budget.acquire("fetch");
    expect(clock.waits).toEqual([9_000]);
    budget.throttled();
    await budget.acquire("poll");
    expect(clock.waits).toEqual([9_000, 1_000]);
  });

  it("stops waiting when aborted", async () => {
    const budget = new SlidingWindowBudget({ clock: new ManualClock() });
    budget.throttled(60_000);
    expect((await errorOf(budget.acquire("poll", AbortSignal.abort()))).code).toBe("ABORTED");
  });
});
