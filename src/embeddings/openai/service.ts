import type { ClientOptions, OpenAI } from "openai";
import { UnsiloedError } from "../../errors.js";
import { abortError, type Clock } from "../../internal/async/clock.js";
import { retry } from "../../internal/async/retry.js";
import type { Vector } from "../../internal/float32.js";
import { openFetchProxy } from "../../internal/http/proxy.js";
import { toEmbeddingError } from "./errors.js";
import type { PackedOpenAISettings } from "./options.js";
import type { RequestLoad } from "./packing.js";
import type { RequestPacer } from "./request-pacer.js";
import { readAnswer } from "./response.js";

export interface OpenAIServiceParts {
  settings: PackedOpenAISettings;
  fetch: typeof globalThis.fetch | undefined;
  clock: Clock;
  pacer: RequestPacer;
}

/** Sends requests to `/embeddings` with retries, and passes on to the pacer what the answers say about limits. */
export class OpenAIService {
  readonly #client: OpenAI;
  readonly #settings: PackedOpenAISettings;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #pacer: RequestPacer;

  private constructor(client: OpenAI, { settings, clock, pacer }: OpenAIServiceParts) {
    this.#client = client;
    this.#settings = settings;
    this.#host = new URL(settings.baseURL).host;
    this.#clock = clock;
    this.#pacer = pacer;
  }

  /** Loads the package. Its own retries are off because their waits have no limit and ignore the signal. */
  static async open(parts: OpenAIServiceParts): Promise<OpenAIService> {
    const { OpenAI } = await import("openai");
    const { apiKey, baseURL, organization, timeoutMs } = parts.settings;
    const fetchOptions: NonNullable<ClientOptions["fetchOptions"]> = {};
    const addProxy = await openFetchProxy();
    const client = new OpenAI({
      apiKey,
      baseURL,
      maxRetries: 0,
      timeout: timeoutMs,
      ...(organization && { organization }),
      ...(parts.fetch ? { fetch: parts.fetch } : { fetchOptions: addProxy(fetchOptions) }),
    });
    return new OpenAIService(client, parts);
  }

  /** Returns the vectors of one request; `undefined` for those that are not finite. The first attempt starts at once. */
  embed(load: RequestLoad, signal: AbortSignal): Promise<(Vector | undefined)[]> {
    const { texts } = load;
    const attempt = async (number: number): Promise<(Vector | undefined)[]> => {
      if (number > 1) await this.#pacer.waitUntilFree(load, signal);
      const sent = this.#pacer.sent(load);
      try {
        const vectors = await this.#request(texts, signal, (headers) => this.#pacer.answered(sent, headers));
        this.#pacer.succeeded();
        return vectors;
      } catch (thrown) {
        if (thrown instanceof UnsiloedError && thrown.code === "RATE_LIMITED") this.#pacer.rateLimited(sent);
        throw thrown;
      } finally {
        this.#pacer.ended(sent);
      }
    };
    return retry(attempt, {
      attempts: this.#settings.maxRetries + 1,
      signal,
      clock: this.#clock,
      // A request that exceeds the rate limit alone must be sent in parts, not repeated.
      retryOn: ({ code, retryable }) =>
        retryable && !(code === "RATE_LIMITED" && this.#pacer.exceedsLimit(load)),
    });
  }

  async #request(
    texts: string[],
    signal: AbortSignal,
    onHeaders: (headers: Headers) => void,
  ): Promise<(Vector | undefined)[]> {
    const { apiKey, dimensions, encodingFormat, model, timeoutMs } = this.#settings;
    const ended = new AbortController();
    const stop = new AbortController();
    // The package's own time limit covers the headers only; this one covers the body as well.
    const timer = this.#clock.delay(timeoutMs, ended.signal).then(
      () => stop.abort(this.#timedOut()),
      () => undefined,
    );
    const onAbort = () => stop.abort(abortError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const { data, response } = await this.#client.embeddings
        .create(
          { model, input: texts, encoding_format: encodingFormat, ...(dimensions && { dimensions }) },
          { signal: stop.signal },
        )
        .withResponse();
      onHeaders(response.headers);
      return readAnswer(data, texts.length, dimensions);
    } catch (thrown) {
      if (stop.signal.aborted) throw abortError(stop.signal);
      const headers = headersOf(thrown);
      if (headers) onHeaders(headers);
      throw toEmbeddingError(thrown, { host: this.#host, model, apiKey, now: this.#clock.now() });
    } finally {
      signal.removeEventListener("abort", onAbort);
      ended.abort();
      await timer;
    }
  }

  #timedOut(): UnsiloedError {
    return new UnsiloedError(
      "SERVICE_UNAVAILABLE",
      `the embedding service at ${this.#host} did not answer within ${this.#settings.timeoutMs} ms`,
      { retryable: true },
    );
  }
}

const headersOf = (thrown: unknown): Headers | undefined =>
  thrown instanceof Error && "headers" in thrown && thrown.headers instanceof Headers
    ? thrown.headers
    : undefined;
