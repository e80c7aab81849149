import { Alarm } from "../../internal/async/alarm.js";
import type { Clock } from "../../internal/async/clock.js";

/** Renews what a process has, three times in each lease, until it has nothing. */
export class Leases {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #intervalMs: number;
  readonly #renew: (ids: readonly string[]) => void;
  /** Until when each is renewed. */
  readonly #held = new Map<string, number>();

  constructor(clock: Clock, leaseMs: number, renew: (ids: readonly string[]) => void) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock);
    this.#intervalMs = leaseMs / 3;
    this.#renew = renew;
  }

  has(id: string): boolean {
    return this.#held.has(id);
  }

  /** Begins to renew. @param forMs for so long at most */
  add(id: string, forMs = Number.POSITIVE_INFINITY): void {
    this.#held.set(id, this.#clock.now() + forMs);
    if (this.#held.size === 1) this.#schedule();
  }

  delete(id: string): void {
    this.#held.delete(id);
    if (this.#held.size === 0) this.#alarm.clear();
  }

  clear(): void {
    this.#held.clear();
    this.#alarm.clear();
  }

  #schedule(): void {
    this.#alarm.set(this.#clock.now() + this.#intervalMs, () => {
      const now = this.#clock.now();
      for (const [id, until] of this.#held) if (until <= now) this.#held.delete(id);
      if (this.#held.size === 0) return;
      this.#renew([...this.#held.keys()]);
      this.#schedule();
    });
  }
}
