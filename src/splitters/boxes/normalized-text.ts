import { htmlToText } from "../../internal/text/html.js";

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

/** What stands for the ink of a character that has none, or more than one UTF-16 unit of it or in itself. */
const NO_INK = -1;
const MORE_INK = -2;

/** For each UTF-16 unit that was asked for its ink. */
const INK_UNITS = new Int32Array(65_536);

/** Whether a UTF-16 unit is half of a character. */
const isHalf = (unit: number): boolean => (unit & 0xf800) === 0xd800;

const learnInk = (unit: number): number => {
  const ink = toInk(String.fromCharCode(unit));
  const known = isHalf(unit) || ink.length > 1 ? MORE_INK : ink === "" ? NO_INK : ink.charCodeAt(0);
  INK_UNITS[unit] = known;
  return known;
};

/** The ink of a UTF-16 unit as a unit, `NO_INK` or `MORE_INK`. */
const inkUnit = (unit: number): number => INK_UNITS[unit] || learnInk(unit);

/** The ink of a text as it is, such as that of a word or of a cell. */
export const inkOf = (text: string): string => {
  let ink = "";
  for (const char of text) ink += fold(char);
  return ink;
};

/** What Markdown and HTML add to a text and a page does not show; an entity stands for what it means. */
const MARKUP =
  /\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\)|<\/?(?:[abipsu]|h[1-6]|t[rdh]|[ou]l|li|br|em|strong|su[bp]|span|div|code|del|ins|mark|small|table)(?=[\s/>])[^<>]*>|&(?:#\d+|#x[\da-f]+|[a-z][a-z\d]*);/gi;

/** Every text with markup or commands has one of these; few others have. */
const MAY_BE_MARKUP = /\]\(|<\/?[a-z]|&[#a-z]|\\[a-z]/i;

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

/**
 * Whether a text shows the ink of words and nothing else, letter by letter in their order. Looks no further where that
 * takes more than comparing one unit with one: `false` for most texts with markup or rare characters.
 *
 * @param words the texts of all words, one after the other
 */
export const showsJust = (text: string, words: string): boolean => {
  if (MAY_BE_MARKUP.test(text)) return false;
  let at = 0;
  /** Goes on in the text over what shows no ink, up to `unit` itself. */
  const skipTo = (unit: number): void => {
    for (; at < text.length; at++) {
      const next = text.charCodeAt(at);
      if (next === unit || inkUnit(next) !== NO_INK) return;
    }
  };
  for (let index = 0; index < words.length; index++) {
    const unit = words.charCodeAt(index);
    skipTo(unit);
    const isSame = at < text.length && unit === text.charCodeAt(at);
    if (!isSame || isHalf(unit)) {
      const ink = inkUnit(unit);
      if (ink === NO_INK) continue;
      if (ink === MORE_INK || at === text.length || ink !== inkUnit(text.charCodeAt(at))) return false;
    }
    at++;
  }
  skipTo(NO_INK);
  return at === text.length;
};
