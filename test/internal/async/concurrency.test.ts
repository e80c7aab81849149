import { describe, expect, it } from "vitest";
import { forEachConcurrently } from "../../../src/internal/async/concurrency.js";

describe("forEachConcurrently", () => {
  it("works on every item, never on more than the limit at once", async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await forEachConcurrently(
      Array.from({ length: 25 }, (_, index) => index),
      4,
      async (item) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        done.push(item);
      },
    );
    expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(most).toBe(4);
  });

  it("waits for running work before it rejects, and takes no further item", async () => {
    const finished: number[] = [];
    const run = forEachConcurrently([1, 2, 3, 4, 5, 6], 2, async (item) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (item === 1) throw new Error("first");
      await new Promise((resolve) => setImmediate(resolve));
      finished.push(item);
    });
    await expect(run).rejects.toThrow("first");
    expect(finished).toEqual([2]);
  });

  it("takes more items when the running ones turn out to be small", async () => {
    let running = 0;
    let most = 0;
    await forEachConcurrently(Array(12).fill(0.25), 2, async (weight: number, permit) => {
      running += 1;
      most = Math.max(most, running);
      permit.shrinkTo(weight);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    // The size of an item is known only after it has begun, so it needs a whole permit.
    expect(most).toBe(5);
  });

  it("ends at once when its signal aborts while it waits for a permit, and lets running work end", async () => {
    const controller = new AbortController();
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const begun: number[] = [];
    const ended: number[] = [];
    const run = forEachConcurrently(
      [1, 2, 3],
      1,
      async (item) => {
        begun.push(item);
        await gate;
        ended.push(item);
      },
      controller.signal,
    );
    const failure = run.catch((thrown: unknown) => thrown);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect([begun, ended]).toEqual([[1], []]);
    open();
    expect(await failure).toMatchObject({ code: "ABORTED" });
    expect([begun, ended]).toEqual([[1], [1]]);
  });
});
