import { setImmediate } from "node:timers/promises";
import { type Clock, throwIfAborted } from "../../../src/internal/async/clock.js";

/** Ends every wait at once and moves the time to its end; between waits the time stands still. */
export class AutoAdvanceClock implements Clock {
  /** Every wait, in the order they began. */
  readonly waits: number[] = [];
  #now: number;

  constructor(now = Date.parse("2026-01-01T00:00:00Z")) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  async delay(ms: number, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const end = this.#now + ms;
    this.waits.push(ms);
    await setImmediate();
    throwIfAborted(signal);
    this.#now = Math.max(this.#now, end);
  }
}
