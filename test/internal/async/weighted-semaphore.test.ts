import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WeightedSemaphore } from "../../../src/internal/async/weighted-semaphore.js";
import { cases } from "../../support/thorough.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("WeightedSemaphore", () => {
  it("serves large work before small work that came later, and returns each weight once", async () => {
    const semaphore = new WeightedSemaphore(1);
    const acquired: string[] = [];
    const acquire = async (name: string, weight: number) => {
      const permit = await semaphore.acquire({ weight });
      acquired.push(name);
      return permit;
    };
    const half = await acquire("half", 0.5);
    const whole = acquire("whole", 1);
    const small = acquire("small", 0.25);
    await turn();
    expect(acquired).toEqual(["half"]);
    half.shrinkTo(0.25);
    half.release();
    half.release();
    (await whole).release();
    (await small).release();
    expect(acquired).toEqual(["half", "whole", "small"]);
  });

  it("releases the permit of failed work", async () => {
    const semaphore = new WeightedSemaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(await semaphore.run(async () => "done")).toBe("done");
  });

  it("serves the next waiter when one is aborted, and grants nothing to an aborted signal", async () => {
    const semaphore = new WeightedSemaphore(1);
    const half = await semaphore.acquire({ weight: 0.5 });
    const controller = new AbortController();
    const dropped = semaphore.acquire({ signal: controller.signal }).catch((thrown: unknown) => thrown);
    const small = semaphore.acquire({ weight: 0.25 });
    controller.abort();
    expect(await dropped).toMatchObject({ code: "ABORTED" });
    (await small).release();
    await expect(semaphore.acquire({ signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    half.release();
    (await semaphore.acquire()).release();
  });

  it("never exceeds its capacity and serves all in order, also when some are aborted", async () => {
    const work = fc.record({ sixteenths: fc.integer({ min: 1, max: 16 }), isAborted: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(work, { maxLength: 30 }), async (all) => {
        const semaphore = new WeightedSemaphore(1);
        const order: number[] = [];
        let held = 0;
        const controller = new AbortController();
        const runs = all.map(({ sixteenths, isAborted }, index) => {
          const weight = sixteenths / 16;
          const signal = isAborted ? controller.signal : undefined;
          const work = async () => {
            order.push(index);
            held += weight;
            expect(held).toBeLessThanOrEqual(1);
            await turn();
            held -= weight;
          };
          return semaphore.run(work, { weight, signal }).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
        });
        controller.abort();
        const failures = await Promise.all(runs);
        const served = [...all.keys()].filter((index) => failures[index] === undefined);
        expect(order).toEqual(served);
        for (const [index, failure] of failures.entries())
          if (!all[index]?.isAborted) expect(failure).toBeUndefined();
        expect(held).toBe(0);
      }),
      { numRuns: cases(50), verbose: true },
    );
  });
});
