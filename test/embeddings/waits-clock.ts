import { abortError, type Clock } from "../../src/internal/clock.js";

/** Waits shorter than `limitMs` pass at once and are written down; longer ones end by `expire()` or their signal. */
export class WaitsClock implements Clock {
  readonly waits: number[] = [];
  readonly #limitMs: number;
  readonly #pending = new Set<() => void>();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  now(): number {
    return Date.UTC(2026, 0, 1);
  }

  async delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < this.#limitMs) {
      this.waits.push(ms);
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

  /** How many long waits are under way. */
  get pending(): number {
    return this.#pending.size;
  }

  expire(): void {
    for (const end of [...this.#pending]) end();
  }
}
