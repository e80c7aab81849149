import type { Clock } from "../../../src/internal/async/clock.js";

/** Delays every answer of a server while the gate is closed, as it is at first. */
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

  /** Releases the answer that has waited longest. */
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
