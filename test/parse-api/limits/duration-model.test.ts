import { describe, expect, it } from "vitest";
import { type Draw, seeded } from "../../../bench/polling/workloads.js";
import { DurationModel } from "../../../src/parse-api/limits/duration-model.js";

const SEED = 11;
const STEP_MS = 20_000;

/** Teaches the model jobs of these durations, each checked every 20 seconds until it has ended. */
const taught = (jobs: number, job: (random: Draw) => { pages?: number; ms: number }): DurationModel => {
  const model = new DurationModel();
  const random = seeded(SEED);
  for (let count = 0; count < jobs; count++) {
    const { ms, ...size } = job(random);
    for (let age = 0; age < Math.min(ms, 100 * STEP_MS); age += STEP_MS)
      model.learn(age, age + STEP_MS, size, age + STEP_MS >= ms);
  }
  return model;
};

describe("the model of job durations", () => {
  it("assumes at first that durations grow with the pages", () => {
    const model = new DurationModel();
    const chances = [1, 10, 100, 1_000].map((pages) => model.ended(0, 60_000, { pages }));
    expect(chances).toEqual([...chances].sort((a, b) => b - a));
    expect(model.ended(0, 60_000, { pages: 20 })).toBeCloseTo(0.5, 1);
    expect(model.ended(0, 60_000, { bytes: 1_000_000 })).toBeCloseTo(0.5, 1);
    expect(model.ended(60_000, 60_000, {})).toBe(0);
  });

  it(`learns the duration per page (seed ${SEED})`, () => {
    const model = taught(300, (random) => {
      const pages = Math.ceil(random() * 100);
      return { pages, ms: pages * 10_000 * (0.9 + 0.2 * random()) };
    });
    expect(model.ended(0, 400_000, { pages: 50 })).toBeLessThan(0.2);
    expect(model.ended(400_000, 640_000, { pages: 50 })).toBeGreaterThan(0.8);
    expect(model.ended(0, 150_000, { pages: 10 })).toBeGreaterThan(0.8);
  });

  it(`learns durations that do not depend on the pages (seed ${SEED})`, () => {
    const model = taught(400, (random) => ({
      pages: Math.ceil(random() * 100),
      ms: 300_000 + 60_000 * random(),
    }));
    const chances = [2, 10, 90].map((pages) => model.ended(0, 250_000, { pages }));
    expect(Math.max(...chances)).toBeLessThan(0.15);
    for (const pages of [2, 10, 90]) expect(model.ended(250_000, 380_000, { pages })).toBeGreaterThan(0.8);
  });

  it(`allows two peaks, and jobs that never end (seed ${SEED})`, () => {
    const model = taught(400, (random) => {
      const kind = random();
      return { ms: kind < 0.4 ? 100_000 : kind < 0.8 ? 1_000_000 : Number.POSITIVE_INFINITY };
    });
    expect(model.ended(0, 120_000, {})).toBeCloseTo(0.4, 1);
    expect(model.ended(200_000, 700_000, {})).toBeLessThan(0.1);
    expect(model.ended(700_000, 1_200_000, {})).toBeGreaterThan(0.5);
    expect(model.ended(1_400_000, 1_900_000, {})).toBeLessThan(0.1);
  });

  it("changes when the service becomes faster or slower", () => {
    const model = taught(1_500, () => ({ ms: 100_000 }));
    for (let count = 0; count < 1_500; count++) {
      for (let age = 0; age < 380_000; age += STEP_MS) model.learn(age, age + STEP_MS, {}, false);
      model.learn(380_000, 400_000, {}, true);
    }
    expect(model.ended(0, 120_000, {})).toBeLessThan(0.45);
    expect(model.ended(200_000, 500_000, {})).toBeGreaterThan(0.8);
  });
});
