/** The values of a word: the sides of its box are 0 to 3, the others these. */
export const CONFIDENCE_SLOT = 4;
export const TEXT_SLOT = 5;

/**
 * Learns how the words of a result are printed: with the same keys in the same order and the same blanks, so that only
 * some values differ. After one word is read key by key, the bytes between the values of the next ones are compared,
 * which is much faster than reading keys.
 */
export class WordLayout {
  /** The values in their order. */
  slots: readonly number[] = [];
  /** The bytes before each value, and after the last. */
  parts: readonly Uint8Array[] = [];
  #slots: number[] = [];
  #ends: number[] = [];

  /** Begins with a word that is read key by key. */
  begin(): void {
    this.#slots = [];
    this.#ends = [];
  }

  /** Remembers where a value of the word is. */
  mark(slot: number, from: number, to: number): void {
    this.#slots.push(slot);
    this.#ends.push(from, to);
  }

  /** Forgets the layout, so that the next word is read key by key. */
  forget(): void {
    this.parts = [];
  }

  /** Learns from the word, once it was read from `from` to `to`. */
  learn(bytes: Uint8Array, from: number, to: number): void {
    const ends = [from, ...this.#ends, to];
    // A copy, as the bytes are not kept.
    this.parts = Array.from({ length: ends.length / 2 }, (_, index) =>
      bytes.slice(ends[2 * index], ends[2 * index + 1]),
    );
    this.slots = this.#slots;
  }
}
