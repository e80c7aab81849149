import { UnsiloedError } from "../../errors.js";
import { nameText } from "../texts.js";

export interface PackingLimits {
  /** Most texts in a request. */
  maxInputs: number;
  /** Most tokens in a request. */
  maxRequestTokens: number;
}

/** The estimate by which OpenAI enforces the tokens of a request: a quarter token for each byte of UTF-8. */
const BYTES_PER_ESTIMATED_TOKEN = 4;

/** What something counts against a limit of tokens, told no more exactly than is asked for. */
export interface Weight {
  /** At least the weight, at no cost. */
  readonly bound: number;
  /** Counts tokens at the first call. */
  exact(): number;
}

/**
 * A text and what it weighs: the larger of its tokens and the provider's estimate, so that neither way of counting
 * refuses a request. No token is shorter than a byte, so bytes are a bound of both.
 */
export class WeighedText implements Weight {
  readonly text: string;
  readonly #bytes: number;
  readonly #countTokens: (text: string) => number;
  #tokens: number | undefined;

  /** @param countTokens exact, or too high; never too low */
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

  /** Its tokens, where they are more than `most`; nothing is counted when the bytes are not. */
  tokensBeyond(most: number): number | undefined {
    return this.#bytes > most && this.#counted() > most ? this.#counted() : undefined;
  }

  #counted(): number {
    this.#tokens ??= this.#countTokens(this.text);
    return this.#tokens;
  }
}

/** @throws UnsiloedError `INPUT_TOO_LONG`, naming the first text over `maxInputTokens` and its tokens */
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

/** What is packed into one request. Texts are counted only once their bytes leave open whether another one fits. */
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
