import { describe, expect, it } from "vitest";
import {
  MAX_RESET_MS,
  parseReset,
  readRateHeaders,
} from "../../../../src/embeddings/openai/answers/rate-headers.js";
import type { Weight } from "../../../../src/embeddings/openai/requests/packing.js";
import { RequestPacer } from "../../../../src/embeddings/openai/requests/request-pacer.js";
import { AutoAdvanceClock } from "../../../support/clocks/auto-advance-clock.js";

describe("parseReset", () => {
  it.each([
    ["1s", 1_000],
    ["120ms", 120],
    ["6m0s", 360_000],
    ["59.5s", 59_500],
    ["1m30.25s", 90_250],
    ["0s", 0],
    ["7", 7_000],
    ["1h2m", MAX_RESET_MS],
    ["2d", MAX_RESET_MS],
  ])("reads %s", (text, expected) => expect(parseReset(text)).toBe(expected));

  it.each([null, "", "soon", "-1s", "1 s", "s", "1x", "NaN"])("ignores %j", (text) =>
    expect(parseReset(text)).toBeUndefined(),
  );
});

describe("readRateHeaders", () => {
  it("needs both the remaining amount and its reset", () => {
    const headers = new Headers({
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "59",
      "x-ratelimit-reset-requests": "1s",
      "x-ratelimit-remaining-tokens": "149984",
    });
    expect(readRateHeaders(headers)).toEqual({ requests: { limit: 60, remaining: 59, resetMs: 1_000 } });
    headers.set("x-ratelimit-reset-tokens", "6m0s");
    expect(readRateHeaders(headers).tokens).toEqual({
      limit: undefined,
      remaining: 149_984,
      resetMs: 360_000,
    });
    expect(readRateHeaders(new Headers())).toEqual({});
  });
});

describe("RequestPacer", () => {
  const weight = (bound: number, exact = bound): Weight => ({ bound, exact: () => exact });
  const headersOf = (quota: string, limit: number, remaining: number, reset: string) =>
    new Headers({
      [`x-ratelimit-limit-${quota}`]: String(limit),
      [`x-ratelimit-remaining-${quota}`]: String(remaining),
      [`x-ratelimit-reset-${quota}`]: reset,
    });

  it("lets everything through while no header limits it", () => {
    const clock = new AutoAdvanceClock();
    const pacer = new RequestPacer(4, clock);
    for (let count = 0; count < 100; count++) {
      const sent = pacer.sent(weight(1_000_000));
      expect(pacer.freeAt(weight(1_000_000))).toBe(clock.now());
      pacer.answered(sent, new Headers());
      pacer.ended(sent);
    }
    expect(pacer.maxTokens).toBe(Number.POSITIVE_INFINITY);
  });

  it("subtracts what an answer cannot have counted, for any order of answers", () => {
    const clock = new AutoAdvanceClock();
    const pacer = new RequestPacer(4, clock);
    const [one, two] = [pacer.sent(weight(30)), pacer.sent(weight(40))];
    // The answer to the second may be from before the first was counted.
    pacer.answered(two, headersOf("tokens", 100, 60, "6s"));
    pacer.ended(two);
    expect(pacer.freeAt(weight(30))).toBe(clock.now());
    expect(pacer.freeAt(weight(31))).toBe(clock.now() + 6_000);
    pacer.answered(one, headersOf("tokens", 100, 70, "3s"));
    pacer.ended(one);
    expect(pacer.freeAt(weight(31))).toBe(clock.now() + 6_000);
    clock.advance(6_000);
    expect(pacer.freeAt(weight(100))).toBe(clock.now());
  });

  it("asks for exact weights only when bounds do not decide", () => {
    const clock = new AutoAdvanceClock();
    const pacer = new RequestPacer(4, clock);
    const first = pacer.sent(weight(1));
    pacer.answered(first, headersOf("tokens", 100, 99, "1s"));
    pacer.ended(first);
    let asked = 0;
    const lazy = (bound: number, exact: number): Weight => ({
      bound,
      exact: () => {
        asked += 1;
        return exact;
      },
    });
    expect(pacer.freeAt(lazy(99, 25))).toBe(clock.now());
    expect(asked).toBe(0);
    expect(pacer.freeAt(lazy(396, 99))).toBe(clock.now());
    expect(asked).toBe(1);
  });

  it("waits for answers for a limited time when nothing is known after a reset", () => {
    const clock = new AutoAdvanceClock();
    const pacer = new RequestPacer(4, clock);
    const first = pacer.sent(weight(10));
    pacer.answered(first, headersOf("requests", 1, 0, "1s"));
    pacer.ended(first);
    clock.advance(1_000);
    const second = pacer.sent(weight(10));
    expect(pacer.freeAt(weight(10))).toBe(Number.POSITIVE_INFINITY);
    // It failed without an answer.
    pacer.ended(second);
    expect(pacer.freeAt(weight(10))).toBe(clock.now());
  });

  it("halves the requests in flight once for each burst of refusals, and adds one per round", () => {
    const pacer = new RequestPacer(8, new AutoAdvanceClock());
    const burst = Array.from({ length: 8 }, () => pacer.sent(weight(1)));
    for (const sent of burst) {
      pacer.rateLimited(sent);
      pacer.ended(sent);
    }
    expect(pacer.maxInFlight).toBe(4);
    pacer.rateLimited(pacer.sent(weight(1)));
    expect(pacer.maxInFlight).toBe(2);
    for (let refusals = 0; refusals < 5; refusals++) pacer.rateLimited(pacer.sent(weight(1)));
    expect(pacer.maxInFlight).toBe(1);
    const rounds = Array.from({ length: 60 }, () => {
      pacer.succeeded();
      return pacer.maxInFlight;
    });
    expect(rounds[0]).toBe(2);
    expect(rounds.filter((inFlight) => inFlight === 4).length).toBeGreaterThanOrEqual(4);
    expect(rounds.at(-1)).toBe(8);
  });
});
