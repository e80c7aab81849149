import { GrowingBytes } from "./growing-bytes.js";

/** Reads the value that begins at `from`. @returns the index after it, `INCOMPLETE` or `UNREADABLE` */
export type ValueReader = (bytes: Uint8Array, from: number) => number;

/**
 * Says what the scanner does with the value of a key: hand out the elements of an array, or leave the value out. A
 * value that is left out can be read first, and stays in if its reader cannot read it.
 */
export type ScanLevel = { key: string; how: "elements" } | { key: string; how: "skip"; read?: ValueReader };

/**
 * Something the scanner met. Level 0 is the whole; level n is an element of the array that the nth key holds.
 *
 * - `begin`: the array of a key begins; `JsonScanner.partial` gives its object as far as it is known
 * - `value`: a value is complete; `text` is its JSON, with `null` in the place of what was handed out or left out
 * - `skipped`: where the value of a `skip` key was, in bytes, the end exclusive
 */
export type ScanEvent =
  | { type: "begin"; level: number }
  | { type: "value"; level: number; text: string; start: number }
  | { type: "skipped"; level: number; start: number; end: number };

export interface ScanLimits {
  /** Levels of arrays and objects within each other. */
  depth: number;
  /** Bytes of one value that is handed out. */
  valueBytes: number;
}

/** Reports bytes that are not JSON, or that exceed a limit. */
export class JsonScanError extends Error {
  readonly byte: number;
  readonly kind: "syntax" | "end" | "limit";

  constructor(kind: JsonScanError["kind"], byte: number, message: string) {
    super(message);
    this.kind = kind;
    this.byte = byte;
  }
}

/** Collects the bytes of a value that has begun. */
export class OpenValue extends GrowingBytes {
  /** The byte at which it begins. */
  start = 0;
  /** Whether the key of the next level was found in it. */
  met = false;

  begin(start: number): void {
    this.clear();
    this.start = start;
    this.met = false;
  }

  /** @throws JsonScanError when there are more bytes than allowed */
  keep(piece: Uint8Array, from: number, to: number, most: number): void {
    if (this.length + to - from > most)
      throw new JsonScanError(
        "limit",
        this.start,
        `the value at byte ${this.start} is larger than ${most} bytes`,
      );
    this.append(piece, from, to);
  }

  /** Takes the bytes as text, and removes them. */
  take(): string {
    const text = this.text();
    this.clear();
    return text;
  }
}

/** Holds the values that are open within each other, by level. */
export class OpenValues {
  readonly #values: readonly OpenValue[];

  constructor(levels: number) {
    this.#values = Array.from({ length: levels }, () => new OpenValue());
  }

  at(level: number): OpenValue {
    const value = this.#values[level];
    if (!value) throw new RangeError(`no level ${level}`);
    return value;
  }
}
