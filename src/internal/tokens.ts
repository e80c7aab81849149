import { countTokens as countCl100k } from "gpt-tokenizer/encoding/cl100k_base";

/** Text such as `<|endoftext|>` in a document is text, never a control token. */
const ORDINARY_TEXT = { disallowedSpecial: new Set<string>() };

/**
 * Longest run handed to the tokenizer at once. Byte-pair merging of one unbroken run takes time with the square of
 * its length; cutting such runs keeps it linear and counts at most one token more per cut.
 */
const UNBROKEN_RUN = /\S{512}/;

/**
 * Tokens of a text in `cl100k_base`, the encoding of OpenAI's `text-embedding-3-*` models.
 *
 * Exact for ordinary text; for unbroken runs over 512 characters an upper estimate.
 */
export const countTokens = (text: string): number => {
  if (text.length <= 512 || !UNBROKEN_RUN.test(text)) return countCl100k(text, ORDINARY_TEXT);
  let total = 0;
  for (let start = 0; start < text.length; start += 512) {
    total += countCl100k(text.slice(start, start + 512), ORDINARY_TEXT);
  }
  return total;
};
