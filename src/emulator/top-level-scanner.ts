const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

const isOpening = (byte: number): boolean => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number): boolean => byte === 0x7d || byte === 0x5d;

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
  /** Whether the next string at depth 1 is a key. */
  #keyNext = false;
  #stringBytes: number[] = [];
  #lastKey = "";
  #start: number | undefined;
  #end: number | undefined;
  #valueBegins = false;

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
    let index = 0;
    while (index < piece.length) {
      if (this.#start !== undefined && this.#end === undefined) {
        index = this.#skipValue(piece, index);
        if (index < piece.length) this.#end = this.#position + index;
      } else {
        const from = index;
        while (index < piece.length && !this.#step(piece[index++] ?? 0));
        this.#kept.push(Buffer.from(piece.subarray(from, index)));
        if (this.#valueBegins) {
          this.#valueBegins = false;
          this.#start = this.#position + index;
          this.#kept.push(Buffer.from("null"));
        }
      }
    }
    this.#position += piece.length;
  }

  rest(): string {
    return Buffer.concat(this.#kept).toString("utf8");
  }

  /** @returns whether the value that is looked for comes next */
  #step(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#endString();
      if (this.#inString && this.#keyNext) this.#stringBytes.push(byte);
    } else if (byte === QUOTE) {
      this.#inString = true;
      this.#stringBytes = [];
    } else if (isOpening(byte)) {
      this.#depth += 1;
      this.#keyNext = this.#depth === 1;
    } else if (isClosing(byte)) this.#depth -= 1;
    else if (this.#depth === 1 && byte === COMMA) this.#keyNext = true;
    else if (this.#depth === 1 && byte === COLON && this.#start === undefined)
      this.#valueBegins = this.#lastKey === this.#key;
    return this.#valueBegins;
  }

  #endString(): void {
    this.#inString = false;
    if (this.#depth !== 1 || !this.#keyNext) return;
    this.#lastKey = Buffer.from(this.#stringBytes).toString("utf8");
    this.#keyNext = false;
  }

  /** Goes over the bytes of the value, which may be half a gigabyte. @returns where it ends, or the piece does */
  #skipValue(piece: Buffer, from: number): number {
    let depth = this.#depth;
    let inString = this.#inString;
    let escaped = this.#escaped;
    let index = from;
    for (; index < piece.length; index++) {
      const byte = piece[index] ?? 0;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (depth === 1 && (byte === COMMA || isClosing(byte))) break;
      else if (isOpening(byte)) depth += 1;
      else if (isClosing(byte)) depth -= 1;
    }
    this.#depth = depth;
    this.#inString = inString;
    this.#escaped = escaped;
    return index;
  }
}
