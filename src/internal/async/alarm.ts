import type { Clock } from "./clock.js";

/** One pending wake-up on a clock. Setting it again moves it; clearing it leaves no timer behind. */
export class Alarm {
  readonly #clock: Clock;
  #pending: { at: number; controller: AbortController } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `wake` at that time of the clock, in place of the time set before; never when the time is infinite. */
  set(at: number, wake: () => void): void {
    if (this.#pending?.at === at) return;
    this.clear();
    if (at === Number.POSITIVE_INFINITY) return;
    const pending = { at, controller: new AbortController() };
    this.#pending = pending;
    const due = () => {
      if (this.#pending !== pending) return;
      this.#pending = undefined;
      wake();
    };
    const waitMs = Math.max(0, Math.ceil(at - this.#clock.now()));
    // A rejection means that the alarm was moved or cleared.
    this.#clock.delay(waitMs, pending.controller.signal).then(due, () => {});
  }

  clear(): void {
    this.#pending?.controller.abort();
    this.#pending = undefined;
  }
}
