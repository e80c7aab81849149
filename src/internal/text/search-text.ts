import { withAsciiDigits } from "./ascii-digits.js";
import { joinBrokenWords } from "./broken-words.js";

/**
 * Raise it whenever the same text is normalised differently, or full-text search sees other texts of the same splits,
 * so that stored points are written again.
 */
export const SEARCH_TEXT_VERSION = 2;

/** What is not printed: soft hyphens, characters of no width, marks of direction, control and private characters. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\ufffe\uffff](?<![\t-\r])/gu;

const MAY_CHANGE = /[^\p{ASCII}]|\p{Cc}(?<![\t-\r])/u;

/** Signs that become letters or figures in NFKC and belong to no word: `®`, `™`, `½`, `①`, `㎡`. */
const SIGNS = /[\p{So}\p{No}](?<![⁰-₟²³¹])/gu;

/** Where a raised figure is a note or a power, and no part of the word before it, as it is in `m²`. */
const BEFORE_RAISED = /(?=[⁰¹²³⁴-⁹])(?<=\p{L}{3}|\p{Nd}|[\p{Pe}\p{Pf}.,;:!?])/gu;

const APOSTROPHES = /[‘’ʼ]/g;

/** Marks that are not always written: the stretching and the vowels of Arabic, the points of Hebrew. */
const OPTIONAL_MARKS = /[\u0640\u064b-\u065f\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]/g;

/** NFKC takes two vowels of Thai and Lao apart, after which their words are not recognised. */
const withWholeVowels = (text: string): string =>
  text.replaceAll("\u0e4d\u0e32", "\u0e33").replaceAll("\u0ecd\u0eb2", "\u0eb3");

/** Removes the accents of Greek, which capitals do not have. */
const withoutGreekAccents = (text: string): string =>
  /\p{Script=Greek}/u.test(text)
    ? text
        .normalize("NFD")
        .replace(/(\p{Script=Greek})\p{M}+/gu, "$1")
        .normalize("NFC")
    : text;

/**
 * Folds case for all languages at once: `ß` and `ẞ` as `ss`, the dotted and the dotless i of Turkish as `i`, the final
 * sigma of Greek as any other.
 */
const foldCase = (text: string): string =>
  withoutGreekAccents(text.toLowerCase().toUpperCase().toLowerCase())
    .replaceAll("i\u0307", "i")
    .replaceAll("ς", "σ")
    .normalize("NFC");

/** How a text is normalised for word search. */
export interface SearchTextOptions {
  /** Whether case is kept, for a store that was asked to tell it apart. @default false */
  keepsCase?: boolean;
}

const fold = (text: string, { keepsCase = false }: SearchTextOptions): string => {
  if (!MAY_CHANGE.test(text)) return text;
  const plain = text
    .replace(INVISIBLE, "")
    .replace(SIGNS, " $& ")
    .replace(BEFORE_RAISED, " ")
    .normalize("NFKC")
    .replace(OPTIONAL_MARKS, "")
    .replace(APOSTROPHES, "'")
    .replaceAll("⁄", "/");
  const folded = withAsciiDigits(withWholeVowels(plain));
  return keepsCase ? folded : foldCase(folded);
};

const joinWords = (text: string): string => joinBrokenWords([text])[0] ?? text;

/**
 * Writes a text in the form in which words are searched. Texts and questions take the same way, so that a word is found
 * however it is printed: ligatures, full-width letters, digits of all scripts, invisible characters, words
 * divided at a line end, and case. Case of ASCII is left to the store.
 */
export const searchText = (text: string, options: SearchTextOptions = {}): string =>
  fold(joinWords(text), options);

/**
 * Writes a question in the form of {@link searchText}, followed by the words whose letters this changes. Points that
 * earlier versions of this package stored hold words as they are printed.
 */
export const searchQuestion = (question: string, options: SearchTextOptions = {}): string => {
  const joined = joinWords(question);
  const text = fold(joined, options);
  if (text === joined) return text;
  const known = new Set(text.split(/\s+/));
  const printed = joined.replace(INVISIBLE, "").replace(APOSTROPHES, "'").split(/\s+/);
  const changed = printed.filter((word) => !known.has(word) && !known.has(word.toLowerCase()));
  return [text, ...changed].join(" ");
};
