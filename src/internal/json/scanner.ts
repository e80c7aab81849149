import { CLOSE_BRACKET, COMMA, INCOMPLETE, OPEN_BRACE, OPEN_BRACKET, skipBlanks } from "./bytes.js";
import { JsonRun, type RunStop } from "./run.js";
import { JsonScanError, OpenValues, type ScanEvent, type ScanLevel, type ScanLimits } from "./scan.js";
import { SkippedValue } from "./skipped-value.js";

type Mode = "start" | "members" | "after-key" | "elements" | "element" | "skip" | "plain" | "end";

/**
 * Takes a JSON text apart while its bytes come in: finds the ends of array elements along a path of keys, such as
 * each element of `segments` in each element of `chunks`, without parsing and without holding the whole.
 *
 * Pieces may end anywhere, within characters and escapes too. Only the brackets and commas of the arrays that are
 * taken apart are checked here; every other byte is in a text that is handed out, to be checked by `JSON.parse`,
 * except what `skip` leaves out, which only its reader checks.
 *
 * @example
 * ```ts
 * const scanner = new JsonScanner([{ key: "chunks", how: "elements" }], limits);
 * for (const piece of pieces) for (const event of scanner.scan(piece)) if (event.type === "value") use(event.text);
 * scanner.end();
 * ```
 */
export class JsonScanner {
  readonly #levels: readonly ScanLevel[];
  readonly #limits: ScanLimits;
  readonly #open: OpenValues;
  readonly #run: JsonRun;
  readonly #skipped = new SkippedValue();
  /** Level of the innermost open object. */
  #level = 0;
  #mode: Mode = "start";
  #position = 0;
  #index = 0;
  /** In an array that is taken apart: whether an element, a comma or the end may come. */
  #expects: "first" | "element" | "comma" = "first";

  constructor(levels: readonly ScanLevel[], limits: ScanLimits) {
    this.#levels = levels;
    this.#limits = limits;
    this.#open = new OpenValues(levels.length + 1);
    this.#run = new JsonRun();
  }

  /** Bytes that were read. */
  get byte(): number {
    return this.#position + this.#index;
  }

  /** The object that is open at a level, as JSON, when its array has just begun. */
  partial(level: number): string {
    return `${this.#open.at(level).text()}null}`;
  }

  /** Reads a piece. Events come while it is read; stopping half-way ends the scan for good. */
  *scan(piece: Uint8Array): Generator<ScanEvent, void, undefined> {
    this.#index = 0;
    while (this.#index < piece.length) {
      const event = this.#step(piece);
      if (event) yield event;
    }
    this.#position += piece.length;
    this.#index = 0;
  }

  /** @returns a value that is no object; @throws JsonScanError when something is still open */
  end(): ScanEvent | undefined {
    if (this.#mode === "plain") {
      this.#mode = "end";
      return { type: "value", level: 0, text: this.#take(0), start: 0 };
    }
    if (this.#mode !== "end") throw new JsonScanError("end", this.byte, `it ends at byte ${this.byte}`);
    return undefined;
  }

  #step(piece: Uint8Array): ScanEvent | undefined {
    switch (this.#mode) {
      case "start":
        return this.#begin(piece);
      case "members":
        return this.#members(piece);
      case "after-key":
        return this.#afterKey(piece);
      case "elements":
        return this.#elements(piece);
      case "element":
        return this.#element(piece);
      case "skip":
        return this.#skip(piece);
      case "plain":
        this.#keep(piece, this.#index, piece.length);
        this.#index = piece.length;
        return undefined;
      case "end":
        if (this.#afterBlanks(piece) !== undefined) throw this.#broken("something follows its end");
        return undefined;
    }
  }

  #begin(piece: Uint8Array): undefined {
    const byte = this.#afterBlanks(piece);
    if (byte === OPEN_BRACE) this.#enter(piece, 0);
    else if (byte !== undefined) this.#mode = "plain";
  }

  /** Goes on to the next byte that is no blank. */
  #afterBlanks(piece: Uint8Array): number | undefined {
    this.#index = skipBlanks(piece, this.#index);
    return piece[this.#index];
  }

  #broken(problem: string): JsonScanError {
    return new JsonScanError("syntax", this.byte, `${problem} at byte ${this.byte}`);
  }

