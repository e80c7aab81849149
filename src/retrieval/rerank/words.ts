import { searchText } from "../../internal/text/search-text.js";

/** Scripts that are written without spaces between words. */
const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}";
const WORD = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+(?:[.,]\\p{N}+)*`, "gu");
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

/** Doubled consonants at the end of a stem, as in "planned". */
const DOUBLED = /([bdgmnprt])\1$/;

/**
 * Removes the endings of English that word forms differ in, so that "dividends" is "dividend" and "planned" is "plan".
 * Words of other languages lose the same letters in texts and questions alike.
 */
export const stemOf = (word: string): string => {
  if (word.length < 4 || /\p{N}/u.test(word)) return word;
  const singular = word
    .replace(/(?<=..)ies$/, "y")
    .replace(/(?<=ss|x|z|ch|sh)es$/, "")
    .replace(/(?<![sui])s$/, "");
  const stem = singular.replace(/(?<=.{3})(?:ing|ed)$/, "").replace(DOUBLED, "$1");
  return stem.replace(/(?<=.{3})e$/, "");
};

/** Returns overlapping pairs of characters, since the borders of words are not written. */
const pairsOf = (text: string): string[] => {
  const characters = [...text];
  return characters.length < 2
    ? characters
    : characters.slice(1).map((next, at) => `${characters[at]}${next}`);
};

/** Writes a text in the form that {@link wordsOf} reads. Done once for a whole text, because words may be divided at line ends. */
export const normalize = (text: string): string => searchText(text).toLowerCase();

/** Returns the stems of the words of a normalized text, in their order. Numbers stay whole, without separators of thousands. */
export const wordsOf = (normalized: string): string[] =>
  (normalized.match(WORD) ?? []).flatMap((word) =>
    IS_UNSPACED.test(word) ? pairsOf(word) : stemOf(word.replace(/(?<=\p{N}),(?=\p{N}{3})/gu, "")),
  );
