import { type Clock, systemClock } from "../../../src/internal/async/clock.js";
import { AutoAdvanceClock } from "./auto-advance-clock.js";

/** Skips waits like an {@link AutoAdvanceClock}, except waits of one length: the time limit of real requests. */
export class SkippingClock implements Clock {
  readonly #manual = new AutoAdvanceClock();
  readonly #realMs: number;

  constructor(realMs: number) {
    this.#realMs = realMs;
  }

  now(): number {
    return this.#manual.now();
  }

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    return ms === this.#realMs ? systemClock.delay(ms, signal) : this.#manual.delay(ms, signal);
  }
}
