import { WORD_NUMBERS } from "../../documents/packed-words.js";
import type { PackedWords } from "../../documents/segment.js";

/** Packs words one after the other, in memory that is used again for those of the next segment. */
export class WordWriter {
  #numbers = new Float64Array(64 * WORD_NUMBERS);
  #text = Buffer.allocUnsafe(4_096);
  #count = 0;
  /** The bytes and the characters of the texts of all words that were kept. */
  #bytes = 0;
  #length = 0;
  #isAscii = true;
  /** Where the text of the next word ends in both; less than 0 while it has none. */
  #ownBytes = -1;
  #ownLength = 0;

  /** Removes all words. */
  clear(): void {
    this.#count = 0;
    this.#bytes = 0;
    this.#length = 0;
    this.#isAscii = true;
  }

  get hasText(): boolean {
    return this.#ownBytes >= 0;
  }

  /** Begins the next word, or takes its text away. */
  noText(): void {
    this.#ownBytes = -1;
  }

  /** Sets the text of the next word, in ASCII. */
  plainText(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    const text = this.#roomFor(length);
    const start = this.#bytes;
    for (let index = 0; index < length; index++) text[start + index] = bytes[from + index] ?? 0;
    this.#ownBytes = start + length;
    this.#ownLength = this.#length + length;
  }

  /** Sets the text of the next word, in any whole characters. */
  anyText(word: string): void {
    this.#ownBytes = this.#bytes + this.#roomFor(3 * word.length).write(word, this.#bytes);
    this.#ownLength = this.#length + word.length;
    this.#isAscii = false;
  }

  /** Keeps the word with the last text. */
  keep(left: number, top: number, width: number, height: number, confidence: number): void {
    this.#bytes = this.#ownBytes;
    this.#length = this.#ownLength;
    const at = this.#count++ * WORD_NUMBERS;
    if (at === this.#numbers.length) {
      const more = new Float64Array(2 * at);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    const numbers = this.#numbers;
    numbers[at] = left;
    numbers[at + 1] = top;
    numbers[at + 2] = width;
    numbers[at + 3] = height;
    numbers[at + 4] = confidence;
    numbers[at + 5] = this.#length;
  }

  /** Returns a copy of the words that were kept. */
  packed(): PackedWords {
    const text = this.#text.toString(this.#isAscii ? "latin1" : "utf8", 0, this.#bytes);
    return { text, numbers: this.#numbers.slice(0, this.#count * WORD_NUMBERS) };
  }

  /** Returns the bytes of the texts, with room for so many more. */
  #roomFor(more: number): Buffer {
    const needed = this.#bytes + more;
    if (needed > this.#text.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      this.#text.copy(larger, 0, 0, this.#bytes);
      this.#text = larger;
    }
    return this.#text;
  }
}
