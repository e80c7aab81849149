import { setImmediate } from "node:timers/promises";
import { abortError, type Clock, throwIfAborted } from "../../../src/internal/async/clock.js";

/** Ends waits shorter than `limitMs` at once and records them; longer ones end by `expire()` or their signal. */
export class WaitsClock implements Clock {
  readonly waits: number[] = [];
  #now = Date.UTC(2026, 0, 1);
  readonly #limitMs: number;
  readonly #pending = new Set<() => void>();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  now(): number {
    return this.#now;
  }

  async delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < this.#limitMs) {
      const end = this.#now + ms;
      this.waits.push(ms);
      await setImmediate();
      throwIfAborted(signal);
      this.#now = Math.max(this.#now, end);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const end = () => {
        this.#pending.delete(end);
        resolve();
      };
      this.#pending.add(end);
      signal?.addEventListener("abort", () => {
        this.#pending.delete(end);
        reject(abortError(signal));
      });
    });
  }

  /** How many long waits have not ended. */
  get pending(): number {
    return this.#pending.size;
  }

  expire(): void {
    for (const end of [...this.#pending]) end();
  }
}
