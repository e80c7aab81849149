import { z } from "zod";
import type { Clock } from "../../internal/async/clock.js";

/** The settings of {@link PackedOpenAIEmbeddings}, each with its default. */
export const packedOpenAIOptionsSchema = z.strictObject({
  /** @default "text-embedding-3-small" */
  model: z.string().min(1).default("text-embedding-3-small"),
  /** Length of the vectors, for models that can shorten them. @default what the model gives */
  dimensions: z.number().int().min(1).optional(),
  /** For services that need no key, any text. @default the environment's OPENAI_API_KEY */
  apiKey: z.string().min(1),
  /** Of OpenAI or a compatible service. @default the environment's OPENAI_BASE_URL, else OpenAI */
  baseURL: z
    .url({ protocol: /^https?$/, error: "expected an http(s) URL" })
    .default("https://api.openai.com/v1"),
  /** Id of the organisation that pays. @default the environment's OPENAI_ORG_ID */
  organization: z.string().min(1).optional(),
  /** Requests in flight, all calls together; fewer for a time after a 429. @default 4 */
  concurrency: z.number().int().min(1).max(1000).default(4),
  /** Tries after the first, for failures that may pass. @default 4 */
  maxRetries: z.number().int().min(0).max(100).default(4),
  /** For one try, from sending to the last byte of the answer, in milliseconds. @default 60000 */
  timeoutMs: z.number().int().min(1).default(60_000),
  /** Texts in a request. @default 2048, OpenAI's limit */
  maxInputs: z.number().int().min(1).default(2048),
  /**
   * Tokens in a request, by count and by the quarter token per UTF-8 byte that OpenAI enforces.
   * @default 300000, OpenAI's limit
   */
  maxRequestTokens: z.number().int().min(1).default(300_000),
  /** Tokens in a text, counted as `cl100k_base`. @default 8192, the limit of OpenAI's models */
  maxInputTokens: z.number().int().min(1).default(8192),
  /** How vectors travel; base64 is a quarter of the size. Lists are understood in either case. @default "base64" */
  encodingFormat: z.enum(["base64", "float"]).default("base64"),
});

export type PackedOpenAISettings = z.output<typeof packedOpenAIOptionsSchema>;

export interface PackedOpenAIOptions extends Partial<z.input<typeof packedOpenAIOptionsSchema>> {
  /** Sends the requests. @default the global fetch */
  fetch?: typeof globalThis.fetch;
  /** @default the system's */
  clock?: Clock;
}
