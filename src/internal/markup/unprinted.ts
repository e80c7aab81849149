/** Characters that are not printed: a soft hyphen, breaks of no width, a byte order mark. */
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]/g;

const HYPHENATED = /\u00ad[ \t]*\r?\n[ \t]*/g;

/** Removes what is not printed from texts that follow each other. */
export class UnprintedFilter {
  /** Whether the last text ended in a soft hyphen. */
  #isHyphenated = false;

  /** Removes what is not printed; a line may end at a soft hyphen without ending a word. */
  filter(data: string): string {
    const text = this.#isHyphenated ? data.replace(/^\r?\n[ \t]*/, "") : data;
    this.#isHyphenated = text.endsWith("\u00ad");
    return /[\u00ad\u200b\u2060\ufeff]/.test(text)
      ? text.replace(HYPHENATED, "").replace(INVISIBLE, "")
      : text;
  }
}
