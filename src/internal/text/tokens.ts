import { countTokens as countCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { BLANK, classOf, LINE_END } from "./character-class.js";
import { countingByPieces } from "./token-pieces.js";

/** Text such as `<|endoftext|>` in a document is text, never a control token. */
const ORDINARY_TEXT = { disallowedSpecial: new Set<string>() };

/** Longest piece of an unbroken run that the tokenizer is given. */
const PIECE = 512;

/**
 * Runs without a space, or of nothing else. Byte-pair merging of one such run takes time with the square of its
 * length; cutting them, and only them, keeps it linear and counts at most one token more per cut.
 */
const UNBROKEN_RUNS = /\S{513,}|\s{513,}/g;

/** Whether the character at `index` is white space. */
const isWhite = (text: string, index: number): boolean => {
  const kind = classOf(text.charCodeAt(index));
  return kind === BLANK || kind === LINE_END;
};

const countExactly = countingByPieces((text) => countCl100k(text, ORDINARY_TEXT));

/** Whether a text has an unbroken run longer than a piece: one that has holds a character at a multiple of its length. */
const hasUnbrokenRun = (text: string): boolean => {
  for (let anchor = PIECE; anchor < text.length; anchor += PIECE) {
    const isSpace = isWhite(text, anchor);
    let [from, to] = [anchor, anchor + 1];
    while (from > 0 && anchor - from < PIECE && isWhite(text, from - 1) === isSpace) from--;
    while (to < text.length && to - anchor < PIECE && isWhite(text, to) === isSpace) to++;
    if (to - from > PIECE) return true;
  }
  return false;
};

/**
 * Tokens of a text in `cl100k_base`, the encoding of OpenAI's `text-embedding-3-*` models.
 *
 * Exact for ordinary text; for unbroken runs over 512 characters an upper estimate. Counts of texts that end with
 * a line end add up to the count of the texts joined, as long as the next one does not begin with white space.
 */
export const countTokens = (text: string): number => {
  if (!hasUnbrokenRun(text)) return countExactly(text);
  let total = 0;
  let counted = 0;
  for (const run of text.matchAll(UNBROKEN_RUNS)) {
    if (run.index > counted) total += countExactly(text.slice(counted, run.index));
    counted = run.index + run[0].length;
    for (let start = run.index; start < counted; start += PIECE) {
      total += countExactly(text.slice(start, Math.min(start + PIECE, counted)));
    }
  }
  return total + (counted < text.length ? countExactly(text.slice(counted)) : 0);
};
