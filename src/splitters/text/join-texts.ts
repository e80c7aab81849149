import { CONJUNCTIONS, comparable } from "../../internal/text/broken-words.js";

/** First parts that English writes with a hyphen before most words. */
const HYPHENATED = new Set(
  "all cross ex first fourth full half high long low mid non one post second self semi short so third three two well".split(
    " ",
  ),
);

const HYPHEN = /[-\u2010]$/u;

/** What text recognition writes for a hyphen at the end of a line. */
const DISCRETIONARY = /(?<=\p{L})\u00ac$/u;

const WORD = /[\p{L}\p{M}\p{N}]+(?:[-\u2010'’][\p{L}\p{M}\p{N}]+)*/gu;
const LAST_WORD = /[\p{L}\p{M}\p{N}]+(?:[-\u2010'’][\p{L}\p{M}\p{N}]+)*$/u;
const FIRST_WORD = /^[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*/u;

/** A word within a compound, as in `state-of-the-art` and `up-to-date`. */
const LINKING_WORD = /^(?:of|to|in|by|on|at|for|the|and|or)[-\u2010]\p{L}/u;

/** Scripts that are written without spaces. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}、，。]$/u;

/** Lists the words of texts, by which a word that a break divides is recognised. */
export const wordsOf = (texts: Iterable<string>): Set<string> => {
  const words = new Set<string>();
  for (const text of texts) for (const [word] of text.matchAll(WORD)) words.add(comparable(word));
  return words;
};

/** How two texts are joined. */
export interface Joint {
  /** How much of the first text is kept. */
  end: number;
  separator: "" | " ";
}

/** Tells whether a word keeps the hyphen before a break. */
const keepsHyphen = (before: string, after: string, known: ReadonlySet<string>): boolean => {
  if (known.has(comparable(before + after))) return false;
  if (known.has(comparable(`${before}-${after}`))) return true;
  return (
    HYPHENATED.has(before.toLowerCase()) || /\p{N}|[-\u2010]/u.test(before) || /^[\p{Lu}\p{N}]/u.test(after)
  );
};

/**
 * Joins two texts of which the second continues a sentence of the first. A hyphen at the break is left out where
 * the word without it is the likelier: because the document has that word elsewhere, or no sign speaks for the hyphen.
 *
 * @param known the words of the document, asked for only at a hyphen
 */
export const joinTexts = (first: string, second: string, known: () => ReadonlySet<string>): Joint => {
  const end = first.length;
  if (DISCRETIONARY.test(first)) return { end: end - 1, separator: "" };
  const after = FIRST_WORD.exec(second)?.[0] ?? "";
  if (HYPHEN.test(first)) {
    const before = LAST_WORD.exec(first.slice(0, -1))?.[0] ?? "";
    const isLinked = LINKING_WORD.test(second) && !known().has(comparable(before + after));
    if (before === "" || after === "" || (!isLinked && CONJUNCTIONS.has(after.toLowerCase())))
      return { end, separator: " " };
    const isAddress = /(?:[/@\\]|www\.)\S*$/.test(first);
    const keeps = isAddress || isLinked || keepsHyphen(before, after, known());
    return { end: keeps ? end : end - 1, separator: "" };
  }
  const isUnspaced = UNSPACED.test(first.slice(-1)) && UNSPACED.test(second.charAt(0));
  const isWithin = /[\p{L}\p{N}]\/$/u.test(first) || /^[,;:.)\]!?%”»’…、，。）」』]/u.test(second);
  return { end, separator: isUnspaced || isWithin ? "" : " " };
};
