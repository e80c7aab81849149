import { UnsiloedError } from "../errors.js";
import { batches } from "../internal/batching.js";
import { nameText } from "./texts.js";

export interface PackingLimits {
  /** Most texts in a request. */
  maxInputs: number;
  /** Most tokens in a request. */
  maxRequestTokens: number;
  /** Most tokens in a text. */
  maxInputTokens: number;
}

/** The estimate by which OpenAI enforces the tokens of a request: a quarter token for each byte of UTF-8. */
const BYTES_PER_ESTIMATED_TOKEN = 4;

/**
 * Packs texts into requests within the provider's limits, in order, as full as the order allows.
 *
 * A text weighs the larger of its tokens and the provider's estimate, so that neither way of counting refuses a
 * request. No token is shorter than a byte, so texts are only counted where their bytes leave the answer open.
 *
 * @param countTokens exact, or too high; never too low
 * @throws UnsiloedError `INPUT_TOO_LONG`, naming the first text over `maxInputTokens` and its tokens
 */
export const packTexts = (
  texts: readonly string[],
  limits: PackingLimits,
  countTokens: (text: string) => number,
): string[][] => {
  const { maxInputs, maxRequestTokens, maxInputTokens } = limits;
  const sizes = texts.map((text) => Buffer.byteLength(text));
  const fitsWhole = sizes.reduce((sum, bytes) => sum + bytes, 0) <= maxRequestTokens;
  const weighed = texts.map((text, index) => {
    const bytes = sizes[index] ?? 0;
    if (fitsWhole && bytes <= maxInputTokens) return { text, weight: 0 };
    const tokens = countTokens(text);
    if (tokens > maxInputTokens) {
      throw new UnsiloedError(
        "INPUT_TOO_LONG",
        `${nameText(texts, index)} has ${tokens} tokens and the embedding model accepts ${maxInputTokens}: split it smaller`,
      );
    }
    return { text, weight: Math.max(tokens, Math.ceil(bytes / BYTES_PER_ESTIMATED_TOKEN)) };
  });
  const packed = batches(weighed, {
    maxCount: maxInputs,
    maxWeight: maxRequestTokens,
    weigh: ({ weight }) => weight,
  });
  return [...packed].map((batch) => batch.map(({ text }) => text));
};
