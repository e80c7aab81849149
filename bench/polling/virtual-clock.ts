import { setImmediate, setTimeout } from "node:timers/promises";
import { abortError, type Clock, throwIfAborted } from "../../src/internal/async/clock.js";

interface Timer {
  at: number;
  /** Number in the order of setting, for timers that are due at the same time. */
  order: number;
  ring: () => void;
}

/** Simulated time, which stands still while work is pending, and then moves to the next timer. */
export class VirtualClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  #set = 0;
  readonly #timers = new Set<Timer>();
  readonly #isBusy: () => boolean;

  /** @param isBusy whether something goes on outside of this process, during which time stands still */
  constructor(isBusy: () => boolean = () => false) {
    this.#isBusy = isBusy;
  }

  now(): number {
    return this.#now;
  }

  /** Timers that are pending. */
  get pending(): number {
    return this.#timers.size;
  }

  async delay(ms: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#timers.delete(timer);
        if (signal) reject(abortError(signal));
      };
      const ring = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const timer: Timer = { at: this.#now + ms, order: this.#set++, ring };
      signal?.addEventListener("abort", stop, { once: true });
      this.#timers.add(timer);
    });
  }

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let running = true;
    const settled = () => {
      running = false;
    };
    work.then(settled, settled);
    while (running) {
      // All work that does not wait for a timer runs first.
      await setImmediate();
      if (this.#isBusy()) {
        await setTimeout(1);
        continue;
      }
      let next: Timer | undefined;
      for (const timer of this.#timers)
        if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
      if (!next || !running) continue;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    return work;
  }
}
