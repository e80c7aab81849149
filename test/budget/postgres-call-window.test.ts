import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { VirtualClock } from "../../bench/polling/virtual-clock.js";
import { PostgresCallWindow } from "../../src/budget/postgres/postgres-call-window.js";
import { CALLS } from "../../src/budget/postgres/tables.js";
import { PostgresDatabase, type Query } from "../../src/internal/postgres/database.js";
import type { Permit } from "../../src/parse-api/limits/call-window.js";
import { ParseBudget } from "../../src/parse-api/limits/parse-budget.js";
import { RateLimiter } from "../../src/parse-api/limits/rate-limiter.js";
import { runFleet } from "../support/budget/fleet.js";
import { errorOf } from "../support/parse-service.js";
import { createDatabase, describeWithPostgres, startPostgres } from "../support/postgres.js";

/** Says whether a statement is on its way. */
class BusyDatabase extends PostgresDatabase {
  #pending = 0;

  get isBusy(): boolean {
    return this.#pending > 0;
  }

  override async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    this.#pending++;
    try {
      return await super.transaction(work);
    } finally {
      this.#pending--;
    }
  }
}

describeWithPostgres("the window of calls in PostgreSQL", () => {
  let address: string;
  let round = 0;
  const opened: PostgresCallWindow[] = [];
  const open = (keyId = `key ${round}`, at = address): PostgresCallWindow => {
    const window = new PostgresCallWindow(at, { keyId });
    opened.push(window);
    return window;
  };
  const permitOf = async (window: PostgresCallWindow): Promise<Permit> => {
    const taken = await window.take("submit");
    if (!("permit" in taken)) throw new Error(`expected a place, got ${JSON.stringify(taken)}`);
    return taken.permit;
  };
  const hasPlace = async (window: PostgresCallWindow) => "permit" in (await window.take("submit"));

  beforeAll(async () => {
    address = await createDatabase();
    await PostgresCallWindow.migrate(address);
  });
  beforeEach(() => {
    round++;
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((window) => window.close()));
  });

  it("keeps one limit for all who use the key, and none for others", async () => {
    const [one, two] = [open(), open()];
    one.configure(2, 600_000);
    await permitOf(one);
    expect(await hasPlace(two)).toBe(false);
    expect(two.limit).toBe(2);
    expect(await hasPlace(open("another key"))).toBe(true);
  });

  it("gives no place to two at once", async () => {
    const windows = Array.from({ length: 8 }, () => open());
    windows[0]?.configure(10, 600_000);
    await permitOf(windows[0] ?? open());
    const taken = await Promise.all(windows.map((window) => window.take("submit")));
    // Half of the window may be used at once.
    expect(taken.filter((one) => "permit" in one)).toHaveLength(4);
  });

  it("frees a place one window after the answer, not after the grant", async () => {
    const [one, two] = [open(), open()];
    one.configure(1, 400);
    const limiter = new RateLimiter({ window: two });
    const permit = await permitOf(one);
    const waiting = limiter.acquire("submit");
    await new Promise((resolve) => setTimeout(resolve, 500));
    const answeredAt = Date.now();
    permit.answered();
    (await waiting).answered();
    expect(Date.now() - answeredAt).toBeGreaterThanOrEqual(400);
  });

  it("gives back a place that was not used", async () => {
    const [one, two] = [open(), open()];
    one.configure(1, 600_000);
    (await permitOf(one)).unused();
    await one.close();
    // The pace goes on from the call that was counted; the place itself is free.
    expect(await hasPlace(two)).toBe(true);
  });

  it("keeps the place of a process that ended for as long as a call can take, and a window", async () => {
    const one = open();
    one.configure(1, 1_000);
    await permitOf(one);
    await one.close();
    const taken = await open().take("submit");
    expect("permit" in taken).toBe(false);
  });

  it("pauses all and lowers the limit of all when one is refused, and remembers it", async () => {
    const [one, two] = [open(), open()];
    one.configure(60, 60_000);
    const permit = await permitOf(one);
    permit.answered();
    permit.tooFast(30_000);
    await one.close();
    const taken = await two.take("fetch");
    if (!("notBefore" in taken)) throw new Error("expected a pause");
    expect(taken.notBefore - Date.now()).toBeGreaterThan(25_000);
    expect(two.limit).toBe(15);
    const later = open();
    later.configure(60, 60_000);
    await later.take("fetch");
    expect(later.limit).toBe(15);
  });

  it("asks the database once, not again before the time it said", async () => {
    const [one, two] = [open(), open()];
    one.configure(1, 600_000);
    (await permitOf(one)).answered();
    expect("notBefore" in (await two.take("submit"))).toBe(true);
    expect(two.take("submit")).not.toBeInstanceOf(Promise);
    expect(two.take("poll")).not.toBeInstanceOf(Promise);
  });

  it("uses connections that are open already, and leaves them open", async () => {
    const database = new PostgresDatabase(address, { connections: 1 });
    const window = new PostgresCallWindow(database, { keyId: `key ${round}` });
    await permitOf(window);
    await window.close();
    const [row] = await database.query<{ count: number }>(
      `select count(*)::int from ${CALLS} where key_id = $1`,
      [`key ${round}`],
    );
    expect(row?.count).toBe(1);
    await database.close();
  });

  it("writes answers that came just before its connections are closed", async () => {
    const database = new PostgresDatabase(address, { connections: 1 });
    const window = new PostgresCallWindow(database, { keyId: `key ${round}` });
    const permits = [await permitOf(window), await permitOf(window), await permitOf(window)];
    for (const permit of permits) permit.unused();
    await database.close();
    const one = open();
    one.configure(1, 600_000);
    expect(await hasPlace(one)).toBe(true);
  });

  it("refuses options that are none, and says which", () => {
    const options = { keyId: "" };
    const misspelt = { ...options, keyID: "a" };
    expect(() => new PostgresCallWindow(address, options)).toThrow(/^PostgresCallWindow: keyId: expected/);
    expect(() => new PostgresCallWindow(address, misspelt)).toThrow(/unknown option keyID/);
  });

  it("lets no call go without a place when the database is away, also those that wait for a job", async () => {
    const server = await startPostgres();
    const at = server.address("postgres");
    await PostgresCallWindow.migrate(at);
    const budget = new ParseBudget({ window: open(undefined, at) });
    await server.close();
    const now = Date.now();
    const ticket = budget.polls.enter("job");
    const errors = await Promise.all([
      errorOf(budget.acquire("submit")),
      errorOf(budget.acquire("fetch")),
      errorOf(ticket.turn(now, now + 60_000)),
    ]);
    for (const error of errors) {
      expect(error).toMatchObject({ code: "LEDGER_FAILED", retryable: true });
      expect(error.message).toMatch(/^nothing was sent, .*check that the server runs/);
    }
  });

  it("says to migrate when the tables do not exist", async () => {
    const empty = await createDatabase();
    const error = await errorOf(Promise.resolve(open(undefined, empty).take("poll")));
    expect(error.code).toBe("LEDGER_VERSION");
    expect(error.message).toContain("unsiloed-ingest migrate");
  });

  it("lets four workers use at least 95 % of what is possible, each its share, and never more", async () => {
    const { requests, windowMs, windows, answerMs } = {
      requests: 20,
      windowMs: 60_000,
      windows: 2,
      answerMs: 80,
    };
    const database = new BusyDatabase(address);
    const clock = new VirtualClock(() => database.isBusy);
    const endsAt = clock.now() + windows * windowMs;
    const counted: number[] = [];
    const work = async (): Promise<number> => {
      const window = new PostgresCallWindow(database, { keyId: `key ${round}`, clock });
      window.configure(requests, windowMs);
      const limiter = new RateLimiter({ window, clock });
      let calls = 0;
      const ask = async (): Promise<void> => {
        for (;;) {
          const permit = await limiter.acquire("status");
          // The service counts a call at some moment between the grant and the answer.
          await clock.delay(answerMs / 2);
          if (clock.now() >= endsAt) return permit.unused();
          counted.push(clock.now());
          calls++;
          await clock.delay(answerMs / 2);
          permit.answered();
        }
      };
      await Promise.all([ask(), ask()]);
      await window.close();
      return calls;
    };
    const byWorker = await clock.run(Promise.all([work(), work(), work(), work()]));
    await database.close();
    const inWindowFrom = (start: number) =>
      counted.filter((at) => at >= start && at < start + windowMs).length;
    expect(Math.max(...counted.map(inWindowFrom))).toBeLessThanOrEqual(requests);
    expect(counted.length / (windows * requests)).toBeGreaterThanOrEqual(0.95);
    for (const calls of byWorker) expect(calls).toBeGreaterThanOrEqual((windows * requests) / 8);
  });

  it("is shared by processes and never exceeded", async () => {
    const figures = await runFleet({ address, workers: 2, requests: 60, windowMs: 4_000, windows: 1 });
    expect(figures.refused).toBe(0);
    expect(figures.mostInWindow).toBeLessThanOrEqual(60);
  });
});
