import { FifoQueue } from "./fifo-queue.js";

/** A part of a semaphore's capacity, from when it is acquired until it is released. */
export interface Permit {
  /** Gives back all but this weight; never takes more. */
  shrinkTo(weight: number): void;
  /** Gives everything back. Releasing again does nothing. */
  release(): void;
}

/** How a piece of work takes its part of a semaphore. */
export interface PermitRequest {
  /** At most the capacity. @default 1 */
  weight?: number;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
}

/**
 * Limits how much work goes on at once, where small pieces count for less than one. Waiters are served first come,
 * first served, so that small pieces never overtake a large one for ever. Weights should be binary fractions, whose
 * sums are exact.
 */
export class WeightedSemaphore {
  readonly #queue = new FifoQueue<Permit, number>(() => this.#grant());
  #free: number;

  constructor(capacity: number) {
    this.#free = capacity;
  }

  /** Waits for a permit, which the caller must release. @throws UnsiloedError `ABORTED` */
  acquire({ weight = 1, signal }: PermitRequest = {}): Promise<Permit> {
    return this.#queue.wait(signal, weight);
  }

  /** Runs a piece of work while holding a permit. @throws UnsiloedError `ABORTED` while waiting for it */
  async run<T>(work: () => Promise<T>, request: PermitRequest = {}): Promise<T> {
    const permit = await this.acquire(request);
    try {
      return await work();
    } finally {
      permit.release();
    }
  }

  #grant(): void {
    for (;;) {
      const weight = this.#queue.first;
      if (weight === undefined || weight > this.#free) return;
      this.#free -= weight;
      this.#queue.grantFirst(this.#permit(weight));
    }
  }

  #permit(acquired: number): Permit {
    let held = acquired;
    const shrinkTo = (weight: number) => {
      if (weight >= held) return;
      this.#free += held - weight;
      held = weight;
      this.#grant();
    };
    return { shrinkTo, release: () => shrinkTo(0) };
  }
}
