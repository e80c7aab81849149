import { z } from "zod";
import type { Clock } from "../../internal/async/clock.js";

/** Options of {@link PackedOpenAIEmbeddings}. */
export interface PackedOpenAIOptions {
  /** Name of the model. @default "text-embedding-3-small" */
  model?: string | undefined;
  /** Length of the vectors, for models that can shorten them. @default the length that the model returns */
  dimensions?: number | undefined;
  /**
   * Text before each question, for models that tell questions and passages apart, such as `"query: "` for E5. It counts
   * against the limits and is part of `modelName`, so that vectors with other prefixes do not mix.
   * @default ""
   */
  queryPrefix?: string | undefined;
  /** Text before each text of a document, such as `"passage: "` for E5. @default "" */
  documentPrefix?: string | undefined;
  /**
   * API key; only OpenAI itself insists on one. Space around it is left out; an empty text sends none.
   * @default OPENAI_API_KEY from the environment
   */
  apiKey?: string | undefined;
  /**
   * Address of OpenAI or a compatible service, to which `/embeddings` is added if it is not there. A query is kept, such as the
   * `?api-version=…` of Azure, whose addresses get the key in the header `api-key`.
   * @default OPENAI_BASE_URL from the environment, else OpenAI
   */
  baseURL?: string | undefined;
  /**
   * Headers of each request, such as those a gateway wants. Their values are never shown. They replace headers that
   * would be sent otherwise.
   * @default {}
   */
  headers?: Record<string, string> | undefined;
  /** Id of the organisation that pays. @default OPENAI_ORG_ID from the environment */
  organization?: string | undefined;
  /** The most requests in flight, of all calls together; fewer for a time after a 429. @default 4 */
  concurrency?: number | undefined;
  /** Attempts after the first, for failures that may pass. @default 4 */
  maxRetries?: number | undefined;
  /** Time limit of one attempt, from sending to the last byte of the answer, in milliseconds. @default 60000 */
  timeoutMs?: number | undefined;
  /** The most texts in a request. @default 2048, OpenAI's limit */
  maxInputs?: number | undefined;
  /**
   * The most tokens in a request, both counted and by the quarter token for each UTF-8 byte that OpenAI enforces.
   * @default 300000, OpenAI's limit
   */
  maxRequestTokens?: number | undefined;
  /** The most tokens in a text, counted as `cl100k_base`. @default 8192, the limit of OpenAI's models */
  maxInputTokens?: number | undefined;
  /**
   * Format of the vectors in answers. Base64 has a quarter of the size; lists are read in both cases. A service that
   * refuses the format is asked for numbers, or without a format, from then on.
   * @default "base64"
   */
  encodingFormat?: "base64" | "float" | undefined;
  /** Sends the requests. @default the global fetch */
  fetch?: typeof globalThis.fetch;
  /** Tells the time and waits. @default the system's clock */
  clock?: Clock;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Checks headers. A wrong name is not shown: it may be a whole line, with the secret in it. */
const headersSchema = z
  .record(
    z.string(),
    // A value read from a file often ends in a line break.
    z
      .string()
      .trim()
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "expected one line of Latin-1 text"),
    "expected an object of names and values",
  )
  .refine((headers) => Object.keys(headers).every((name) => HEADER_NAME.test(name)), {
    error: "expected names of headers, such as x-team",
  });

/** Leaves out `/embeddings` at the end of an address, which is added to each. */
const withoutEndpoint = (address: string): string => {
  const url = new URL(address);
  const path = url.pathname.replace(/\/embeddings\/?$/, "");
  return path === url.pathname ? address : `${url.origin}${path}${url.search}`;
};

/** Options whose values no message shows. */
export const SECRET_OPTIONS = ["apiKey", "headers"];

/** Checks {@link PackedOpenAIOptions} after the environment has been consulted, except for functions. */
export const packedOpenAIOptionsSchema = z.strictObject({
  model: z.string().min(1).default("text-embedding-3-small"),
  dimensions: z.number().int().min(1).optional(),
  queryPrefix: z.string().max(1_000).default(""),
  documentPrefix: z.string().max(1_000).default(""),
  apiKey: z
    .string()
    .trim()
    .regex(/^[\x20-\x7e]+$/, "expected printable ASCII text")
    .optional(),
  baseURL: z
    .url({ protocol: /^https?$/, error: "expected an http(s) URL" })
    .transform(withoutEndpoint)
    .default("https://api.openai.com/v1"),
  headers: headersSchema.default({}),
  organization: z.string().min(1).optional(),
  concurrency: z.number().int().min(1).max(1000).default(4),
  maxRetries: z.number().int().min(0).max(100).default(4),
  timeoutMs: z.number().int().min(1).default(60_000),
  maxInputs: z.number().int().min(1).default(2048),
  maxRequestTokens: z.number().int().min(1).default(300_000),
  maxInputTokens: z.number().int().min(1).default(8192),
  encodingFormat: z.enum(["base64", "float"]).default("base64"),
});

export type PackedOpenAISettings = z.output<typeof packedOpenAIOptionsSchema>;
