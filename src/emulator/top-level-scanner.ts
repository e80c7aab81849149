const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Finds the value of one top-level key in the bytes of a JSON object, without holding that value.
 *
 * Everything else is kept; {@link rest} gives it as JSON with `null` in the place of the value.
 */
export class TopLevelScanner {
  readonly #key: string;
  readonly #kept: Buffer[] = [];
  #position = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** At depth 1: whether the next string is a key. */
  #keyNext = false;
  #stringBytes: number[] = [];
  #lastKey = "";
  #start: number | undefined;
  #end: number | undefined;

  constructor(key: string) {
    this.#key = key;
  }

  /** Where the value is, in bytes: from `start` up to but not including `end`. */
  get span(): { start: number; end: number } | undefined {
    return this.#start === undefined || this.#end === undefined
      ? undefined
      : { start: this.#start, end: this.#end };
  }

  push(piece: Buffer): void {
    let keptFrom = this.#inValue ? undefined : 0;
    for (let index = 0; index < piece.length; index++) {
      const wasInValue = this.#inValue;
      this.#step(piece[index] ?? 0, this.#position + index);
      if (this.#inValue && !wasInValue) {
        this.#kept.push(piece.subarray(keptFrom ?? 0, index + 1), Buffer.from("null"));
        keptFrom = undefined;
      } else if (!this.#inValue && wasInValue) keptFrom = index;
    }
    if (keptFrom !== undefined) this.#kept.push(Buffer.from(piece.subarray(keptFrom)));
    this.#position += piece.length;
  }

  rest(): string {
    return Buffer.concat(this.#kept).toString("utf8");
  }

  get #inValue(): boolean {
    return this.#start !== undefined && this.#end === undefined;
  }

  #step(byte: number, position: number): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#endString();
      if (this.#inString && this.#keyNext) this.#stringBytes.push(byte);
    } else if (byte === QUOTE) {
      this.#inString = true;
      this.#stringBytes = [];
    } else if (OPENING.has(byte)) {
      this.#depth += 1;
      if (this.#depth === 1) this.#keyNext = true;
    } else if (CLOSING.has(byte)) {
      if (this.#depth === 1) this.#endValue(position);
      this.#depth -= 1;
    } else if (this.#depth === 1 && byte === COMMA) {
      this.#endValue(position);
      this.#keyNext = true;
    } else if (this.#depth === 1 && byte === COLON && this.#lastKey === this.#key) {
      // The first of two equal keys is the one that is streamed.
      this.#start ??= position + 1;
    }
  }

  #endString(): void {
    this.#inString = false;
    if (this.#depth !== 1 || !this.#keyNext) return;
    this.#lastKey = Buffer.from(this.#stringBytes).toString("utf8");
    this.#keyNext = false;
  }

  #endValue(position: number): void {
    if (this.#inValue) this.#end = position;
  }
}
