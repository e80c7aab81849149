import { htmlToText } from "../internal/html.js";

/**
 * The letters and figures of a text, as they compare: one case, without accents, ligatures taken apart
 * (Unicode NFKD), nothing else between them. Hyphens, spaces and punctuation are what text and word boxes differ in.
 */
export interface Ink {
  chars: string;
  /** For each character where it comes from: an offset in the text, or the number of a word. */
  from: Int32Array;
}

const toInk = (char: string): string =>
  char
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

const ASCII = Array.from({ length: 128 }, (_, code) => toInk(String.fromCharCode(code)));

/** The ink of one character: none, one or several characters. */
const fold = (char: string): string => ASCII[char.charCodeAt(0)] ?? toInk(char);

/** The ink of a text as it is, such as that of a word or of a cell. */
export const inkOf = (text: string): string => {
  let ink = "";
  for (const char of text) ink += fold(char);
  return ink;
};

/** What Markdown and HTML add to a text and a page does not show; an entity stands for what it means. */
const MARKUP =
  /\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\)|<\/?(?:[abipsu]|h[1-6]|t[rdh]|[ou]l|li|br|em|strong|su[bp]|span|div|code|del|ins|mark|small|table)(?=[\s/>])[^<>]*>|&(?:#\d+|#x[\da-f]+|[a-z][a-z\d]*);/gi;

/** The same, and the commands of a formula, such as `\frac`. */
const MARKUP_AND_COMMANDS = new RegExp(`${MARKUP.source}|\\\\[a-z]+`, "gi");

class InkWriter {
  #chars = "";
  readonly #from: number[] = [];

  add(text: string, from: (offset: number) => number): void {
    let offset = 0;
    for (const char of text) {
      const ink = fold(char);
      this.#chars += ink;
      for (let step = 0; step < ink.length; step++) this.#from.push(from(offset));
      offset += char.length;
    }
  }

  get ink(): Ink {
    return { chars: this.#chars, from: Int32Array.from(this.#from) };
  }
}

/** The ink that a text in Markdown shows. */
export const textInk = (text: string): Ink => {
  const writer = new InkWriter();
  let start = 0;
  const markup = /\$|\\[([]/.test(text) ? MARKUP_AND_COMMANDS : MARKUP;
  for (const { index, 0: mark } of text.matchAll(markup)) {
    const before = start;
    writer.add(text.slice(before, index), (offset) => before + offset);
    if (mark.startsWith("&")) writer.add(htmlToText(mark), () => index);
    start = index + mark.length;
  }
  writer.add(text.slice(start), (offset) => start + offset);
  return writer.ink;
};

/** The ink of words, one after the other. */
export const wordsInk = (words: readonly { text: string }[]): Ink => {
  const writer = new InkWriter();
  for (const [index, { text }] of words.entries()) writer.add(text, () => index);
  return writer.ink;
};
