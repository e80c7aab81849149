import { withAsciiDigits } from "../../internal/text/ascii-digits.js";
import {
  type LabelKind,
  labelWord,
  NUMBER_FIRST_WORDS,
  SPACED_WORDS,
  UNSPACED_WORDS,
} from "./label-words.js";

/** A label such as `Table 2`, `Fig. 3a`, `Abb. 4.1`, `表 2` or `Рис. 1`. */
export interface Label {
  /** Labels of one series are numbered together. */
  series: string;
  kind: LabelKind;
  /** In the form in which numbers are compared: `2`, `3A`, `4.1`, `II`; `undefined` for a word alone. */
  number: string | undefined;
  /** As it is printed. */
  text: string;
}

/** A label within a text. */
export interface Mention extends Label {
  number: string;
  /** Whether the word is a plural, so that `1–3` is a range. */
  several: boolean;
}

/** `2`, `A.1`, `4.1`, `2-1`, `3a`, `3(a)`, `S2`, a Roman numeral, or a letter alone, but not a year or an amount. */
const NUMBER =
  "(?:[A-Z]{1,2}[.\\-–]?)?\\d{1,3}(?:[.\\-–]\\d{1,3}){0,3}(?!\\d|,\\d{3})(?:[a-z](?![\\p{L}\\p{N}])|\\s?\\([a-z]\\))?" +
  "|[IVXLC]{1,7}(?![\\p{L}\\p{N}])|[A-Z](?![\\p{L}\\p{N}])";
const BEFORE_NUMBER = "\\.?\\s*(?:(?:[Nn][or]\\.|[Nn][º°]|№|#)\\s*)?";
const SPACED = `(?<![\\p{L}\\p{N}])(?:${SPACED_WORDS})(?![\\p{L}])`;
const NOT_PEOPLE = "(?<![代])";
const WORD = `${SPACED}|${NOT_PEOPLE}(?:${UNSPACED_WORDS})`;
const LABEL = `(?<word>${WORD})(?<stop>${BEFORE_NUMBER})(?<number>${NUMBER})`;
const NUMBER_FIRST = `(?<![\\p{L}\\p{N}.])(?<first>\\d{1,3})\\.?\\s(?<after>${NUMBER_FIRST_WORDS})(?![\\p{L}])`;

const ANY_LABEL = new RegExp(`${LABEL}|${NUMBER_FIRST}`, "gu");
/** Marks, brackets and quotation marks may precede a label. */
const OPENING_LABEL = new RegExp(`^[^\\p{L}\\p{N}]*(?:${LABEL}|${NUMBER_FIRST})`, "u");
const OPENING_WORD = new RegExp(`^[^\\p{L}\\p{N}]*(${WORD})`, "u");
const NEXT_NUMBER = new RegExp(
  `(?<joint>\\s*(?:[,;/&–-]|,?\\s*(?<![\\p{L}])(?:and|or|to|through|und|oder|bis|et|ou|à|y|o|e|en|och|og|и|و)(?![\\p{L}]))\\s*)(?<number>${NUMBER})`,
  "uy",
);

// Without the flag `u`, V8 looks for such characters in a fraction of the time.
const NOT_ASCII = /[\u0080-\uffff]/;

/** Converts digits of other scripts to ASCII, and full-width letters and compatibility forms to plain ones. */
const plain = (text: string): string =>
  NOT_ASCII.test(text) ? withAsciiDigits(text.normalize("NFKC")) : text;

const canonical = (number: string): string =>
  number
    .replace(/[\s()]/g, "")
    .replaceAll("–", "-")
    .toUpperCase();

const toLabel = (match: RegExpMatchArray): Mention | undefined => {
  const { word, stop = "", number = "", first, after } = match.groups ?? {};
  const known = labelWord(word ?? after ?? "");
  if (!known) return undefined;
  const { series, kind, plural } = known;
  const text = match[0].replace(/^[^\p{L}\p{N}]+/u, "").replace(/\s+/g, " ");
  return {
    series,
    kind,
    number: canonical(first ?? number),
    text,
    // An abbreviation, as in `Abb. 2`, may be a plural.
    several: plural || stop.startsWith("."),
  };
};

/** Returns the label that a text begins with, with or without a number. */
export const openingLabel = (given: string): Label | undefined => {
  const text = plain(given);
  const match = OPENING_LABEL.exec(text);
  const label = match && toLabel(match);
  if (label) return label;
  const [, word = ""] = OPENING_WORD.exec(text) ?? [];
  const known = labelWord(word);
  return known && { series: known.series, kind: known.kind, number: undefined, text: word };
};

/** Longer texts are not captions. */
const MAX_CAPTION = 400;

/** Dots before a page number in a list of tables. */
const LEADERS = /\.{4,}|(?:\. ){3,}/;

/**
 * Finds the label of a text that is clearly a caption, of any segment type: `Table 3: Safety` and `Figure 2` are,
 * `Table 3 shows that …` and `Exhibit A: Form of lease` are not.
 */
export const captionLabel = (given: string): Mention | undefined => {
  const text = plain(given).trim();
  const match = text.length <= MAX_CAPTION ? OPENING_LABEL.exec(text) : null;
  const label = match ? toLabel(match) : undefined;
  if (!match || !label || label.kind === "any" || LEADERS.test(text)) return undefined;
  const rest = text.slice(match[0].length).replace(/^[*_]+/, "");
  // Followed by punctuation, by a capital, a digit or a script without capitals, or by nothing.
  const isName = /^(?:\s*[:.|\-–—)\]]|\s*\(|\s+[\p{Lu}\p{Lo}\p{N}]|\s*\n|\s*$)/u.test(rest);
  return isName ? label : undefined;
};

/** Lists the labels in a text, in order: `Tables 2 and 3` are two. */
export const mentionsIn = (given: string): Mention[] => {
  const text = plain(given);
  return [...text.matchAll(ANY_LABEL)].flatMap((match) => {
    const first = toLabel(match);
    if (!first) return [];
    const mentions = [first];
    if (!first.several) return mentions;
    NEXT_NUMBER.lastIndex = (match.index ?? 0) + match[0].length;
    for (let next = NEXT_NUMBER.exec(text); next; next = NEXT_NUMBER.exec(text)) {
      const { joint = "", number = "" } = next.groups ?? {};
      const before = mentions.at(-1);
      const isRange = /^\s*(?:[–-]|to|through|bis|à)\s*$/u.test(joint);
      const list = isRange && before ? numbersUpTo(before.number, canonical(number)) : [canonical(number)];
      mentions.push(...list.map((each) => ({ ...first, number: each })));
    }
    return mentions;
  });
};

/** A longer range is not a list of tables. */
const MAX_RANGE = 50;

/** Lists the numbers after `first` up to `last`; only `last` if they are not ascending whole numbers. */
const numbersUpTo = (first: string, last: string): string[] => {
  const [from, to] = [Number(first), Number(last)];
  const isRange = Number.isInteger(from) && Number.isInteger(to) && to > from && to - from <= MAX_RANGE;
  return isRange ? Array.from({ length: to - from }, (_, index) => String(from + 1 + index)) : [last];
};

/** Lists the numbers of a range such as `1-3`; nothing for any other number. */
export const rangeOf = (number: string): string[] => {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(number) ?? [];
  return first !== undefined && last !== undefined ? [first, ...numbersUpTo(first, last)] : [];
};
