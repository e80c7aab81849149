import { mayHaveMarkup, printedRuns } from "../../../internal/markup/printed-runs.js";

/**
 * The letters and figures of a text in the form in which texts are compared: lower case, without accents, ligatures
 * taken apart (Unicode NFKD). Hyphens, spaces and punctuation are left out, because a text and its word boxes differ
 * in them.
 */
export interface NormalizedText {
  letters: string;
  /** Where each letter comes from: an offset in the text, or the index of a word. */
  origins: Int32Array;
}

const compute = (char: string): string =>
  char
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

const ASCII = Array.from({ length: 128 }, (_, code) => compute(String.fromCharCode(code)));

/** Normalizes one character to none, one or several letters. */
const normalizeCharacter = (char: string): string => ASCII[char.charCodeAt(0)] ?? compute(char);

/** Marks a UTF-16 unit without a letter, and one that is half a character or normalizes to several units. */
const NO_LETTER = -1;
const NOT_ONE_UNIT = -2;

/** The normalized unit of each UTF-16 unit, or one of the marks above; 0 until it is first asked for. */
const UNITS = new Int32Array(65_536);

const isSurrogate = (unit: number): boolean => (unit & 0xf800) === 0xd800;

const computeUnit = (unit: number): number => {
  const letters = compute(String.fromCharCode(unit));
  const isOther = isSurrogate(unit) || letters.length > 1;
  const normalized = isOther ? NOT_ONE_UNIT : letters === "" ? NO_LETTER : letters.charCodeAt(0);
  UNITS[unit] = normalized;
  return normalized;
};

const normalizeUnit = (unit: number): number => UNITS[unit] || computeUnit(unit);

/** Normalizes a text without markup, such as that of a word or of a cell. */
export const normalizedLetters = (text: string): string => {
  let letters = "";
  for (const char of text) letters += normalizeCharacter(char);
  return letters;
};

class NormalizedTextBuilder {
  #letters = "";
  readonly #origins: number[] = [];

  add(text: string, originOf: (offset: number) => number): void {
    let offset = 0;
    for (const char of text) {
      const letters = normalizeCharacter(char);
      this.#letters += letters;
      for (let step = 0; step < letters.length; step++) this.#origins.push(originOf(offset));
      offset += char.length;
    }
  }

  build(): NormalizedText {
    return { letters: this.#letters, origins: Int32Array.from(this.#origins) };
  }
}

/** Normalizes what a text in Markdown prints. */
export const normalizeText = (text: string): NormalizedText => {
  const builder = new NormalizedTextBuilder();
  for (const run of printedRuns(text)) builder.add(run.text, (offset) => run.offset + offset);
  return builder.build();
};

/** Normalizes words, one after the other. */
export const normalizeWords = (words: readonly { text: string }[]): NormalizedText => {
  const builder = new NormalizedTextBuilder();
  for (const [index, { text }] of words.entries()) builder.add(text, () => index);
  return builder.build();
};

/**
 * Compares the letters of a text with those of words, in their order. It only compares unit by unit, which is fast:
 * for most texts with markup or rare characters it returns `false` although their letters are the same.
 *
 * @param words the texts of all words, joined
 */
export const hasSameLetters = (text: string, words: string): boolean => {
  if (mayHaveMarkup(text)) return false;
  let at = 0;
  /** Skips units of the text without a letter, but not `unit` itself. */
  const skipTo = (unit: number): void => {
    for (; at < text.length; at++) {
      const next = text.charCodeAt(at);
      if (next === unit || normalizeUnit(next) !== NO_LETTER) return;
    }
  };
  for (let index = 0; index < words.length; index++) {
    const unit = words.charCodeAt(index);
    skipTo(unit);
    const isSame = at < text.length && unit === text.charCodeAt(at);
    if (!isSame || isSurrogate(unit)) {
      const letter = normalizeUnit(unit);
      if (letter === NO_LETTER) continue;
      if (letter === NOT_ONE_UNIT || at === text.length) return false;
      if (letter !== normalizeUnit(text.charCodeAt(at))) return false;
    }
    at++;
  }
  skipTo(NO_LETTER);
  return at === text.length;
};
