import { type Clock, systemClock } from "../../../src/internal/async/clock.js";
import { AutoAdvanceClock } from "./auto-advance-clock.js";

/** Skips waits as a {@link AutoAdvanceClock} does, but for one length that is waited for in earnest: a limit of real input. */
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
