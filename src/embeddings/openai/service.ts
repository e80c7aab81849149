import type { OpenAI } from "openai";
import { UnsiloedError } from "../../errors.js";
import { abortError, type Clock } from "../../internal/async/clock.js";
import { retry } from "../../internal/async/retry.js";
import type { Vector } from "../../internal/float32.js";
import { toEmbeddingError } from "./errors.js";
import type { PackedOpenAISettings } from "./options.js";
import type { RequestLoad } from "./packing.js";
import type { Pace } from "./request-pacer.js";
import { readAnswer } from "./response.js";

export interface OpenAIServiceParts {
  settings: PackedOpenAISettings;
  fetch: typeof globalThis.fetch | undefined;
  clock: Clock;
  pace: Pace;
}

/** Sends requests to `/embeddings`, again when it helps, and tells the pace what the answers say of limits. */
export class OpenAIService {
  readonly #client: OpenAI;
  readonly #settings: PackedOpenAISettings;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #pace: Pace;

  private constructor(client: OpenAI, { settings, clock, pace }: OpenAIServiceParts) {
    this.#client = client;
    this.#settings = settings;
    this.#host = new URL(settings.baseURL).host;
    this.#clock = clock;
    this.#pace = pace;
  }

  /** Loads the package. Retries are ours alone, as the package's waits heed neither the signal nor a cap. */
  static async open(parts: OpenAIServiceParts): Promise<OpenAIService> {
    const { OpenAI } = await import("openai");
    const { apiKey, baseURL, organization, timeoutMs } = parts.settings;
    const client = new OpenAI({
      apiKey,
      baseURL,
      maxRetries: 0,
      timeout: timeoutMs,
      ...(organization && { organization }),
      ...(parts.fetch && { fetch: parts.fetch }),
    });
    return new OpenAIService(client, parts);
  }

  /** The vectors of one request; `undefined` for those that are not finite. The first try begins before this waits. */
  embed(load: RequestLoad, signal: AbortSignal): Promise<(Vector | undefined)[]> {
    const { texts } = load;
    const attempt = async (number: number): Promise<(Vector | undefined)[]> => {
      if (number > 1) await this.#pace.untilFree(load, signal);
      const sending = this.#pace.sent(load);
      try {
        const vectors = await this.#request(texts, signal, (headers) =>
          this.#pace.answered(sending, headers),
        );
        this.#pace.succeeded();
        return vectors;
      } catch (thrown) {
        if (thrown instanceof UnsiloedError && thrown.code === "RATE_LIMITED") this.#pace.tooFast(sending);
        throw thrown;
      } finally {
        this.#pace.ended(sending);
      }
    };
    return retry(attempt, {
      attempts: this.#settings.maxRetries + 1,
      signal,
      clock: this.#clock,
      // What exceeds the rate by itself is to be sent in parts, not again.
      retryOn: ({ code, retryable }) => retryable && !(code === "RATE_LIMITED" && this.#pace.isTooMuch(load)),
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
    // The package's own limit ends with the headers of the answer; a body that never ends needs this one.
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
      `the embedding service at ${this.#host} took over ${this.#settings.timeoutMs} ms`,
      { retryable: true },
    );
  }
}

const headersOf = (thrown: unknown): Headers | undefined =>
  thrown instanceof Error && "headers" in thrown && thrown.headers instanceof Headers
    ? thrown.headers
    : undefined;
