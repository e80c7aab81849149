import { describe, expect, it } from "vitest";
import { type Scenario, simulate } from "../../bench/polling/simulate.js";
import { faultsOf, lines, ratioOf } from "../../bench/polling/table.js";
import { MAIN } from "../../bench/polling/workloads.js";

const SEED = 7;
const small: Scenario = {
  workload: MAIN,
  jobs: 50,
  pipeline: false,
  requests: 12,
  windowMs: 60_000,
  timeoutMs: 86_400_000,
  seed: SEED,
};

const rowOf = async (scenario: Scenario) => ({
  scenario,
  "round-robin": await simulate(scenario, "round-robin"),
  scheduler: await simulate(scenario, "scheduler"),
  oracle: await simulate(scenario, "oracle"),
});

describe(`the simulation of polling, 50 jobs and 12 calls a minute, seed ${SEED}`, () => {
  for (const pipeline of [false, true])
    it(`detects every end in its budget, ${pipeline ? "submissions and fetches too" : "all waiting"}`, async () => {
      const row = await rowOf({ ...small, pipeline });
      for (const outcome of [row["round-robin"], row.scheduler, row.oracle])
        expect(outcome).toMatchObject({ detected: 50, givenUp: 0, refused: 0, timersLeft: 0 });
      expect(row.oracle.meanDelay).toBeLessThan(row.scheduler.meanDelay);
      expect(ratioOf(row)).toBeLessThan(1);
      expect(faultsOf(row, 1)).toEqual([]);
      expect(faultsOf(row, 0.01)).toEqual([
        expect.stringMatching(
          /^by-pages.*, seed 7: the mean delay is 0\.\d\d of round-robin's, more than 0\.01$/,
        ),
      ]);
      expect(lines([row]).split("\n")).toHaveLength(3);
    });

  it("gives the same figures for the same seed", async () => {
    const [once, again] = [await simulate(small, "scheduler"), await simulate(small, "scheduler")];
    expect(again).toEqual(once);
  });

  it("refuses calls above the service's limit, and the budget learns from the refusals", async () => {
    const strict = { ...small, requests: 60, served: 12 };
    const row = await rowOf(strict);
    expect(row.scheduler.detected).toBe(50);
    expect(row.scheduler.refused).toBeGreaterThan(0);
    expect(row.scheduler.refused).toBeLessThan(row.scheduler.requests / 50);
    expect(faultsOf(row, 1)[0]).toContain("times 429");
  });
});