  /** Enters an object. */
  #enter(piece: Uint8Array, level: number): void {
    this.#level = level;
    this.#mode = "members";
    this.#open.at(level).begin(this.byte);
    this.#keep(piece, this.#index, this.#index + 1);
    this.#index += 1;
    this.#run.enter(2 * level + 1, this.#levels[level]?.key);
  }

  #members(piece: Uint8Array): ScanEvent | undefined {
    const level = this.#level;
    const stop = this.#advance(piece, "members");
    if (stop === "key") {
      this.#mode = "after-key";
      return undefined;
    }
    if (stop !== "close") return undefined;
    this.#keep(piece, this.#index, this.#index + 1);
    this.#index += 1;
    const { start } = this.#open.at(level);
    if (level === 0) this.#mode = "end";
    else this.#leave(level);
    return { type: "value", level, text: this.#take(level), start };
  }

  /** Back to the array around an object. */
  #leave(level: number): void {
    this.#level = level - 1;
    this.#mode = "elements";
    this.#expects = "comma";
    this.#run.enter(2 * level, undefined);
  }

  #afterKey(piece: Uint8Array): ScanEvent | undefined {
    const byte = this.#afterBlanks(piece);
    if (byte === undefined) return undefined;
    const what = this.#levels[this.#level];
    if (what?.how !== "elements") return this.#beginSkip(piece, what);
    this.#mode = "members";
    if (byte !== OPEN_BRACKET) return undefined;
    const frame = this.#open.at(this.#level);
    if (frame.met) throw this.#broken(`it has ${JSON.stringify(what.key)} twice, the second`);
    frame.met = true;
    this.#index += 1;
    this.#mode = "elements";
    this.#expects = "first";
    this.#run.enter(2 * this.#level + 2, undefined);
    return { type: "begin", level: this.#level };
  }

  #elements(piece: Uint8Array): undefined {
    const byte = this.#afterBlanks(piece);
    if (byte === undefined) return;
    if (byte === CLOSE_BRACKET && this.#expects !== "element") {
      this.#index += 1;
      this.#mode = "members";
      this.#open.at(this.#level).append(NULL, 0, NULL.length);
      this.#run.enter(2 * this.#level + 1, this.#levels[this.#level]?.key, false);
    } else if (byte === COMMA && this.#expects === "comma") {
      this.#index += 1;
      this.#expects = "element";
    } else if (this.#expects === "comma" || byte === COMMA || byte === CLOSE_BRACKET)
      throw this.#broken("it is broken");
    else if (byte === OPEN_BRACE) this.#enter(piece, this.#level + 1);
    else {
      this.#level += 1;
      this.#open.at(this.#level).begin(this.byte);
      this.#mode = "element";
    }
  }

  /** An element that is no object. */
  #element(piece: Uint8Array): ScanEvent | undefined {
    const stop = this.#advance(piece, "value");
    if (stop === undefined) return undefined;
    const level = this.#level;
    this.#leave(level);
    return { type: "value", level, text: this.#take(level), start: this.#open.at(level).start };
  }

  #beginSkip(piece: Uint8Array, what: ScanLevel | undefined): ScanEvent | undefined {
    const read = what?.how === "skip" ? what.read : undefined;
    const end = this.#skipped.begin(piece, this.#index, this.byte, read);
    this.#mode = end === INCOMPLETE ? "skip" : "members";
    if (end < 0) return undefined;
    this.#index = end;
    return this.#leftOut();
  }

  #skip(piece: Uint8Array): ScanEvent | undefined {
    const from = this.#index;
    this.#index = this.#run.value(piece, from);
    this.#skipped.add(piece, from, this.#index, this.#limits.valueBytes);
    this.#checkDepth();
    if (this.#run.stop === undefined) return undefined;
    this.#mode = "members";
    const unreadable = this.#skipped.end();
    if (!unreadable) return this.#leftOut();
    this.#keep(unreadable, 0, unreadable.length);
    return undefined;
  }

  #leftOut(): ScanEvent {
    this.#open.at(this.#level).append(NULL, 0, NULL.length);
    return { type: "skipped", level: this.#level, start: this.#skipped.start, end: this.byte };
  }

  /** Goes on to the next byte that matters, keeping what lies before it. */
  #advance(piece: Uint8Array, what: "members" | "value"): RunStop | undefined {
    const from = this.#index;
    this.#index = this.#run[what](piece, from);
    this.#keep(piece, from, this.#index);
    this.#checkDepth();
    return this.#run.stop;
  }

  #checkDepth(): void {
    if (this.#run.deepest > this.#limits.depth)
      throw new JsonScanError(
        "limit",
        this.byte,
        `nested deeper than ${this.#limits.depth} levels before byte ${this.byte}`,
      );
  }

  #keep(piece: Uint8Array, from: number, to: number): void {
    this.#open.at(this.#level).keep(piece, from, to, this.#limits.valueBytes);
  }

  #take(level: number): string {
    return this.#open.at(level).take();
  }
}

const NULL = Buffer.from("null");
