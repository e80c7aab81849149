import { expect, it } from "vitest";
import type { CreditBudget } from "../../src/ingest/run/credit-budget.js";
import { errorOf } from "../support/parse-service.js";

/** Opens budgets for the contract of all budgets of credits. */
export interface CreditBudgets {
  /** Opens a budget of its own, from which nothing was taken. */
  open(max: number): CreditBudget;
  /** Tells whether a submission waits, once it is decided. */
  isWaiting(admitted: Promise<unknown>): Promise<boolean>;
}

/** What every budget of credits promises, in one process. */
export const itKeepsCredits = ({ open, isWaiting }: CreditBudgets): void => {
  it("admits what fits, refuses what would pass the limit, and still takes what is smaller", async () => {
    const budget = open(10);
    (await budget.admit(6)).spend(6);
    expect(await errorOf(budget.admit(5))).toMatchObject({
      code: "CREDIT_LIMIT",
      message: expect.stringMatching(
        /^not submitted: it would cost about 5 credits, and 6 of maxCredits 10 are spent/,
      ),
    });
    expect((await errorOf(budget.admit(11))).message).toBe(
      "not submitted: it would cost about 11 credits, more than the limit of 10",
    );
    (await budget.admit(4)).spend(4);
    expect((await errorOf(budget.admit(1))).code).toBe("CREDIT_LIMIT");
    expect((await errorOf(open(0).admit(undefined))).code).toBe("CREDIT_LIMIT");
  });

  it("counts submissions on their way by estimate, and waits where their outcome decides", async () => {
    const budget = open(10);
    const first = await budget.admit(6);
    const second = budget.admit(6);
    expect(await isWaiting(second)).toBe(true);
    first.release();
    const other = await second;
    const third = budget.admit(6);
    expect(await isWaiting(third)).toBe(true);
    other.spend(6);
    expect((await errorOf(third)).code).toBe("CREDIT_LIMIT");
  });

  it("lets one of unknown size go alone, and takes the mean for the next", async () => {
    const budget = open(20);
    const first = await budget.admit(undefined);
    const [second, third] = [budget.admit(undefined), budget.admit(undefined)];
    expect(await isWaiting(second)).toBe(true);
    expect(await isWaiting(third)).toBe(true);
    first.spend(8);
    (await second).spend(8);
    expect((await errorOf(third)).message).toContain("about 8 credits, and 16 of maxCredits 20");
  });

  it("lets one of unknown size go alone also towards those of known size", async () => {
    const budget = open(20);
    const known = await budget.admit(2);
    const unknown = budget.admit(undefined);
    expect(await isWaiting(unknown)).toBe(true);
    known.release();
    const hold = await unknown;
    const next = budget.admit(2);
    expect(await isWaiting(next)).toBe(true);
    hold.spend(19);
    expect((await errorOf(next)).code).toBe("CREDIT_LIMIT");
  });

  it("counts what the service says last, and submissions without an answer by estimate", async () => {
    const budget = open(20);
    const hold = await budget.admit(5);
    await hold.sending();
    hold.spend(10);
    hold.spend(5);
    hold.spend(null);
    hold.close();
    const lost = await budget.admit(15);
    await lost.sending();
    lost.lose();
    lost.close();
    expect((await errorOf(budget.admit(1))).message).toContain("20 of maxCredits 20 are spent");
  });

  it("learns that pages cost more than a credit", async () => {
    const budget = open(30);
    (await budget.admit(2)).spend(10);
    (await budget.admit(4)).spend(20);
    expect((await errorOf(budget.admit(1))).message).toContain("about 5 credits, and 30 of");
  });

  it("counts the estimate where the service names no cost", async () => {
    const budget = open(5);
    (await budget.admit(4)).spend(null);
    expect((await errorOf(budget.admit(2))).message).toContain("4 of maxCredits 5 are spent");
  });

  it("takes back what was refused although it was sent, but nothing that was spent", async () => {
    const budget = open(5);
    const refused = await budget.admit(5);
    await refused.sending();
    refused.release();
    refused.close();
    const hold = await budget.admit(5);
    hold.spend(5);
    hold.release();
    expect((await errorOf(budget.admit(1))).message).toContain("5 of maxCredits 5 are spent");
  });

  it("waits no longer when it is aborted", async () => {
    const budget = open(5);
    await budget.admit(5);
    const abort = new AbortController();
    const waiting = budget.admit(5, { signal: abort.signal });
    expect(await isWaiting(waiting)).toBe(true);
    abort.abort();
    expect((await errorOf(waiting)).code).toBe("ABORTED");
  });
};
