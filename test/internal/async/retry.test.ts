import { describe, expect, it } from "vitest";
import { UnsiloedError } from "../../../src/errors.js";
import { systemClock } from "../../../src/internal/async/clock.js";
import { retry } from "../../../src/internal/async/retry.js";
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from "../../../src/internal/async/retry-after.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";

const busy = (retryAfterMs?: number) =>
  new UnsiloedError("RATE_LIMITED", "busy", {
    retryable: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });

const failing = (times: number, error: Error) => {
  let calls = 0;
  return async () => {
    calls += 1;
    if (calls <= times) throw error;
    return calls;
  };
};

describe("retry", () => {
  it("tries again with growing waits until it succeeds", async () => {
    const clock = new AutoAdvanceClock();
    const result = await retry(failing(3, busy()), { clock, random: () => 1, baseDelayMs: 100 });
    expect(result).toBe(4);
    expect(clock.waits).toEqual([100, 200, 400]);
  });

  it("draws each wait between half and all of the bound, and caps it", async () => {
    const clock = new AutoAdvanceClock();
    await retry(failing(3, busy()), { clock, random: () => 0, baseDelayMs: 1000, maxDelayMs: 1500 });
    expect(clock.waits).toEqual([500, 750, 750]);
  });

  it("prefers the server's Retry-After", async () => {
    const clock = new AutoAdvanceClock();
    await retry(failing(2, busy(12_000)), { clock });
    expect(clock.waits).toEqual([12_000, 12_000]);
  });

  it("gives up after the last attempt, with the error of that attempt", async () => {
    const clock = new AutoAdvanceClock();
    await expect(retry(failing(9, busy()), { clock, attempts: 3 })).rejects.toMatchObject({
      code: "RATE_LIMITED",
    });
    expect(clock.waits).toHaveLength(2);
  });

  it.each([new UnsiloedError("UNAUTHORIZED", "no"), new TypeError("a defect")])(
    "never repeats what is not known to be transient: %s",
    async (error) => {
      const clock = new AutoAdvanceClock();
      await expect(retry(failing(1, error), { clock })).rejects.toBe(error);
      expect(clock.waits).toEqual([]);
    },
  );

  it("stops waiting as soon as the signal aborts", async () => {
    const controller = new AbortController();
    const attempt = retry(failing(5, busy(3_600_000)), {
      clock: {
        now: () => systemClock.now(),
        delay: (ms, signal) => {
          queueMicrotask(() => controller.abort());
          return systemClock.delay(ms, signal);
        },
      },
      signal: controller.signal,
    });
    await expect(attempt).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("parseRetryAfter", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    ["12", 12_000],
    ["0.5", 500],
    ["0", 0],
    ["Thu, 01 Jan 2026 00:00:20 GMT", 20_000],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
    ["999999", MAX_RETRY_AFTER_MS],
    ["soon", undefined],
    ["-5", undefined],
    ["", undefined],
    [null, undefined],
  ])("reads %j as %j ms", (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});
