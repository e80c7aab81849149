import type { Clock } from "../../../src/internal/async/clock.js";

/** For a server's latency: every answer waits while the gate is shut, as it is at first. */
export class GateClock implements Clock {
  readonly #waiting: (() => void)[] = [];
  #isOpen = false;

  now(): number {
    return 0;
  }

  async delay(): Promise<void> {
    if (this.#isOpen) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Lets the answer go that waits longest. */
  release(): void {
    this.#waiting.shift()?.();
  }

  shut(): void {
    this.#isOpen = false;
  }

  open(): void {
    this.#isOpen = true;
    for (const go of this.#waiting.splice(0)) go();
  }
}
