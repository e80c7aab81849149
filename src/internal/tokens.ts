import { countTokens as countCl100k } from "gpt-tokenizer/encoding/cl100k_base";

/** Text such as `<|endoftext|>` in a document is text, never a control token. */
const ORDINARY_TEXT = { disallowedSpecial: new Set<string>() };

/** Longest piece of an unbroken run that the tokenizer is given. */
const PIECE = 512;

/**
 * Runs without a space, or of nothing else. Byte-pair merging of one such run takes time with the square of its
 * length; cutting them, and only them, keeps it linear and counts at most one token more per cut.
 */
const UNBROKEN_RUNS = /\S{513,}|\s{513,}/g;

/**
 * Tokens of a text in `cl100k_base`, the encoding of OpenAI's `text-embedding-3-*` models.
 *
 * Exact for ordinary text; for unbroken runs over 512 characters an upper estimate. Counts of texts that end with
 * a line end add up to the count of the texts joined, as long as the next one does not begin with white space.
 */
export const countTokens = (text: string): number => {
  if (text.length <= PIECE) return countCl100k(text, ORDINARY_TEXT);
  let total = 0;
  let counted = 0;
  for (const run of text.matchAll(UNBROKEN_RUNS)) {
    if (run.index > counted) total += countCl100k(text.slice(counted, run.index), ORDINARY_TEXT);
    counted = run.index + run[0].length;
    for (let start = run.index; start < counted; start += PIECE) {
      total += countCl100k(text.slice(start, Math.min(start + PIECE, counted)), ORDINARY_TEXT);
    }
  }
  return total + (counted < text.length ? countCl100k(text.slice(counted), ORDINARY_TEXT) : 0);
};
