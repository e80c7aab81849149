import { UnsiloedError } from "../../errors.js";
import { type Clock, systemClock, throwIfAborted } from "../../internal/async/clock.js";
import { float32Of, numbersOf, type Vector } from "../../internal/float32.js";
import { parseOptions } from "../../internal/options.js";
import type { EmbeddingModel, EmbedOptions } from "../model.js";
import { refuseBlank } from "../texts.js";
import { type PackedOpenAIOptions, type PackedOpenAISettings, packedOpenAIOptionsSchema } from "./options.js";
import { weighTexts } from "./packing.js";
import { Pace } from "./request-pacer.js";
import { RequestPool } from "./request-pool.js";
import { OpenAIService } from "./service.js";

type CountTokens = (text: string) => number;

const tokenizer = async (): Promise<CountTokens> =>
  (await import("../../internal/text/tokens.js")).countTokens;

/**
 * Embeddings of OpenAI or of any service with its API, for LangChain and for the pipeline.
 *
 * Packs the texts of all calls into requests as full as the limits allow and keeps several in flight; LangChain's own
 * class sends 512 texts of one call a request whatever their length. A request leaves as soon as one may, with whatever
 * waits; while all are in flight, texts gather and the next is fuller. Calls are served in turn, so a long one holds
 * up no short one for more than a request. A text that waits or is on its way for one call is not sent for another.
 * What the service refuses fails only the call it is in. What a call brings before it fails goes to `onVector`.
 *
 * Waits for the reset when the `x-ratelimit-*` headers of an answer say that requests or tokens do not suffice for the
 * next request; a 429 halves what is in flight for a time. Limits of one account are shared by sharing the object.
 *
 * Texts are sent as they are: line ends, which carry the rows of tables, are kept. Blank texts are refused, as OpenAI
 * does. Checks that each text has a finite vector of the right size. The `openai` package is loaded on first use, the
 * tokenizer when documents are embedded.
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
  readonly #settings: PackedOpenAISettings;
  readonly #fetch: typeof globalThis.fetch | undefined;
  readonly #clock: Clock;
  #pool: Promise<RequestPool> | undefined;

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
  }

  get modelName(): string {
    return this.#settings.model;
  }

  /** Only when asked for by option: otherwise the model decides. */
  get dimensions(): number | undefined {
    return this.#settings.dimensions;
  }

  /** Calls at the same time share requests. */
  get sharesRequests(): boolean {
    return true;
  }

  /** One vector for each text, in order. A call that fails for good gives up its other requests. */
  async embedDocuments(texts: string[], options: EmbedOptions = {}): Promise<number[][]> {
    return (await this.#embed(texts, options)).map(numbersOf);
  }

  async embedFloats(texts: string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    return (await this.#embed(texts, options)).map(float32Of);
  }

  async embedQuery(text: string, options: EmbedOptions = {}): Promise<number[]> {
    // No token is shorter than a byte, so a question that has few bytes needs no tokenizer.
    const isShort = Buffer.byteLength(text) <= this.#settings.maxInputTokens;
    const [vector] = await this.#embed([text], options, isShort ? Buffer.byteLength : undefined);
    if (!vector) throw new UnsiloedError("INVARIANT", "one text gave no vector");
    return numbersOf(vector);
  }

  /** @param count tokens of a text, or more */
  async #embed(texts: readonly string[], options: EmbedOptions, count?: CountTokens): Promise<Vector[]> {
    refuseBlank(texts);
    throwIfAborted(options.signal);
    this.#pool ??= this.#openPool();
    const [pool, countTokens] = await Promise.all([this.#pool, count ?? tokenizer()]);
    return pool.embed(weighTexts(texts, this.#settings.maxInputTokens, countTokens), options);
  }

  async #openPool(): Promise<RequestPool> {
    const clock = this.#clock;
    const { concurrency, maxInputs, maxRequestTokens } = this.#settings;
    const pace = new Pace(concurrency, clock);
    const service = await OpenAIService.open({ settings: this.#settings, fetch: this.#fetch, clock, pace });
    return new RequestPool({
      limits: { maxInputs, maxRequestTokens },
      pace,
      clock,
      send: (load, signal) => service.embed(load, signal),
    });
  }
}
