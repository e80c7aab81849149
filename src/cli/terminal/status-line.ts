/** What a {@link StatusLine} needs of `process.stderr`. */
export interface LineStream {
  readonly columns?: number;
  write(text: string): unknown;
}

const TICK_MS = 200;
const ERASE_BELOW = "\u001B[J";
const ERASE_RIGHT = "\u001B[K";
const up = (rows: number): string => (rows > 0 ? `\u001B[${rows}A` : "");

/** Separates the parts of the line. */
const GAP = "  ";

/** Leaves out the last parts where a line would be longer than the terminal is wide. */
export const fitParts = (parts: readonly string[], columns: number): string => {
  // The last column stays free: some terminals wrap as soon as it is written.
  const width = Math.max(columns - 1, 0);
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : line + GAP + part;
    if (longer.length > width) break;
    line = longer;
  }
  return line;
};

/**
 * One line at the end of a terminal that changes. It is overwritten in place, and only when it is another, so that it
 * does not flicker; its text must be of characters that are one column wide.
 */
export class StatusLine {
  readonly #stream: LineStream;
  #parts: (() => readonly string[]) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #shown = "";

  constructor(stream: LineStream) {
    this.#stream = stream;
  }

  /** Shows the parts, and asks for them again several times a second. */
  start(parts: () => readonly string[]): void {
    this.#parts = parts;
    this.#timer ??= setInterval(() => this.draw(), TICK_MS).unref();
    this.draw();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#parts = undefined;
    this.erase();
  }

  /** Makes room for other output. The line comes back with the next change. */
  erase(): void {
    if (this.#shown === "") return;
    this.#stream.write(`${this.#toStart()}${ERASE_BELOW}`);
    this.#shown = "";
  }

  draw(): void {
    const line = fitParts(this.#parts?.() ?? [], this.#columns);
    if (line === this.#shown && this.#extraRows === 0) return;
    const start = this.#toStart();
    this.#stream.write(
      this.#extraRows > 0 ? `${start}${ERASE_BELOW}${line}` : `${start}${line}${ERASE_RIGHT}`,
    );
    this.#shown = line;
  }

  get #columns(): number {
    return this.#stream.columns ?? 80;
  }

  /** Rows that the line takes beyond its first, where the terminal has become narrower since. */
  get #extraRows(): number {
    return Math.max(Math.ceil(this.#shown.length / this.#columns) - 1, 0);
  }

  #toStart(): string {
    return `${up(this.#extraRows)}\r`;
  }
}
