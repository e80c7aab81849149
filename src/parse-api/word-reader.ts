import { WORD_NUMBERS } from "../documents/packed-words.js";
import type { PackedWords } from "../documents/segment.js";
import {
  byteAt,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  endOfPlain,
  endOfString,
  endOfValue,
  NumberReader,
  ODD,
  OPEN_BRACE,
  OPEN_BRACKET,
  parse,
  QUOTE,
  skipBlanks,
  startsWith,
  without,
} from "../internal/json-bytes.js";
import { isOnPage } from "./read-segment.js";

/** A key as it is written, in an array of the very kind that it is compared with, which V8 does faster. */
const keyOf = (key: string): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(key)));

const TEXT = keyOf("text");
const BBOX = keyOf("bbox");
const CONFIDENCE = keyOf("confidence");
const SIDES = ["left", "top", "width", "height"].map(keyOf);
/** The side that a letter is the first of, if any. */
const sideOf = (letter: number): number =>
  letter === 0x6c ? 0 : letter === 0x74 ? 1 : letter === 0x77 ? 2 : letter === 0x68 ? 3 : -1;
/** A bit for each side that is known. */
const ALL_SIDES = 0b1111;
const LETTER_N = 0x6e;

/** @returns the place of the value behind a key that ends before `at` */
const valueAfter = (bytes: Uint8Array, at: number): number => {
  const colon = skipBlanks(bytes, at);
  return byteAt(bytes, colon) === COLON ? skipBlanks(bytes, colon + 1) : without(bytes, colon);
};

/** @returns the end of a member that nobody asked for */
const endOfOther = (bytes: Uint8Array, at: number): number => {
  if (byteAt(bytes, at) !== QUOTE) return without(bytes, at);
  const end = endOfPlain(bytes, at + 1);
  const value = byteAt(bytes, end) === QUOTE ? valueAfter(bytes, end + 1) : without(bytes, end);
  return value < 0 ? value : endOfValue(bytes, value);
};

/**
 * Reads the words of a segment from the bytes of their JSON, without making an object of each. It knows the forms in
 * which services write them; everything else, such as a broken value, is left to `JSON.parse` and `readSegment`, whose
 * errors say what is wrong. What it makes of words is what these make of them, packed.
 */
export class WordReader {
  readonly #most: number;
  readonly #number = new NumberReader();
  #numbers = new Float64Array(64 * WORD_NUMBERS);
  #text = Buffer.allocUnsafe(4_096);
  /** Words met, and those of them that were kept. */
  #met = 0;
  #kept = 0;
  /** Of the texts that were kept: their bytes, and their characters. */
  #bytes = 0;
  #length = 0;
  #isAscii = true;
  #isRead = false;
  /** Of the word that is being read: the end of its text in both, which sides of its box are known, its confidence. */
  #ownBytes = -1;
  #ownLength = 0;
  #sides = 0;
  readonly #box = new Float64Array(4);
  #confidence = Number.NaN;

  /** @param most words of a segment; more are left to `readSegment`, which refuses them */
  constructor(most: number) {
    this.#most = most;
  }

