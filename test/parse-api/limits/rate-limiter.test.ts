import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../bench/polling/virtual-clock.js";
import type { Permit, RequestKind } from "../../../src/parse-api/limits/call-window.js";
import { RateLimiter } from "../../../src/parse-api/limits/rate-limiter.js";
import { errorOf } from "../../support/parse-service.js";

const open = (requests: number, windowMs = 60_000) => {
  const clock = new VirtualClock();
  const begun = clock.now();
  const budget = new RateLimiter({ clock, requests, windowMs });
  const sent: { kind: RequestKind; at: number }[] = [];
  /** Makes one call that takes this long. */
  const call = async (kind: RequestKind, takesMs = 0, answer: (permit: Permit) => void = () => {}) => {
    const permit = await budget.acquire(kind);
    sent.push({ kind, at: clock.now() - begun });
    if (takesMs > 0) await clock.delay(takesMs);
    permit.answered();
    answer(permit);
  };
  const many = (count: number, kind: RequestKind, takesMs?: number) =>
    Array.from({ length: count }, () => call(kind, takesMs));
  return { clock, budget, sent, call, many };
};

describe("the limit of calls in a window", () => {
  it("allows half of the calls at once and the others at an even pace", async () => {
    const { clock, sent, many } = open(4, 1_000);
    await clock.run(Promise.all(many(9, "submit")));
    expect(sent.map(({ at }) => at)).toEqual([0, 0, 250, 500, 1000, 1250, 1500, 1750, 2000]);
    expect(clock.pending).toBe(0);
  });

  it("allows fewer polls at once", async () => {
    const { clock, sent, many } = open(12, 1_200);
    await clock.run(Promise.all(many(5, "poll")));
    expect(sent.map(({ at }) => at)).toEqual([0, 0, 100, 200, 300]);
  });

  it("is the service's window, for any latency of calls", async () => {
    const { clock, budget } = open(10, 1_000);
    const arrived: number[] = [];
    const work = Array.from({ length: 80 }, async (_call, index) => {
      const permit = await budget.acquire("fetch");
      await clock.delay((index * 137) % 400);
      arrived.push(clock.now());
      await clock.delay((index * 61) % 300);
      permit.answered();
    });
    await clock.run(Promise.all(work));
    const most = Math.max(
      ...arrived.map((at) => arrived.filter((other) => other > at - 1_000 && other <= at).length),
    );
    expect(arrived).toHaveLength(80);
    expect(most).toBeLessThanOrEqual(10);
  });

  it("counts all kinds together", async () => {
    const { clock, sent, call } = open(2, 1_000);
    await clock.run(Promise.all([call("submit"), call("poll"), call("fetch")]));
    expect(sent.at(-1)?.at).toBe(1_000);
  });

  it("releases permits that were not used", async () => {
    const { clock, budget } = open(1);
    (await budget.acquire("poll")).unused();
    const begun = clock.now();
    await clock.run(budget.acquire("poll").then((permit) => permit.answered()));
    expect(clock.now() - begun).toBeLessThanOrEqual(60_000);
  });
});

describe("priorities", () => {
  it("serves fetches before submissions before polls, and starves none", async () => {
    const { clock, sent, many } = open(1, 100);
    await clock.run(Promise.all([...many(40, "poll"), ...many(12, "submit"), ...many(12, "fetch")]));
    const order = sent.slice(1).map(({ kind }) => kind);
    expect(order[0]).toBe("fetch");
    // While all three wait, polls get a third, and submissions are served too.
    const all = order.slice(0, order.lastIndexOf("fetch"));
    expect(all.filter((kind) => kind === "poll").length).toBeGreaterThanOrEqual(Math.floor(all.length / 3));
    for (let at = 0; at + 3 <= all.length; at++) expect(all.slice(at, at + 3)).toContain("poll");
    for (let at = 0; at + 6 <= all.length; at++) expect(all.slice(at, at + 6)).toContain("submit");
  });

  it("does not wait for a cancelled call, and leaves no timer", async () => {
    const { clock, budget, call } = open(1, 1_000);
    const controller = new AbortController();
    const given = budget.acquire("fetch");
    const off = errorOf(budget.acquire("fetch", controller.signal));
    controller.abort();
    expect((await off).code).toBe("ABORTED");
    expect((await errorOf(budget.acquire("poll", AbortSignal.abort()))).code).toBe("ABORTED");
    expect(clock.pending).toBe(0);
    (await given).answered();
    await clock.run(call("poll"));
    expect(clock.pending).toBe(0);
  });
});

describe("a 429 response", () => {
  const refuse = (budget: RateLimiter, clock: VirtualClock, retryAfterMs?: number) =>
    clock.run(
      budget.acquire("poll").then((permit) => {
        permit.answered();
        permit.tooFast(retryAfterMs);
      }),
    );

  it("pauses all calls for the longest Retry-After, or for a second without one", async () => {
    const { clock, budget, sent, call } = open(1_000);
    await refuse(budget, clock, 9_000);
    budget.pause(2_000);
    await clock.run(call("fetch"));
    await refuse(budget, clock);
    await clock.run(call("fetch"));
    expect(sent.map(({ at }) => at)).toEqual([9_000, 10_000]);
  });

  it("lowers the limit to the number of accepted calls, also when many are refused at once", async () => {
    const { clock, budget, call } = open(60);
    const work = Array.from({ length: 30 }, (_call, index) =>
      call("submit", 100 + index, (permit) => {
        if (index >= 20) permit.tooFast();
      }),
    );
    await clock.run(Promise.all(work));
    expect(budget.limit).toBe(20);
  });

  it("lowers the limit at most to a quarter at once, because others may use the key", async () => {
    const { clock, budget } = open(60);
    await refuse(budget, clock);
    expect(budget.limit).toBe(15);
    await refuse(budget, clock);
    expect(budget.limit).toBe(4);
  });

  it("is forgotten step by step, more slowly when an attempt was refused", async () => {
    const { clock, budget, call } = open(60);
    await refuse(budget, clock);
    const later = async (windows: number) => {
      await clock.run(clock.delay(windows * 60_000));
      await clock.run(call("poll"));
      return budget.limit;
    };
    expect(await later(4.9)).toBe(15);
    expect(await later(0.2)).toBe(16);
    expect(await later(5)).toBe(17);
    await refuse(budget, clock);
    const lowered = budget.limit;
    expect(lowered).toBeLessThan(17);
    expect(await later(9.5)).toBe(lowered);
    expect(await later(1)).toBe(lowered + 1);
    for (let step = 0; step < 80; step++) await later(10);
    expect(budget.limit).toBe(60);
  });
});
