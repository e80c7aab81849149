/** What of a word stands in a place: a side of its box, from 0 to 3, or one of these. */
export const CONFIDENCE_SLOT = 4;
export const TEXT_SLOT = 5;

/**
 * How the words of a result are printed: with the same keys in the same order and the same blanks, and only some values
 * that differ. It is learned from a word that was read key by key; the next ones are then read by comparing what lies
 * between these values, which is much faster than telling keys apart.
 */
export class WordLayout {
  /** What the values are, in order. */
  slots: readonly number[] = [];
  /** What lies before each value, and behind the last. */
  parts: readonly Uint8Array[] = [];
  #slots: number[] = [];
  #ends: number[] = [];

  /** A word begins that is read key by key. */
  begin(): void {
    this.#slots = [];
    this.#ends = [];
  }

  /** A value of it was read, from `from` to `to`. */
  mark(slot: number, from: number, to: number): void {
    this.#slots.push(slot);
    this.#ends.push(from, to);
  }

  /** The next word is read key by key again. */
  forget(): void {
    this.parts = [];
  }

  /** All of it was read, from `from` to `to`. */
  learn(bytes: Uint8Array, from: number, to: number): void {
    const ends = [from, ...this.#ends, to];
    // A copy, as the bytes are not kept.
    this.parts = Array.from({ length: ends.length / 2 }, (_, index) =>
      bytes.slice(ends[2 * index], ends[2 * index + 1]),
    );
    this.slots = this.#slots;
  }
}
