import type { OpenAI } from "openai";
import pLimit, { type LimitFunction } from "p-limit";
import { z } from "zod";
import { UnsiloedError } from "../errors.js";
import { abortError, type Clock, systemClock } from "../internal/clock.js";
import { parseOptions } from "../internal/options.js";
import { retry } from "../internal/retry.js";
import { allOrNothing } from "./all-or-nothing.js";
import type { EmbeddingModel, EmbedOptions } from "./model.js";
import { readAnswer } from "./openai-answer.js";
import { toEmbeddingError } from "./openai-errors.js";
import { packTexts } from "./openai-packing.js";
import { refuseBlank } from "./texts.js";

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
  /** Requests in flight, all calls together. @default 4 */
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

type Settings = z.output<typeof packedOpenAIOptionsSchema>;

export interface PackedOpenAIOptions extends Partial<z.input<typeof packedOpenAIOptionsSchema>> {
  /** Sends the requests. @default the global fetch */
  fetch?: typeof globalThis.fetch;
  /** @default the system's */
  clock?: Clock;
}

interface Api {
  client: OpenAI;
  countTokens: (text: string) => number;
}

/**
 * Embeddings of OpenAI or of any service with its API, for LangChain and for the pipeline.
 *
 * Packs texts into requests as full as the limits allow and keeps several in flight; LangChain's own class sends 512
 * texts a request whatever their length. Texts are sent as they are: line ends, which carry the rows of tables, are
 * kept. Blank texts are refused, as OpenAI does. Checks that each text has a finite vector of the right size.
 * The `openai` package and the tokenizer are loaded on first use.
 *
 * Limits: https://platform.openai.com/docs/api-reference/embeddings/create
 *
 * @throws UnsiloedError from the constructor: `API_KEY_MISSING`, `INVALID_OPTION`. From calls: `INPUT_TOO_LONG`;
 *   `EMBEDDING_FAILED` when the texts are refused or the answer is unusable; `UNAUTHORIZED`; `BAD_REQUEST`; `INVALID_OPTION` for a
 *   model or size the service lacks; `USAGE_LIMIT` when the quota is spent; `RATE_LIMITED` and `SERVICE_UNAVAILABLE`
 *   when retries did not help; `ABORTED`
 * @example
 * ```ts
 * const embeddings = new PackedOpenAIEmbeddings({ model: "text-embedding-3-large", dimensions: 1024 });
 * const vectors = await embeddings.embedDocuments(texts, { signal: AbortSignal.timeout(60_000) });
 * ```
 */
export class PackedOpenAIEmbeddings implements EmbeddingModel {
  readonly #settings: Settings;
  readonly #fetch: typeof globalThis.fetch | undefined;
  readonly #clock: Clock;
  readonly #limit: LimitFunction;
  #api: Promise<Api> | undefined;

  constructor(options: PackedOpenAIOptions = {}) {
    const { fetch, clock = systemClock, ...given } = options;
    const apiKey = given.apiKey ?? process.env["OPENAI_API_KEY"]?.trim();
    if (!apiKey) {
      throw new UnsiloedError(
        "API_KEY_MISSING",
        "no key for the embedding service: set OPENAI_API_KEY or pass apiKey (any text where none is needed)",
      );
    }
    const baseURL = given.baseURL ?? (process.env["OPENAI_BASE_URL"]?.trim() || undefined);
    this.#settings = parseOptions(
      packedOpenAIOptionsSchema,
      { ...given, apiKey, baseURL },
      "OpenAI embeddings",
    );
    const { username, password } = new URL(this.#settings.baseURL);
    if (username || password) {
      throw new UnsiloedError(
        "INVALID_OPTION",
        "OpenAI embeddings: baseURL: holds a user name or password, which a request cannot carry: pass apiKey",
      );
    }
    this.#fetch = fetch;
    this.#clock = clock;
    this.#limit = pLimit(this.#settings.concurrency);
  }

  get modelName(): string {
    return this.#settings.model;
  }

  /** Only when asked for by option: otherwise the model decides. */
  get dimensions(): number | undefined {
    return this.#settings.dimensions;
  }

  /** One vector for each text, in order. When one request fails for good, the others are stopped. */
  async embedDocuments(texts: string[], { signal }: EmbedOptions = {}): Promise<number[][]> {
    refuseBlank(texts);
    const { countTokens } = await this.#load();
    const requests = packTexts(texts, this.#settings, countTokens);
    const answers = await allOrNothing(
      requests,
      (request, stop) => this.#limit(() => this.#embedWithRetries(request, stop)),
      signal,
    );
    return answers.flat();
  }

  async embedQuery(text: string, options: EmbedOptions = {}): Promise<number[]> {
    const [vector] = await this.embedDocuments([text], options);
    if (!vector) throw new UnsiloedError("INVARIANT", "one text gave no vector");
    return vector;
  }

  #embedWithRetries(texts: string[], signal: AbortSignal): Promise<number[][]> {
    const attempts = this.#settings.maxRetries + 1;
    return retry(() => this.#request(texts, signal), { attempts, signal, clock: this.#clock });
  }

  async #request(texts: string[], signal: AbortSignal): Promise<number[][]> {
    const { apiKey, baseURL, dimensions, encodingFormat, model, timeoutMs } = this.#settings;
    const { client } = await this.#load();
    const ended = new AbortController();
    const timedOut = new AbortController();
    const { host } = new URL(baseURL);
    // The package's own limit ends with the headers of the answer; a body that never ends needs this one.
    const timer = this.#clock.delay(timeoutMs, ended.signal).then(
      () =>
        timedOut.abort(
          new UnsiloedError(
            "SERVICE_UNAVAILABLE",
            `the embedding service at ${host} took over ${timeoutMs} ms`,
            {
              retryable: true,
            },
          ),
        ),
      () => undefined,
    );
    const onAbort = () => timedOut.abort(abortError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const answer = await client.embeddings.create(
        { model, input: texts, encoding_format: encodingFormat, ...(dimensions && { dimensions }) },
        { signal: timedOut.signal },
      );
      return readAnswer(answer, texts, dimensions);
    } catch (thrown) {
      if (timedOut.signal.aborted) throw abortError(timedOut.signal);
      throw toEmbeddingError(thrown, { host, model, apiKey, now: this.#clock.now() });
    } finally {
      signal.removeEventListener("abort", onAbort);
      ended.abort();
      await timer;
    }
  }

  /** Retries are ours alone, as the package's waits heed neither the signal nor a cap. */
  #load(): Promise<Api> {
    this.#api ??= (async () => {
      const [{ OpenAI }, { countTokens }] = await Promise.all([
        import("openai"),
        import("../internal/tokens.js"),
      ]);
      const { apiKey, baseURL, organization, timeoutMs } = this.#settings;
      const client = new OpenAI({
        apiKey,
        baseURL,
        maxRetries: 0,
        timeout: timeoutMs,
        ...(organization && { organization }),
        ...(this.#fetch && { fetch: this.#fetch }),
      });
      return { client, countTokens };
    })();
    return this.#api;
  }
}
