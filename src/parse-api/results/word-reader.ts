import type { PackedWords } from "../../documents/segment.js";
import {
  byteAt,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COMMA,
  endOfOther,
  endOfPlain,
  endOfString,
  endOfValue,
  OPEN_BRACE,
  OPEN_BRACKET,
  parse,
  QUOTE,
  skipBlanks,
  startsWith,
  UNREADABLE,
  unexpectedAt,
  valueAfter,
} from "../../internal/json/bytes.js";
import { NumberReader } from "../../internal/json/number-reader.js";
import { isOnPage } from "./read-segment.js";
import { CONFIDENCE_SLOT, TEXT_SLOT, WordLayout } from "./word-layout.js";
import { WordWriter } from "./word-writer.js";

/** Returns a printed key, in an array of the same kind as those it is compared with, which is faster in V8. */
const keyOf = (key: string): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(key)));

const TEXT = keyOf("text");
const BBOX = keyOf("bbox");
const CONFIDENCE = keyOf("confidence");
const SIDES = ["left", "top", "width", "height"].map(keyOf);

/** Returns the key at an index, if it is one that is needed. */
const keyAt = (bytes: Uint8Array, at: number): Uint8Array | undefined =>
  [BBOX, TEXT, CONFIDENCE].find((key) => startsWith(bytes, at, key));

/** Returns the side that begins with a letter; -1 for any other letter. */
const sideOf = (letter: number): number =>
  letter === 0x6c ? 0 : letter === 0x74 ? 1 : letter === 0x77 ? 2 : letter === 0x68 ? 3 : -1;

/** A bit for each side that is known. */
const ALL_SIDES = 0b1111;
const LETTER_N = 0x6e;

/**
 * Reads the words of a segment from the bytes of their JSON, without an object for each: reading is then half as fast
 * again (`bench/speed`). It reads the forms in which services write words; everything else, such as a broken value, is
 * left to `JSON.parse` and `readSegment`, whose errors say what is wrong. The words are the same as theirs, packed.
 */
export class WordReader {
  readonly #most: number;
  readonly #number = new NumberReader();
  readonly #words = new WordWriter();
  /** How many words have begun. */
  #met = 0;
  #isRead = false;
  readonly #layout = new WordLayout();
  /** The word that is being read: which sides of its box are known, the box, its confidence. */
  #sides = 0;
  readonly #box = new Float64Array(4);
  #confidence = Number.NaN;
  readonly #keys = new Set<Uint8Array>();
  #isTwice = false;

  /** @param most the most words of a segment; more are left to `readSegment`, which refuses them */
  constructor(most: number) {
    this.#most = most;
  }

