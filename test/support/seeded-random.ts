import { createHash } from "node:crypto";

/** Draws numbers that are the same for the same seed, so that a test can be repeated. */
export class SeededRandom {
  readonly #seed: string;
  #drawn = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** At least 0 and less than 1. */
  next(): number {
    const hash = createHash("sha256")
      .update(`${this.#seed}:${this.#drawn++}`)
      .digest();
    return hash.readUInt32LE(0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** Draws a whole number, including both ends. */
  integer(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.integer(0, from.length - 1)] ?? from[0];
  }
}
