import { UnsiloedError } from "../../errors.js";
import { type Clock, systemClock, throwIfAborted } from "../../internal/async/clock.js";
import { float32Of, numbersOf, type Vector } from "../../internal/numbers/float32.js";
import { parseOptions } from "../../internal/options.js";
import type { EmbeddingModel, EmbedOptions } from "../model.js";
import { refuseBlank } from "../texts.js";
import { isOfOpenAI } from "./connection.js";
import { listModels } from "./list-models.js";
import { writeModelName } from "./model-name.js";
import {
  type PackedOpenAIOptions,
  type PackedOpenAISettings,
  packedOpenAIOptionsSchema,
  SECRET_OPTIONS,
} from "./options.js";
import { weighTexts } from "./requests/packing.js";
import { RequestPacer } from "./requests/request-pacer.js";
import { RequestPool } from "./requests/request-pool.js";
import { OpenAIService } from "./service.js";

type CountTokens = (text: string) => number;

const tokenizer = async (): Promise<CountTokens> =>
  (await import("../../internal/text/tokens.js")).countTokens;

/**
 * Embeds with OpenAI or any service with its API, for LangChain and for the pipeline.
 *
 * Packs the texts of all calls into requests as full as the limits allow and keeps several in flight; LangChain's own
 * class sends 512 texts of one call in a request, however short they are. A request starts as soon as the limits allow
 * it; until then texts accumulate and the next request is fuller. Calls are served in turn, so a long call delays a
 * short one by at most one request. A refused text, or one that breaks the server, fails only its own call. Vectors that arrive before a call fails are
 * passed to `onVector`.
 *
 * Texts are sent as they are, below the prefixes if there are any, equal ones as often as they are given: put `CachedEmbeddings` in front to send each text
 * once. Line ends, which separate the rows of tables, are kept. Blank texts are refused, as OpenAI does.
 *
 * When the `x-ratelimit-*` headers of an answer show that the next request exceeds the remaining requests or tokens, it
 * waits for the reset; a 429 halves the requests in flight for a time. Share one object to share the limits of an
 * account. Checks that each text has a finite vector of the right size. Loads the `openai` package on first use, and
 * the tokenizer when documents are embedded.
 *
 * Limits: https://platform.openai.com/docs/api-reference/embeddings/create
 *
 * @throws UnsiloedError from the constructor: `API_KEY_MISSING`, `INVALID_OPTION`. From calls: `INPUT_TOO_LONG`;
 *   `EMBEDDING_FAILED` when the texts are refused or the answer cannot be used; `UNAUTHORIZED`; `BAD_REQUEST`;
 *   `INVALID_OPTION` for a model or size that the service does not have; `USAGE_LIMIT` when the quota is used up;
 *   `RATE_LIMITED` and `SERVICE_UNAVAILABLE` when retries did not help; `ABORTED`
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
    const key = given.apiKey ?? process.env["OPENAI_API_KEY"];
    const apiKey = (typeof key === "string" ? key.trim() : key) || undefined;
    const baseURL = given.baseURL ?? (process.env["OPENAI_BASE_URL"]?.trim() || undefined);
    this.#settings = parseOptions(
      packedOpenAIOptionsSchema,
      { ...given, apiKey, baseURL },
      "OpenAI embeddings",
      SECRET_OPTIONS,
    );
    if (!apiKey && isOfOpenAI(this.#settings.baseURL)) {
      throw new UnsiloedError(
        "API_KEY_MISSING",
        "no key for the embedding service: set OPENAI_API_KEY or pass apiKey; only other addresses than OpenAI's work without one",
      );
    }
    const { username, password } = new URL(this.#settings.baseURL);
    if (username || password) {
      throw new UnsiloedError(
        "INVALID_OPTION",
        "OpenAI embeddings: baseURL: expected no user name or password in it; pass apiKey",
      );
    }
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** Name of the model, with the prefixes if there are any. */
  get modelName(): string {
    const { model, queryPrefix, documentPrefix } = this.#settings;
    return writeModelName({ model, prefixes: { query: queryPrefix, document: documentPrefix } });
  }

  /** Length of the vectors when the option sets it; otherwise the model decides. */
  get dimensions(): number | undefined {
    return this.#settings.dimensions;
  }

  /** Address of the service. */
  get address(): string {
    return this.#settings.baseURL;
  }

  /** Asks for the list of models, which costs nothing, whether it has this one. */
  async isListed({ signal }: EmbedOptions = {}): Promise<boolean> {
    const listed = await listModels(this.#settings, { fetch: this.#fetch, clock: this.#clock, signal });
    return listed.includes(this.#settings.model);
  }

  /** Concurrent calls share requests. */
  get sharesRequests(): boolean {
    return true;
  }

  /** Returns one vector for each text, in order. A call that fails finally cancels its other requests. */
  async embedDocuments(texts: string[], options: EmbedOptions = {}): Promise<number[][]> {
    return (await this.#embedDocuments(texts, options)).map(numbersOf);
  }

  async embedFloats(texts: string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    return (await this.#embedDocuments(texts, options)).map(float32Of);
  }

  async embedQuery(text: string, options: EmbedOptions = {}): Promise<number[]> {
    refuseBlank([text]);
    const asked = this.#settings.queryPrefix + text;
    // No token is shorter than a byte, so a short question needs no tokenizer.
    const isShort = Buffer.byteLength(asked) <= this.#settings.maxInputTokens;
    const [vector] = await this.#embed([asked], options, isShort ? Buffer.byteLength : undefined);
    if (!vector) throw new UnsiloedError("INVARIANT", "one text gave no vector");
    return numbersOf(vector);
  }

  #embedDocuments(texts: readonly string[], options: EmbedOptions): Promise<Vector[]> {
    refuseBlank(texts);
    const { documentPrefix } = this.#settings;
    const sent = documentPrefix === "" ? texts : texts.map((text) => documentPrefix + text);
    return this.#embed(sent, options);
  }

  /** @param count returns the tokens of a text or more */
  async #embed(texts: readonly string[], options: EmbedOptions, count?: CountTokens): Promise<Vector[]> {
    throwIfAborted(options.signal);
    this.#pool ??= this.#openPool();
    const [pool, countTokens] = await Promise.all([this.#pool, count ?? tokenizer()]);
    return pool.embed(weighTexts(texts, this.#settings.maxInputTokens, countTokens), options);
  }

  async #openPool(): Promise<RequestPool> {
    const clock = this.#clock;
    const { concurrency, maxInputs, maxRequestTokens } = this.#settings;
    const pacer = new RequestPacer(concurrency, clock);
    const service = await OpenAIService.open({ settings: this.#settings, fetch: this.#fetch, clock, pacer });
    return new RequestPool({
      limits: { maxInputs, maxRequestTokens },
      pacer,
      clock,
      send: (load, signal) => service.embed(load, signal),
    });
  }
}
