import type { OpenAI } from "openai";
import { UnsiloedError } from "../../errors.js";
import { abortError, type Clock } from "../../internal/async/clock.js";
import { embeddingCalls } from "../../internal/measurements.js";
import type { Vector } from "../../internal/numbers/float32.js";
import { propertyOf } from "../../internal/objects.js";
import {
  batchLimitOf,
  errorInAnswer,
  refusesFormat,
  type ServiceContext,
  toEmbeddingError,
} from "./answers/errors.js";
import { readAnswer, vectorListOf } from "./answers/response.js";
import { openClient, secretsOf } from "./connection.js";
import type { PackedOpenAISettings } from "./options.js";

type Format = PackedOpenAISettings["encodingFormat"] | "unnamed";

/** What is asked for when a server refuses a format: some know only numbers, others do not let it be chosen. */
const NEXT_FORMAT: Readonly<Partial<Record<Format, Format>>> = { base64: "float", float: "unnamed" };

/** What a request tells while it is on its way. */
export interface RequestEvents {
  onHeaders: (headers: Headers) => void;
  /** Called when the service names the most texts that it takes in a request. */
  onBatchLimit: (maxInputs: number) => void;
}

/** Reads the body that is no list of vectors: a JSON value may be announced as text. */
const readText = (body: unknown): unknown => {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
};

/** Sends single requests to `/embeddings` of a service, and gives its errors a meaning. */
export class EmbeddingsClient {
  readonly #client: OpenAI;
  readonly #settings: PackedOpenAISettings;
  readonly #clock: Clock;
  readonly #secrets: readonly string[];
  #format: Format;

  private constructor(client: OpenAI, settings: PackedOpenAISettings, clock: Clock) {
    this.#client = client;
    this.#settings = settings;
    this.#clock = clock;
    this.#secrets = secretsOf(settings);
    this.#format = settings.encodingFormat;
  }

  static async open(
    settings: PackedOpenAISettings,
    fetch: typeof globalThis.fetch | undefined,
    clock: Clock,
  ): Promise<EmbeddingsClient> {
    return new EmbeddingsClient(await openClient(settings, fetch), settings, clock);
  }

  /**
   * Returns one vector for each text; `undefined` for those that have no direction. A format of the vectors that the
   * server refuses is not asked for again.
   *
   * @throws UnsiloedError as {@link toEmbeddingError} and {@link readAnswer} make it; `ABORTED`
   */
  async request(
    texts: string[],
    signal: AbortSignal,
    events: RequestEvents,
  ): Promise<(Vector | undefined)[]> {
    for (;;) {
      const format = this.#format;
      const next = NEXT_FORMAT[format];
      try {
        return await this.#withinTime(signal, (limit) => this.#post(texts, format, limit, events));
      } catch (thrown) {
        if (next === undefined || !refusesFormat(thrown)) throw toEmbeddingError(thrown, this.#context());
        // Another request may have been refused before this one.
        if (this.#format === format) this.#format = next;
      }
    }
  }

  async #post(
    texts: string[],
    format: Format,
    signal: AbortSignal,
    { onHeaders, onBatchLimit }: RequestEvents,
  ): Promise<(Vector | undefined)[]> {
    const { dimensions, model } = this.#settings;
    const body = {
      model,
      input: texts,
      ...(format !== "unnamed" && { encoding_format: format }),
      ...(dimensions !== undefined && { dimensions }),
    };
    const sentAt = performance.now();
    let status: number | null = null;
    let tokens: number | null = null;
    try {
      const sent = this.#client.post<unknown>("/embeddings", { body, signal });
      const { data, response } = await sent.withResponse();
      status = response.status;
      onHeaders(response.headers);
      const answer = readText(data);
      tokens = tokensOf(answer);
      const error = vectorListOf(answer) ? undefined : errorInAnswer(answer, this.#context());
      if (error) throw error;
      return readAnswer(answer, texts.length, dimensions);
    } catch (thrown) {
      const headers = headersOf(thrown);
      if (headers) onHeaders(headers);
      const limit = batchLimitOf(thrown, texts.length);
      if (limit !== undefined) onBatchLimit(limit);
      status ??= statusOf(thrown);
      throw thrown;
    } finally {
      const durationMs = performance.now() - sentAt;
      embeddingCalls.report({ status, durationMs, texts: texts.length, tokens });
    }
  }

  /** Limits the time of one request, its body included: the package's own time limit covers the headers only. */
  async #withinTime<T>(signal: AbortSignal, send: (limit: AbortSignal) => Promise<T>): Promise<T> {
    const ended = new AbortController();
    const stop = new AbortController();
    const timer = this.#clock.delay(this.#settings.timeoutMs, ended.signal).then(
      () => stop.abort(this.#timedOut()),
      () => undefined,
    );
    const onAbort = () => stop.abort(abortError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await send(stop.signal);
    } catch (thrown) {
      if (stop.signal.aborted) throw abortError(stop.signal);
      throw thrown;
    } finally {
      signal.removeEventListener("abort", onAbort);
      ended.abort();
      await timer;
    }
  }

  #context(): ServiceContext {
    const { apiKey, baseURL, dimensions, model } = this.#settings;
    const hasKey = apiKey !== undefined;
    return { baseURL, model, dimensions, hasKey, secrets: this.#secrets, now: this.#clock.now() };
  }

  #timedOut(): UnsiloedError {
    const { baseURL, timeoutMs } = this.#settings;
    return new UnsiloedError(
      "SERVICE_UNAVAILABLE",
      `the embedding service at ${new URL(baseURL).host} did not answer within ${timeoutMs} ms`,
      { retryable: true },
    );
  }
}

/** Tokens that a service counted; not all say it. */
const tokensOf = (answer: unknown): number | null => {
  const tokens = propertyOf(propertyOf(answer, "usage"), "prompt_tokens");
  return typeof tokens === "number" ? tokens : null;
};

const statusOf = (thrown: unknown): number | null => {
  const status = propertyOf(thrown, "status");
  return typeof status === "number" ? status : null;
};

const headersOf = (thrown: unknown): Headers | undefined =>
  thrown instanceof Error && "headers" in thrown && thrown.headers instanceof Headers
    ? thrown.headers
    : undefined;
