import type { StaticModel } from "./model-files.js";

const MAX_CACHED_WORDS = 50_000;
/** Longer words are rare, apart from texts without spaces, such as Chinese ones, whose sentences do not come twice. */
const MAX_CACHED_LETTERS = 32;
/** A longer word is cut, so that reading it does not block the event loop. */
const MAX_WORD_LETTERS = 2_000;
const WORD = new RegExp(`\\S{1,${MAX_WORD_LETTERS}}`, "gu");

/**
 * Adds up the vectors of tokens. A token that comes n times counts √n times: the tenth mention says less than the first,
 * above all in tables, which repeat the names of their columns.
 *
 * No token reaches across white space, so words are divided into tokens one by one, and their tokens are remembered:
 * the tokens are those of the whole text, several times as fast.
 */
export class TokenVectors {
  readonly #model: StaticModel;
  readonly #tokensOf = new Map<string, readonly number[]>();

  constructor(model: StaticModel) {
    this.#model = model;
  }

  /**
   * Returns the vector of a text, of length 1, or zeros for a text without a known token. Yields after each word how much
   * work it was, so that the caller can pause in a long text.
   */
  *embed(text: string): Generator<number, Float32Array> {
    const { dimensions, rows, scales } = this.#model;
    const counts = new Map<number, number>();
    for (const [word] of text.matchAll(WORD)) {
      const tokens = this.#divide(word);
      for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
      yield tokens.length + 1;
    }
    const sum = new Float64Array(dimensions);
    for (const [token, count] of counts) {
      const factor = Math.sqrt(count) * (scales[token] ?? 0);
      const start = token * dimensions;
      for (let at = 0; at < dimensions; at++) sum[at] = (sum[at] ?? 0) + factor * (rows[start + at] ?? 0);
    }
    return normalized(sum);
  }

  #divide(word: string): readonly number[] {
    const known = this.#tokensOf.get(word);
    if (known) return known;
    const tokens = this.#model.tokenizer.encode(word);
    if (word.length <= MAX_CACHED_LETTERS) {
      if (this.#tokensOf.size >= MAX_CACHED_WORDS) this.#tokensOf.clear();
      this.#tokensOf.set(word, tokens);
    }
    return tokens;
  }
}

/**
 * Scales a vector to length 1. A text without a known token has no direction and keeps its zeros: any other vector would
 * make all such texts alike.
 */
const normalized = (sum: Float64Array): Float32Array => {
  let square = 0;
  for (const value of sum) square += value * value;
  const vector = new Float32Array(sum.length);
  if (square === 0) return vector;
  for (const [at, value] of sum.entries()) vector[at] = value / Math.sqrt(square);
  return vector;
};