  /** The words that were read since this was asked last. */
  take(): PackedWords | undefined {
    if (!this.#isRead) return undefined;
    this.#isRead = false;
    const text = this.#text.toString(this.#isAscii ? "latin1" : "utf8", 0, this.#bytes);
    return { text, numbers: this.#numbers.slice(0, this.#kept * WORD_NUMBERS) };
  }

  /** Reads the list of words that begins at `from`. @returns the place behind it, `CUT` or `ODD` */
  readonly read = (bytes: Uint8Array, from: number): number => {
    this.#met = 0;
    this.#kept = 0;
    this.#bytes = 0;
    this.#length = 0;
    this.#isAscii = true;
    this.#isRead = false;
    if (byteAt(bytes, from) !== OPEN_BRACKET) return ODD;
    const end = this.#each("words", bytes, from);
    this.#isRead = end >= 0;
    return end;
  };

  /** Reads the elements of a list or the members of an object, from its opening bracket to behind its end. */
  #each(what: "words" | "word" | "box", bytes: Uint8Array, from: number): number {
    const close = what === "words" ? CLOSE_BRACKET : CLOSE_BRACE;
    let at = skipBlanks(bytes, from + 1);
    if (byteAt(bytes, at) === close) return at + 1;
    for (;;) {
      if (what === "words") at = this.#word(bytes, at);
      else at = what === "word" ? this.#member(bytes, at) : this.#side(bytes, at);
      if (at < 0) return at;
      at = skipBlanks(bytes, at);
      if (byteAt(bytes, at) === close) return at + 1;
      if (byteAt(bytes, at) !== COMMA) return without(bytes, at);
      at = skipBlanks(bytes, at + 1);
    }
  }

  #word(bytes: Uint8Array, from: number): number {
    if (this.#met++ === this.#most) return ODD;
    if (byteAt(bytes, from) !== OPEN_BRACE) return without(bytes, from);
    this.#ownBytes = -1;
    this.#sides = 0;
    this.#confidence = Number.NaN;
    const end = this.#each("word", bytes, from);
    if (end >= 0) this.#keep();
    return end;
  }

  /** Keeps the word, unless it lacks a text or a place on the page and so marks nothing. */
  #keep(): void {
    if (this.#ownBytes < 0 || this.#sides !== ALL_SIDES) return;
    const box = this.#box;
    // By index: taking it apart would go by way of an iterator.
    const [left, top, width, height] = [box[0] ?? 0, box[1] ?? 0, box[2] ?? 0, box[3] ?? 0];
    if (!isOnPage({ left, top, width, height })) return;
    this.#bytes = this.#ownBytes;
    this.#length = this.#ownLength;
    const at = this.#kept++ * WORD_NUMBERS;
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
    numbers[at + 4] = this.#confidence;
    numbers[at + 5] = this.#length;
  }

  #member(bytes: Uint8Array, from: number): number {
    let key = BBOX;
    if (!startsWith(bytes, from, key)) key = startsWith(bytes, from, TEXT) ? TEXT : CONFIDENCE;
    if (key === CONFIDENCE && !startsWith(bytes, from, key)) return endOfOther(bytes, from);
    const value = valueAfter(bytes, from + key.length);
    if (value < 0) return value;
    if (key === BBOX) return this.#readBox(bytes, value);
    return key === TEXT ? this.#readText(bytes, value) : this.#readConfidence(bytes, value);
  }

  #readConfidence(bytes: Uint8Array, from: number): number {
    this.#confidence = Number.NaN;
    if (byteAt(bytes, from) === LETTER_N) return endOfValue(bytes, from);
    const end = this.#number.read(bytes, from);
    if (end >= 0) this.#confidence = this.#number.value;
    return end;
  }

  #readBox(bytes: Uint8Array, from: number): number {
    this.#sides = 0;
    if (byteAt(bytes, from) === LETTER_N) return endOfValue(bytes, from);
    if (byteAt(bytes, from) !== OPEN_BRACE) return without(bytes, from);
    const end = this.#each("box", bytes, from);
    // A box that lacks a side is no box.
    return end >= 0 && this.#sides !== ALL_SIDES ? ODD : end;
  }

  #side(bytes: Uint8Array, from: number): number {
    const side = sideOf(byteAt(bytes, from + 1));
    const key = SIDES[side];
    if (!key || !startsWith(bytes, from, key)) return endOfOther(bytes, from);
    const value = valueAfter(bytes, from + key.length);
    if (value < 0) return value;
    const end = this.#number.read(bytes, value);
    this.#box[side] = this.#number.value;
    this.#sides |= 1 << side;
    return end;
  }

  #readText(bytes: Uint8Array, from: number): number {
    this.#ownBytes = -1;
    if (byteAt(bytes, from) === LETTER_N) return endOfValue(bytes, from);
    if (byteAt(bytes, from) !== QUOTE) return without(bytes, from);
    const end = endOfPlain(bytes, from + 1);
    if (byteAt(bytes, end) !== QUOTE) return this.#readOddText(bytes, from);
    const length = end - from - 1;
    const text = this.#roomFor(length);
    for (let index = 0; index < length; index++) text[this.#bytes + index] = bytes[from + 1 + index] ?? 0;
    this.#ownBytes = this.#bytes + length;
    this.#ownLength = this.#length + length;
    return end + 1;
  }

  /** A text with escapes, or with more than ASCII. */
  #readOddText(bytes: Uint8Array, from: number): number {
    const end = endOfString(bytes, from + 1);
    if (end < 0) return end;
    const word = parse(bytes, from, end);
    // Half a character is none in UTF-8.
    if (typeof word !== "string" || /\p{Surrogate}/u.test(word)) return ODD;
    this.#ownBytes = this.#bytes + this.#roomFor(3 * word.length).write(word, this.#bytes);
    this.#ownLength = this.#length + word.length;
    this.#isAscii = false;
    return end;
  }

  /** The bytes of the texts, with room for so many more. */
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
