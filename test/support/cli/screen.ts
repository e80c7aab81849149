/** A terminal of a given width that shows what was written to it, as far as the command steers it. */
export class Screen {
  readonly rows: string[] = [""];
  columns: number;
  #row = 0;
  #column = 0;
  /** How many rows began because a line was longer than the terminal is wide. */
  wrapped = 0;
  /** How many times something was written. */
  writes = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): boolean {
    this.writes += 1;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal reads these.
    for (const [token] of text.matchAll(/\u001B\[(\d*)([A-Za-z])|[\s\S]/g)) this.#apply(token);
    return true;
  }

  get text(): string {
    return this.rows.map((row) => row.trimEnd()).join("\n");
  }

  /** Becomes narrower or wider, and breaks rows that are too long, as terminals do. */
  resize(columns: number): void {
    this.columns = columns;
    const broken = this.rows.flatMap((row) => row.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [""]);
    this.rows.splice(0, this.rows.length, ...broken);
    this.#row = this.rows.length - 1;
    this.#column = this.rows.at(-1)?.length ?? 0;
  }

  #apply(token: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal reads these.
    const [, count = "", command] = /^\u001B\[(\d*)([A-Za-z])$/.exec(token) ?? [];
    const row = this.rows[this.#row] ?? "";
    if (command === "A") this.#row = Math.max(0, this.#row - Number(count || 1));
    else if (command === "K") this.rows[this.#row] = row.slice(0, this.#column);
    else if (command === "J") {
      this.rows[this.#row] = row.slice(0, this.#column);
      this.rows.splice(this.#row + 1);
    } else if (command !== undefined) return;
    else if (token === "\r") this.#column = 0;
    else if (token === "\n") this.#nextRow();
    else {
      if (this.#column === this.columns) {
        this.wrapped += 1;
        this.#nextRow();
        this.#column = 0;
      }
      const own = (this.rows[this.#row] ?? "").padEnd(this.#column);
      this.rows[this.#row] = own.slice(0, this.#column) + token + own.slice(this.#column + 1);
      this.#column += 1;
    }
  }

  #nextRow(): void {
    this.#row += 1;
    if (this.#row === this.rows.length) this.rows.push("");
  }
}
