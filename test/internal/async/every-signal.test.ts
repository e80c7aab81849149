import { describe, expect, it } from "vitest";
import { everySignal } from "../../../src/internal/async/every-signal.js";

describe("everySignal", () => {
  it("aborts once all have aborted, of which one may have before", () => {
    const [a, b] = [new AbortController(), new AbortController()];
    a.abort();
    const { signal } = everySignal([a.signal, b.signal, b.signal]);
    expect(signal?.aborted).toBe(false);
    b.abort();
    expect(signal?.aborted).toBe(true);
  });

  it("never aborts where one caller cannot stop", () => {
    expect(everySignal([AbortSignal.abort(), undefined]).signal).toBeUndefined();
  });

  it("is the only signal that there is, and stays still after stop", () => {
    const { signal: only } = new AbortController();
    expect(everySignal([only, only]).signal).toBe(only);
    const [a, b] = [new AbortController(), new AbortController()];
    const { signal, stop } = everySignal([a.signal, b.signal]);
    stop();
    a.abort();
    b.abort();
    expect(signal?.aborted).toBe(false);
  });
});
