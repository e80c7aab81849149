import { SeededRandom } from "../../src/internal/numbers/seeded-random.js";

/** Draws from a seed what generated documents and workloads need. */
export class Random extends SeededRandom {
  chance(rate: number): boolean {
    return this.next() < rate;
  }

  /** Returns a whole number from `from` to `to`, both inclusive. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0];
  }

  of<T>(...choices: readonly [T, ...T[]]): T {
    return this.pick(choices);
  }

  /** Puts a list into another order. */
  shuffle<T>(list: T[]): void {
    for (let left = list.length; left > 0; left--) {
      const other = this.below(left);
      const [moved] = list.splice(other, 1);
      if (moved !== undefined) list.push(moved);
    }
  }
}
