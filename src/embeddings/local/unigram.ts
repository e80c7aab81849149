/** A vocabulary of pieces, each with the logarithm of its probability. The index of a piece is its token. */
export type Vocabulary = readonly (readonly [piece: string, score: number])[];

/** How much less than the least likely piece a character counts that is in none. */
const UNKNOWN_PENALTY = 10;
/** Runs of letters and digits, and single marks, as BERT divides words. */
const PART = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;

/**
 * Divides texts into the pieces of a Unigram vocabulary whose scores add up to the most, as `tokenizer.json` of Hugging
 * Face describes it. It gives the tokens of `@huggingface/tokenizers`, which takes several times as long to get ready and
 * holds 60 MB for its tree of the vocabulary.
 */
export class UnigramTokenizer {
  readonly #tokens = new Map<string, number>();
  readonly #scores: Float64Array;
  readonly #longest: number;
  readonly #unknownScore: number;

  constructor(vocabulary: Vocabulary) {
    this.#scores = new Float64Array(vocabulary.length);
    let [longest, leastScore] = [0, 0];
    for (const [token, [piece, score]] of vocabulary.entries()) {
      this.#tokens.set(piece, token);
      this.#scores[token] = score;
      longest = Math.max(longest, piece.length);
      leastScore = Math.min(leastScore, score);
    }
    this.#longest = longest;
    this.#unknownScore = leastScore - UNKNOWN_PENALTY;
  }

  /** Returns the tokens of a text, without those of what the vocabulary lacks. */
  encode(text: string): number[] {
    const parts = text.normalize("NFKC").toLowerCase().match(PART) ?? [];
    return parts.flatMap((part) => this.#divide(part));
  }

  /** Finds the best division by dynamic programming: for each end, where its last piece starts. */
  #divide(part: string): number[] {
    const best = new Float64Array(part.length + 1).fill(Number.NEGATIVE_INFINITY);
    best[0] = 0;
    const starts = new Int32Array(part.length + 1);
    const reach = (start: number, end: number, score: number): void => {
      const sum = (best[start] ?? 0) + score;
      if (sum <= (best[end] ?? 0)) return;
      best[end] = sum;
      starts[end] = start;
    };
    let width = 1;
    for (let start = 0; start < part.length; start += width) {
      width = (part.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
      const last = Math.min(part.length, start + this.#longest);
      for (let end = start + width; end <= last; end++) {
        const token = this.#tokens.get(part.slice(start, end));
        if (token !== undefined) reach(start, end, this.#scores[token] ?? 0);
      }
      if (!this.#tokens.has(part.slice(start, start + width))) {
        reach(start, start + width, this.#unknownScore);
      }
    }
    const tokens: number[] = [];
    for (let end = part.length; end > 0; end = starts[end] ?? 0) {
      const token = this.#tokens.get(part.slice(starts[end], end));
      if (token !== undefined) tokens.push(token);
    }
    return tokens.reverse();
  }
}
