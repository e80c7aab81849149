import type { ListMarkers } from "./list-markers.js";

/** As much of the text before a raised or lowered text as decides how that is written. */
const TAIL_LENGTH = 40;

/** Few texts have other white space, and a test is cheaper than a copy. */
export const withSingleBlanks = (text: string): string =>
  /[^\S ]| {2}/.test(text) ? text.replace(/\s+/g, " ") : text;

/** Writes text in lines, and collects the texts of elements whose lines are not those of the text. */
export class LineWriter {
  readonly #lines: string[] = [];
  readonly #lists: ListMarkers;
  /** The current line, or the text of the element that is collected. */
  #pieces: string[] = [];
  /** Whether blanks of the current line are kept. */
  #isVerbatim = false;
  #collecting = 0;
  #written = 0;

  constructor(lists: ListMarkers) {
    this.#lists = lists;
  }

  /** Counts what was written, to know whether an element was empty. */
  get written(): number {
    return this.#written;
  }

  /** Whether the text of an open element is collected. */
  get isCollecting(): boolean {
    return this.#collecting > 0;
  }

  get isLineEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** The end of the current line, or of the text that is collected. */
  get tail(): string {
    let tail = "";
    for (let at = this.#pieces.length - 1; at >= 0 && tail.length < TAIL_LENGTH; at--)
      tail = (this.#pieces[at]?.slice(-TAIL_LENGTH) ?? "") + tail;
    return tail.slice(-TAIL_LENGTH);
  }

  write(text: string): void {
    if (text === "") return;
    this.#pieces.push(this.isCollecting ? text : this.#lists.mark(text));
    if (text !== " ") this.#written += 1;
  }

  /** Writes a text with its own line ends and blanks. */
  writeVerbatim(text: string): void {
    const [first = "", ...rest] = text.split(/\r?\n/);
    if (first !== "") this.#writeKept(first);
    for (const line of rest) {
      this.#isVerbatim = true;
      this.endLine();
      if (line !== "") this.#writeKept(line);
    }
  }

  /** Ends the current line; an empty one counts only where blanks are kept. */
  endLine(): void {
    const line = this.#pieces.length === 1 ? (this.#pieces[0] ?? "") : this.#pieces.join("");
    this.#pieces = [];
    const text = this.#isVerbatim ? line.trimEnd() : withSingleBlanks(line).trim();
    if (text !== "" || this.#isVerbatim) this.#lines.push(text);
    this.#isVerbatim = false;
  }

  /** Collects what is written from now on. @returns a function that ends this, and returns the text */
  collect(): () => string {
    const outer = this.#pieces;
    this.#pieces = [];
    this.#collecting += 1;
    return () => {
      const text = this.#pieces.join("").replace(/\s+/g, " ").trim();
      this.#pieces = outer;
      this.#collecting -= 1;
      return text;
    };
  }

  /** Takes the lines written so far, and begins with none. */
  take(): string {
    const text = this.#lines.length === 1 ? (this.#lines[0] ?? "") : this.#lines.join("\n");
    this.#lines.length = 0;
    return text;
  }

  #writeKept(text: string): void {
    this.#isVerbatim = true;
    this.write(text);
  }
}
