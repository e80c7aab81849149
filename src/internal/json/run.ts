import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from "./bytes.js";
import { GrowingBytes } from "./growing-bytes.js";

const ORDINARY = 0;
const STRING = 1;
const OPENING = 2;
const CLOSING = 3;
const PUNCTUATION = 4;

const KINDS = new Uint8Array(256);
KINDS[QUOTE] = STRING;
for (const byte of [OPEN_BRACE, OPEN_BRACKET]) KINDS[byte] = OPENING;
for (const byte of [CLOSE_BRACE, CLOSE_BRACKET]) KINDS[byte] = CLOSING;
for (const byte of [COMMA, COLON]) KINDS[byte] = PUNCTUATION;

/** Bytes of a string that neither end it nor begin an escape. */
const PLAIN = new Uint8Array(256).fill(1);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

/** Why a run stopped: after the colon of the key it looks for, at a closing bracket, or at a comma. */
export type RunStop = "key" | "close" | "comma";

/**
 * Runs over the bytes of JSON, keeping track of strings and depth, to the next byte that matters. Half a gigabyte
 * goes through here, so its state is in local variables while it runs.
 */
export class JsonRun {
  readonly #keyBytes = new GrowingBytes();
  #base = 0;
  #key: string | undefined;
  #depth = 0;
  #deepest = 0;
  #inString = false;
  #escaped = false;
  /** Whether the next string is a key of the object at `base`. */
  #keyNext = false;
  #inKey = false;
  #matches = false;
  #stop: RunStop | undefined;

  get stop(): RunStop | undefined {
    return this.#stop;
  }

  /** The greatest depth since the start. */
  get deepest(): number {
    return this.#deepest;
  }

  /** Sets the depth of the bytes that come next, and the key to look for. */
  enter(depth: number, key: string | undefined, keyNext = key !== undefined): void {
    this.#base = depth;
    this.#depth = depth;
    this.#key = key;
    this.#keyNext = keyNext;
    this.#matches = false;
  }

  /** Runs to the end of the value at `base`: to the comma or bracket behind it. @returns where that is */
  value(piece: Uint8Array, from: number): number {
    return this.#run(piece, from, true);
  }

  /** Runs over members of the object at `base`, to the value of the key looked for or the end of the object. */
  members(piece: Uint8Array, from: number): number {
    return this.#run(piece, from, false);
  }

  #run(piece: Uint8Array, from: number, toComma: boolean): number {
    const base = this.#base;
    const { length } = piece;
    let depth = this.#depth;
    let deepest = this.#deepest;
    let index = this.#inString ? this.#endOfString(piece, from) : from;
    let stop: RunStop | undefined;
    while (index < length) {
      const byte = piece[index] ?? 0;
      const kind = KINDS[byte];
      index += 1;
      if (kind === ORDINARY) continue;
      if (kind === STRING) {
        if (this.#keyNext && depth === base) {
          this.#inKey = true;
          this.#inString = true;
          index = this.#endOfString(piece, index);
          continue;
        }
        // Most strings are short and end in this piece without an escape.
        while (index < length && PLAIN[piece[index] ?? 0] === 1) index += 1;
        if (piece[index] === QUOTE) index += 1;
        else {
          this.#inString = true;
          index = this.#endOfString(piece, index);
        }
      } else if (kind === PUNCTUATION) {
        if (depth !== base) continue;
        if (byte === COMMA) {
          this.#keyNext = this.#key !== undefined;
          if (!toComma) continue;
          index -= 1;
          stop = "comma";
          break;
        }
        if (!this.#matches) continue;
        this.#matches = false;
        stop = "key";
        break;
      } else if (kind === OPENING) {
        depth += 1;
        if (depth > deepest) deepest = depth;
      } else if (depth === base) {
        index -= 1;
        stop = "close";
        break;
      } else depth -= 1;
    }
    this.#stop = stop;
    this.#depth = depth;
    this.#deepest = deepest;
    return index;
  }

  /** Keeps the bytes of a key, which may come in several pieces, until they can be compared. */
  #readKey(piece: Uint8Array, from: number, to: number): void {
    this.#keyBytes.append(piece, from, this.#inString ? to : to - 1);
    if (this.#inString) return;
    this.#inKey = false;
    this.#keyNext = false;
    this.#matches = this.#isKey(this.#keyBytes.text());
    this.#keyBytes.clear();
  }

  #isKey(text: string): boolean {
    if (!text.includes("\\")) return text === this.#key;
    try {
      return JSON.parse(`"${text}"`) === this.#key;
    } catch {
      return false;
    }
  }

  /** @returns the place behind the closing quote, or the end of the piece */
  #endOfString(piece: Uint8Array, from: number): number {
    const { length } = piece;
    let index = from;
    if (this.#escaped) {
      this.#escaped = false;
      index += 1;
    }
    while (index < length) {
      const byte = piece[index++];
      if (byte === QUOTE) {
        this.#inString = false;
        break;
      }
      if (byte !== BACKSLASH) continue;
      if (index === length) this.#escaped = true;
      index += 1;
    }
    const end = Math.min(index, length);
    if (this.#inKey) this.#readKey(piece, from, end);
    return end;
  }
}
