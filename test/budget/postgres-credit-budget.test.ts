import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { readCredits } from "../../src/budget/postgres/credit-holds.js";
import { PostgresCallWindow } from "../../src/budget/postgres/postgres-call-window.js";
import { PostgresCreditBudget } from "../../src/budget/postgres/postgres-credit-budget.js";
import type { Clock } from "../../src/internal/async/clock.js";
import { PostgresDatabase } from "../../src/internal/postgres/database.js";
import { itKeepsCredits } from "../contract/credit-budget.js";
import { errorOf } from "../support/parse-service.js";
import { createDatabase, describeWithPostgres } from "../support/postgres.js";
import { SeededRandom } from "../support/seeded-random.js";

const LEASE_MS = 60_000;
/** How long a budget waits until it looks again. */
const LOOK_MS = 1000;

describeWithPostgres("a budget of credits in PostgreSQL", () => {
  let address: string;
  let round = 0;
  let now = 0;
  /** Ends the pauses of submissions that wait. */
  const looks = new Set<() => void>();
  /** Time that a test moves; nothing is renewed by itself. */
  const clock: Clock = {
    now: () => now,
    delay: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (ms !== LOOK_MS) return;
        const end = (settle: () => void) => () => {
          looks.delete(look);
          settle();
        };
        const look = end(resolve);
        looks.add(look);
        signal?.addEventListener("abort", end(reject));
        if (signal?.aborted) end(reject)();
      }),
  };
  const lookAgain = () => {
    for (const look of [...looks]) look();
  };
  const opened: { close(): Promise<void> }[] = [];
  const open = (maxCredits: number, given: Clock | undefined = clock): PostgresCreditBudget => {
    const options = { keyId: `budget ${round}`, maxCredits, leaseMs: LEASE_MS };
    const budget = new PostgresCreditBudget(address, { ...options, clock: given });
    opened.push(budget);
    return budget;
  };
  const isWaiting = async (admitted: Promise<unknown>): Promise<boolean> => {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    admitted.then(settle, settle);
    await expect.poll(() => isSettled || looks.size > 0, { interval: 5 }).toBe(true);
    return !isSettled;
  };
  const credits = async () => {
    const database = new PostgresDatabase(address);
    const found = await readCredits(database.query, `budget ${round}`);
    await database.close();
    return found && { spent: found.spent, reserved: found.reserved };
  };

  beforeAll(async () => {
    address = await createDatabase();
    await PostgresCallWindow.migrate(address);
  });
  beforeEach(() => {
    round++;
    now = Date.now();
    looks.clear();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((budget) => budget.close()));
  });

  itKeepsCredits({
    open: (max) => {
      round++;
      return open(max);
    },
    isWaiting,
  });

  it("is one for all processes, and another one sees what a job cost", async () => {
    const [one, two] = [open(10), open(10)];
    const first = await one.admit(6);
    const second = two.admit(6);
    expect(await isWaiting(second)).toBe(true);
    await first.sending();
    first.spend(4);
    await one.close();
    lookAgain();
    await second;
    expect((await errorOf(two.admit(7))).message).toMatch(
      /4 of maxCredits 10 are spent by all workers since 20/,
    );
    expect(await credits()).toEqual({ spent: 4, reserved: 6 });
  });

  it("never takes more than the limit when many processes submit at once", async () => {
    const random = new SeededRandom("credits");
    const max = 60;
    let spent = 0;
    let inFlight = 0;
    let most = 0;
    const worker = async () => {
      // With its own clock: the pauses are real, and short since what others do wakes nobody.
      const budget = open(max, {
        ...clock,
        delay: (ms, signal) => (ms === LOOK_MS ? pause() : clock.delay(ms, signal)),
      });
      for (;;) {
        const pages = random.integer(1, 5);
        const hold = await budget.admit(pages).catch(() => undefined);
        if (!hold) return;
        inFlight += pages;
        await hold.sending();
        most = Math.max(most, spent + inFlight);
        await pause();
        inFlight -= pages;
        if (random.next() < 0.2) hold.release();
        else {
          spent += pages;
          hold.spend(pages);
        }
        hold.close();
      }
    };
    const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
    await Promise.all(Array.from({ length: 4 }, worker));
    expect(most).toBeLessThanOrEqual(max);
    expect(spent).toBeGreaterThan(max - 5);
    expect(await credits()).toEqual({ spent, reserved: 0 });
  });

  it("gets back what a process had that ended before it sent the document", async () => {
    const [ended, other] = [open(10), open(10)];
    await ended.admit(8);
    await ended.close();
    const waiting = other.admit(5);
    expect(await isWaiting(waiting)).toBe(true);
    now += LEASE_MS;
    lookAgain();
    (await waiting).spend(5);
    expect((await errorOf(other.admit(6))).message).toContain("5 of maxCredits 10");
  });

  it("counts the estimate of what a process may have sent that ended", async () => {
    const [ended, other] = [open(10), open(10)];
    await (await ended.admit(8)).sending();
    await ended.close();
    now += LEASE_MS;
    expect((await errorOf(other.admit(5))).message).toContain("8 of maxCredits 10");
  });

  it("asks again for what it had when it stood still for longer than its lease", async () => {
    const [frozen, other] = [open(10), open(10)];
    const hold = await frozen.admit(8);
    now += LEASE_MS;
    (await other.admit(8)).spend(8);
    expect((await errorOf(hold.sending())).code).toBe("CREDIT_LIMIT");
  });
});
