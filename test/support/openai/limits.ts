import { countTokens } from "../../../src/internal/text/tokens.js";

export interface RefusalDetails {
  type?: string;
  code?: string | null;
  param?: string | null;
}

/** A request that is answered with an error. */
export class Refusal extends Error {
  readonly status: number;
  readonly details: RefusalDetails;

  constructor(status: number, message: string, details: RefusalDetails = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** Limits of a single request. */
export interface RequestLimits {
  inputs?: number;
  inputTokens?: number;
  requestTokens?: number;
}

export const estimate = (texts: string[]): number => Math.ceil(Buffer.byteLength(texts.join("")) / 4);

export const invalidInput = (message: string, code: string | null = null): Refusal =>
  new Refusal(400, message, { code, param: "input" });

/** @throws Refusal as OpenAI does, for the first limit that the texts exceed */
export const checkLimits = (
  inputs: string[],
  { inputs: most = 2048, inputTokens = 8192, requestTokens = 300_000 }: RequestLimits = {},
): void => {
  if (inputs.length === 0 || inputs.includes("")) throw invalidInput("'$.input' is invalid: an empty text.");
  if (inputs.length > most) {
    throw invalidInput(`'$.input' is invalid: ${inputs.length} inputs, the most is ${most}.`);
  }
  for (const text of inputs) {
    if (Buffer.byteLength(text) <= inputTokens) continue;
    const tokens = countTokens(text);
    if (tokens > inputTokens) {
      throw new Refusal(
        400,
        `This model's maximum context length is ${inputTokens} tokens, you requested ${tokens}.`,
      );
    }
  }
  const tokens = estimate(inputs);
  if (tokens <= requestTokens) return;
  throw new Refusal(400, `Requested ${tokens} tokens, max ${requestTokens} tokens per request`, {
    type: "max_tokens_per_request",
    code: "max_tokens_per_request",
  });
};