  /** Returns the words that were read since the last call. */
  take(): PackedWords | undefined {
    if (!this.#isRead) return undefined;
    this.#isRead = false;
    return this.#words.packed();
  }

  /** Reads the list of words that begins at `from`. @returns the index after it, `INCOMPLETE` or `UNREADABLE` */
  readonly read = (bytes: Uint8Array, from: number): number => {
    this.#met = 0;
    this.#words.clear();
    this.#isRead = false;
    if (byteAt(bytes, from) !== OPEN_BRACKET) return UNREADABLE;
    const end = this.#each("words", bytes, from);
    this.#isRead = end >= 0;
    return end;
  };

  /** Reads the elements of a list or the members of an object, from its opening bracket to its end. */
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
      if (byteAt(bytes, at) !== COMMA) return unexpectedAt(bytes, at);
      at = skipBlanks(bytes, at + 1);
    }
  }

  #word(bytes: Uint8Array, from: number): number {
    if (this.#met++ === this.#most) return UNREADABLE;
    let end = this.#readLikeBefore(bytes, from);
    if (end < 0) end = this.#readByKeys(bytes, from);
    if (end >= 0) this.#keep();
    return end;
  }

  #begin(): void {
    this.#words.noText();
    this.#sides = 0;
    this.#confidence = Number.NaN;
  }

  #readByKeys(bytes: Uint8Array, from: number): number {
    this.#begin();
    if (byteAt(bytes, from) !== OPEN_BRACE) return unexpectedAt(bytes, from);
    this.#layout.begin();
    this.#keys.clear();
    this.#isTwice = false;
    const end = this.#each("word", bytes, from);
    // The last value of a repeated key counts, and it may be one that a layout cannot have.
    if (this.#isTwice) this.#layout.forget();
    else if (end >= 0) this.#layout.learn(bytes, from, end);
    return end;
  }

  /** @returns less than 0 if the word is printed in another way than the last one that was read by its keys */
  #readLikeBefore(bytes: Uint8Array, from: number): number {
    this.#begin();
    const { slots, parts } = this.#layout;
    let at = from;
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index];
      if (!part || !startsWith(bytes, at, part)) return UNREADABLE;
      at += part.length;
      if (index === slots.length) return at;
      at = this.#readSlot(slots[index] ?? TEXT_SLOT, bytes, at);
      if (at < 0) return at;
    }
    return UNREADABLE;
  }

  #readSlot(slot: number, bytes: Uint8Array, from: number): number {
    if (slot === TEXT_SLOT) return this.#readText(bytes, from);
    const end = this.#number.read(bytes, from);
    if (slot === CONFIDENCE_SLOT) this.#confidence = this.#number.value;
    else {
      this.#box[slot] = this.#number.value;
      this.#sides |= 1 << slot;
    }
    return end;
  }

  /** Keeps the word, unless it lacks a text or a box on the page. */
  #keep(): void {
    if (!this.#words.hasText || this.#sides !== ALL_SIDES) return;
    const box = this.#box;
    // By index, because destructuring a typed array takes an iterator.
    const [left, top, width, height] = [box[0] ?? 0, box[1] ?? 0, box[2] ?? 0, box[3] ?? 0];
    if (isOnPage({ left, top, width, height })) this.#words.keep(left, top, width, height, this.#confidence);
  }

  #member(bytes: Uint8Array, from: number): number {
    const key = keyAt(bytes, from);
    if (!key) return endOfOther(bytes, from);
    this.#isTwice ||= this.#keys.has(key);
    this.#keys.add(key);
    const value = valueAfter(bytes, from + key.length);
    if (value < 0) return value;
    if (key === BBOX) return this.#readBox(bytes, value);
    if (key === CONFIDENCE) return this.#readConfidence(bytes, value);
    if (byteAt(bytes, value) === LETTER_N) return this.#noText(bytes, value);
    return this.#readMarked(TEXT_SLOT, bytes, value);
  }

  #readConfidence(bytes: Uint8Array, from: number): number {
    this.#confidence = Number.NaN;
    if (byteAt(bytes, from) === LETTER_N) return endOfValue(bytes, from);
    return this.#readMarked(CONFIDENCE_SLOT, bytes, from);
  }

  /** Reads a value, and remembers where it is. */
  #readMarked(slot: number, bytes: Uint8Array, from: number): number {
    const end = this.#readSlot(slot, bytes, from);
    if (end >= 0) this.#layout.mark(slot, from, end);
    return end;
  }

  #readBox(bytes: Uint8Array, from: number): number {
    this.#sides = 0;
    if (byteAt(bytes, from) === LETTER_N) return endOfValue(bytes, from);
    if (byteAt(bytes, from) !== OPEN_BRACE) return unexpectedAt(bytes, from);
    const end = this.#each("box", bytes, from);
    return end >= 0 && this.#sides !== ALL_SIDES ? UNREADABLE : end;
  }

  #side(bytes: Uint8Array, from: number): number {
    const side = sideOf(byteAt(bytes, from + 1));
    const key = SIDES[side];
    if (!key || !startsWith(bytes, from, key)) return endOfOther(bytes, from);
    const value = valueAfter(bytes, from + key.length);
    if (value < 0) return value;
    return this.#readMarked(side, bytes, value);
  }

  #noText(bytes: Uint8Array, from: number): number {
    this.#words.noText();
    return endOfValue(bytes, from);
  }

  #readText(bytes: Uint8Array, from: number): number {
    if (byteAt(bytes, from) !== QUOTE) return unexpectedAt(bytes, from);
    const end = endOfPlain(bytes, from + 1);
    if (byteAt(bytes, end) !== QUOTE) return this.#readAnyText(bytes, from);
    this.#words.plainText(bytes, from + 1, end);
    return end + 1;
  }

  /** Reads a text with escapes, or with more than ASCII. */
  #readAnyText(bytes: Uint8Array, from: number): number {
    const end = endOfString(bytes, from + 1);
    if (end < 0) return end;
    const word = parse(bytes, from, end);
    // UTF-8 has no half of a character.
    if (typeof word !== "string" || /\p{Surrogate}/u.test(word)) return UNREADABLE;
    this.#words.anyText(word);
    return end;
  }
}
