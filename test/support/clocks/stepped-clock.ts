import { abortError, type Clock, throwIfAborted } from "../../../src/internal/async/clock.js";

/** Moves only when a test calls `advance`, which ends the waits that are over by then. */
export class SteppedClock implements Clock {
  #now: number;
  readonly #waiting = new Set<{ until: number; wake: () => void }>();

  constructor(now = Date.parse("2026-01-02T03:04:05Z")) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** How many waits have not ended. */
  get pending(): number {
    return this.#waiting.size;
  }

  async delay(ms: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    await new Promise<void>((resolve, reject) => {
      const wait = { until: this.#now + ms, wake: () => end(resolve) };
      const onAbort = () => end(() => signal && reject(abortError(signal)));
      const end = (settle: () => void) => {
        this.#waiting.delete(wait);
        signal?.removeEventListener("abort", onAbort);
        settle();
      };
      this.#waiting.add(wait);
      signal?.addEventListener("abort", onAbort);
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const { wake } of [...this.#waiting].filter(({ until }) => until <= this.#now)) wake();
  }
}
