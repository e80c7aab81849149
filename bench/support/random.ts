/** Generates random numbers from a seed (mulberry32), the same on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a number in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  chance(rate: number): boolean {
    return this.next() < rate;
  }

  /** Returns a whole number from 0, less than `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
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
