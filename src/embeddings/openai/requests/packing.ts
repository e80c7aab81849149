import { UnsiloedError } from "../../../errors.js";
import { nameText } from "../../texts.js";

export interface PackingLimits {
  /** The most texts in a request. */
  maxInputs: number;
  /** The most tokens in a request. */
  maxRequestTokens: number;
}

/** OpenAI estimates the tokens of a request as a quarter of its bytes in UTF-8, and refuses by that estimate. */
const BYTES_PER_ESTIMATED_TOKEN = 4;

/** Tokens that a text or request uses of a limit: an upper bound that costs nothing, and the exact number. */
export interface Weight {
  /** Upper bound. */
  readonly bound: number;
  /** Exact number. The first call counts tokens. */
  exact(): number;
}

/**
 * A text with its weight: the larger of its tokens and the provider's estimate, so that a request passes both counts.
 * No token is shorter than a byte, so the number of bytes is an upper bound of both.
 */
export class WeighedText implements Weight {
  readonly text: string;
  readonly #bytes: number;
  readonly #countTokens: (text: string) => number;
  #tokens: number | undefined;

  /** @param countTokens returns the exact number or more, never less */
  constructor(text: string, countTokens: (text: string) => number) {
    this.text = text;
    this.#bytes = Buffer.byteLength(text);
    this.#countTokens = countTokens;
  }

  get bound(): number {
    return this.#tokens === undefined ? this.#bytes : this.exact();
  }

  exact(): number {
    return Math.max(this.#counted(), Math.ceil(this.#bytes / BYTES_PER_ESTIMATED_TOKEN));
  }

  /** Returns the number of tokens if it exceeds `maximum`. Tokens are not counted when the bytes do not. */
  tokensBeyond(maximum: number): number | undefined {
    return this.#bytes > maximum && this.#counted() > maximum ? this.#counted() : undefined;
  }

  #counted(): number {
    this.#tokens ??= this.#countTokens(this.text);
    return this.#tokens;
  }
}

/**
 * Weighs texts and checks that the model accepts each.
 *
 * @throws UnsiloedError `INPUT_TOO_LONG`, naming the first text with more than `maxInputTokens` tokens
 */
export const weighTexts = (
  texts: readonly string[],
  maxInputTokens: number,
  countTokens: (text: string) => number,
): WeighedText[] =>
  texts.map((text, index) => {
    const weighed = new WeighedText(text, countTokens);
    const tokens = weighed.tokensBeyond(maxInputTokens);
    if (tokens === undefined) return weighed;
    throw new UnsiloedError(
      "INPUT_TOO_LONG",
      `${nameText(texts, index)} has ${tokens} tokens and the embedding model accepts ${maxInputTokens}: split it smaller`,
    );
  });

/** The texts of one request. Tokens are counted only when the bytes do not decide whether another text fits. */
export class RequestLoad implements Weight {
  readonly #limits: PackingLimits;
  readonly #texts: WeighedText[] = [];
  #bound = 0;
  #isExact = false;

  constructor(limits: PackingLimits) {
    this.#limits = limits;
  }

  get texts(): string[] {
    return this.#texts.map(({ text }) => text);
  }

  get bound(): number {
    return this.#bound;
  }

  exact(): number {
    if (!this.#isExact) {
      this.#bound = this.#texts.reduce((sum, text) => sum + text.exact(), 0);
      this.#isExact = true;
    }
    return this.#bound;
  }

  /** @returns whether the text had room; the first one always has */
  add(text: WeighedText): boolean {
    if (this.#texts.length > 0 && !this.#hasRoomFor(text)) return false;
    this.#texts.push(text);
    this.#bound += this.#isExact ? text.exact() : text.bound;
    return true;
  }

  #hasRoomFor(text: WeighedText): boolean {
    const { maxInputs, maxRequestTokens } = this.#limits;
    if (this.#texts.length >= maxInputs) return false;
    if (this.#bound + text.bound <= maxRequestTokens) return true;
    return this.exact() + text.exact() <= maxRequestTokens;
  }
}
