import { describe, expect, it } from "vitest";
import { UnsiloedError } from "../../../src/errors.js";
import { systemClock } from "../../../src/internal/async/clock.js";
import { UnsiloedClient } from "../../../src/parse-api/client.js";
import { budgetOf, ParseBudget } from "../../../src/parse-api/limits/parse-budget.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { API_KEY, errorOf, openService, pdf } from "../../support/parse-service.js";

describe("the budget of a key", () => {
  const owner = () => ({
    apiKey: API_KEY,
    baseUrl: new URL("https://one.example"),
    clock: new AutoAdvanceClock(),
  });

  it("is shared by all clients with the same key and host, and by no others", () => {
    const own = owner();
    const budget = budgetOf(own);
    expect(budgetOf({ ...own, baseUrl: new URL("https://one.example/path") })).toBe(budget);
    expect(budgetOf({ ...own, apiKey: "another" })).not.toBe(budget);
    expect(budgetOf({ ...own, baseUrl: new URL("https://two.example") })).not.toBe(budget);
    expect(budgetOf(owner())).not.toBe(budget);
  });

  it("is one for clients that leave the clock to the system", () => {
    const baseUrl = "https://three.example";
    const client = new UnsiloedClient({ apiKey: API_KEY, baseUrl, rateLimit: { requests: 7 } });
    expect(client.baseUrl).toBe(`${baseUrl}/`);
    const shared = budgetOf({ apiKey: API_KEY, baseUrl: new URL(baseUrl), clock: systemClock });
    expect(shared.state.requests).toBe(7);
  });

  it("is 60 calls a minute by default, and the last given limit applies to all", () => {
    const own = owner();
    const budget = budgetOf(own);
    expect(budget.state).toEqual({ requests: 60, maxActiveJobs: Number.POSITIVE_INFINITY, activeJobs: 0 });
    budgetOf({ ...own, rateLimit: { requests: 30, windowMs: 60_000 }, maxActiveJobs: 7 });
    budgetOf(own);
    expect(budget.state).toMatchObject({ requests: 30, maxActiveJobs: 7 });
  });

  it("can be given, with separate limits", () => {
    const budget = new ParseBudget({ rateLimit: { requests: 5 } });
    expect(budget.state.requests).toBe(5);
    expect(budgetOf({ ...owner(), budget })).toBe(budget);
    const make = () => new UnsiloedClient({ apiKey: API_KEY, budget, maxActiveJobs: 3 });
    expect(make).toThrow(UnsiloedError);
    expect(make).toThrow("with a budget, rateLimit and maxActiveJobs are options of that budget");
    expect(() => new ParseBudget({ rateLimit: { requests: 0 } })).toThrow(
      "ParseBudget: rateLimit.requests: expected a number ≥ 1, got 0 (number)",
    );
  });

  it("is shared by two clients", async () => {
    const { client, emulator, options, clock } = await openService(
      { rateLimit: { requests: 10, windowMs: 60_000, statusToo: true } },
      { rateLimit: { requests: 10 } },
    );
    const other = new UnsiloedClient(options);
    const jobId = emulator.addJob();
    const begun = clock.now();
    for (let count = 0; count < 12; count++) await (count % 2 ? client : other).getStatus(jobId);
    expect(emulator.requests.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(clock.now() - begun).toBeGreaterThanOrEqual(60_000);
  });
});

/** Starts a service, with a client and its budget. */
const openBudget = async (...given: Parameters<typeof openService>) => {
  const { options, ...service } = await openService(...given);
  const baseUrl = new URL(service.emulator.url);
  const { clock = service.clock } = options;
  const budget = budgetOf({ ...options, clock, apiKey: API_KEY, baseUrl, rateLimit: undefined });
  return { ...service, budget };
};

/** Real time, for many timers at once, with a budget that is not in the way. */
const inRealTime = { clock: systemClock, rateLimit: { requests: 100_000 } };
const threeAtOnce = {
  clock: systemClock,
  maxActiveJobs: 3,
  queueRetryAfter: "0.05",
  states: ["Processing", "Processing", "Succeeded"],
};

const submitAndWait = async (client: UnsiloedClient) => {
  const { jobId } = await client.submitFile(pdf());
  await client.waitForJob(jobId, { pollIntervalMs: 1, maxPollIntervalMs: 1 });
};

describe("what the budget learns", () => {
  it("from 429: the accepted rate becomes the limit", async () => {
    const rateLimit = { requests: 20, windowMs: 60_000, statusToo: true };
    const { client, emulator, budget } = await openBudget({ rateLimit });
    const jobId = emulator.addJob();
    for (let count = 0; count < 60; count++) await client.getStatus(jobId);
    expect(budget.state.requests).toBe(20);
    expect(emulator.requests.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it("from 429 for a billing cap: nothing", async () => {
    const { client, emulator, budget } = await openBudget({ faults: [{ on: "status", fault: "usage_cap" }] });
    expect((await errorOf(client.getStatus(emulator.addJob()))).code).toBe("USAGE_LIMIT");
    expect(budget.state.requests).toBe(60);
  });

  it("from 503 for a submission: the number of active jobs, while polls continue", async () => {
    const { client, emulator, budget } = await openBudget(threeAtOnce, inRealTime);
    await Promise.all(Array.from({ length: 12 }, () => submitAndWait(client)));
    expect(emulator.submissions).toBe(12);
    expect(budget.state).toMatchObject({ activeJobs: 0, requests: 100_000 });
    expect(budget.state.maxActiveJobs).toBeLessThanOrEqual(3);
    // Those that were in flight together; later ones are not sent while the service is full.
    expect(emulator.requests.filter(({ status }) => status === 503).length).toBeLessThanOrEqual(9);
  });

  it("respects maxActiveJobs, so that the service is never full", async () => {
    const { client, emulator } = await openBudget(threeAtOnce, { ...inRealTime, maxActiveJobs: 3 });
    await Promise.all(Array.from({ length: 12 }, () => submitAndWait(client)));
    expect(emulator.requests.every(({ status }) => status === 200)).toBe(true);
  });

  it("releases the permit of a job that timed out or whose submission failed", async () => {
    const { client, budget } = await openBudget(
      { states: ["Processing"], faults: [{ on: "submit", fault: "unsupported" }] },
      { maxActiveJobs: 1 },
    );
    expect((await errorOf(client.submitFile(pdf()))).code).toBe("UNSUPPORTED_FILE");
    expect(budget.state.activeJobs).toBe(0);
    const { jobId } = await client.submitFile(pdf());
    expect(budget.state.activeJobs).toBe(1);
    expect((await errorOf(client.waitForJob(jobId, { timeoutMs: 20_000 }))).code).toBe("JOB_TIMEOUT");
    expect(budget.state.activeJobs).toBe(0);
  });
});

describe("200 waiting jobs", () => {
  it("stay within 60 calls a minute without a single 429 or a false timeout", async () => {
    const { client, emulator } = await openService({
      rateLimit: { requests: 60, windowMs: 60_000, statusToo: true },
      states: ["Processing", "Processing", "Succeeded"],
    });
    const ids = Array.from({ length: 200 }, () => emulator.addJob());
    const statuses = await Promise.all(
      ids.map((jobId) => client.waitForJob(jobId, { timeoutMs: 1_440_000 })),
    );
    expect(statuses.every(({ state }) => state === "Succeeded")).toBe(true);
    expect(emulator.requests).toHaveLength(600);
    expect(emulator.requests.filter(({ status }) => status === 429)).toEqual([]);
  });

  it("that ended in time are found although their turn comes after the time limit", async () => {
    const { client, emulator, clock } = await openService();
    const ids = Array.from({ length: 120 }, () => emulator.addJob());
    const begun = clock.now();
    await Promise.all(ids.map((jobId) => client.waitForJob(jobId, { timeoutMs: 30_000 })));
    expect(clock.now() - begun).toBeGreaterThan(60_000);
  });
});
