import { describe, expect, it } from "vitest";
import { MemoryCreditBudget } from "../../../src/ingest/run/memory-credit-budget.js";
import { RunCredits } from "../../../src/ingest/run/run-credits.js";

describe("the credits of a run", () => {
  const open = () => new RunCredits(new MemoryCreditBudget());

  it("count what the service names, and how often it names nothing", async () => {
    const credits = open();
    (await credits.admit(undefined)).spend(7);
    (await credits.admit(3)).spend(null);
    (await credits.admit(3)).release();
    const twice = await credits.admit(1);
    twice.spend(1);
    twice.spend(null);
    credits.addPages(4);
    credits.addPages(null);
    expect(credits.costs).toEqual({
      jobs: 3,
      pages: 4,
      credits: 8,
      unknown: 1,
      repeated: 0,
      unknown_submissions: 0,
    });
  });

  it("count what the service says last, and submissions without an answer apart", async () => {
    const credits = open();
    const hold = await credits.admit(5);
    hold.spend(10);
    hold.spend(5);
    hold.spend(null);
    expect(credits.costs).toMatchObject({ jobs: 1, credits: 5, unknown: 0 });
    (await credits.admit(15)).lose();
    expect(credits.costs).toMatchObject({ jobs: 1, credits: 5, unknown_submissions: 1 });
  });
});
