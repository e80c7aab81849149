import { UnsiloedError } from "../../errors.js";
import { type Clock, throwIfAborted } from "../../internal/async/clock.js";
import { retry } from "../../internal/async/retry.js";
import type { Vector } from "../../internal/numbers/float32.js";
import { PROBE } from "../model.js";
import { EmbeddingsClient } from "./embeddings-client.js";
import type { PackedOpenAISettings } from "./options.js";
import { RequestLoad, WeighedText } from "./requests/packing.js";
import type { RequestPacer } from "./requests/request-pacer.js";

export interface OpenAIServiceParts {
  settings: PackedOpenAISettings;
  fetch: typeof globalThis.fetch | undefined;
  clock: Clock;
  pacer: RequestPacer;
}

type Vectors = (Vector | undefined)[];

/** A request that any service embeds which embeds anything. */
const probeLoad = (): RequestLoad => {
  const load = new RequestLoad({ maxInputs: 1, maxRequestTokens: Number.POSITIVE_INFINITY });
  load.add(new WeighedText(PROBE, Buffer.byteLength));
  return load;
};

/** Whether a failure may be that of a text although it looks as if it passed. A limit of rates is never a text's. */
const mayBeOfTexts = (thrown: unknown): thrown is UnsiloedError =>
  thrown instanceof UnsiloedError && thrown.retryable && thrown.code !== "RATE_LIMITED";

/**
 * Sends requests to `/embeddings` with retries, and passes on to the pacer what the answers say about limits.
 *
 * **Texts that break a service.** A server may end in a failure that looks as if it passed, such as 500, for one text of
 * a request, however often it is sent. When the attempts are used up, a text that any server embeds is sent: if that
 * fails too, the service is down. Otherwise the texts are blamed, so that the caller sends fewer of them at a time until
 * the bad one is alone. These texts get one attempt each time, because they have had theirs. So a service that is down
 * is asked once more than without this, and one bad text among n costs at most 4 · log₂ n more requests.
 */
export class OpenAIService {
  readonly #client: EmbeddingsClient;
  readonly #attempts: number;
  readonly #clock: Clock;
  readonly #pacer: RequestPacer;
  /** Texts of requests that failed while the service was up; the bad one is not found yet. */
  readonly #suspects = new Set<string>();

  private constructor(client: EmbeddingsClient, { settings, clock, pacer }: OpenAIServiceParts) {
    this.#client = client;
    this.#attempts = settings.maxRetries + 1;
    this.#clock = clock;
    this.#pacer = pacer;
  }

  /** Loads the `openai` package. */
  static async open(parts: OpenAIServiceParts): Promise<OpenAIService> {
    return new OpenAIService(await EmbeddingsClient.open(parts.settings, parts.fetch, parts.clock), parts);
  }

  /** Returns the vectors of one request; `undefined` for those without a direction. The first attempt starts at once. */
  async embed(load: RequestLoad, signal: AbortSignal): Promise<Vectors> {
    const { texts } = load;
    const isSuspected = texts.some((text) => this.#suspects.has(text));
    try {
      const vectors = await this.#attempt(load, signal, isSuspected ? 1 : this.#attempts);
      this.#clear(texts);
      return vectors;
    } catch (thrown) {
      if (!mayBeOfTexts(thrown)) throw thrown;
      if (!(await this.#isUp(signal, isSuspected ? this.#attempts : 1))) throw thrown;
      if (texts.length === 1) return await this.#embedAlone(load, signal);
      for (const text of texts) this.#suspects.add(text);
      throw blame(thrown);
    }
  }

  /** Sends a text a last time, now that the service is known to be up. */
  async #embedAlone(load: RequestLoad, signal: AbortSignal): Promise<Vectors> {
    this.#clear(load.texts);
    try {
      return await this.#attempt(load, signal, 1);
    } catch (thrown) {
      throw mayBeOfTexts(thrown) ? blame(thrown) : thrown;
    }
  }

  #clear(texts: readonly string[]): void {
    if (this.#suspects.size > 0) for (const text of texts) this.#suspects.delete(text);
  }

  /** Tells whether the service embeds a text that is beyond suspicion. */
  async #isUp(signal: AbortSignal, attempts: number): Promise<boolean> {
    try {
      await this.#attempt(probeLoad(), signal, attempts);
      return true;
    } catch {
      throwIfAborted(signal);
      return false;
    }
  }

  #attempt(load: RequestLoad, signal: AbortSignal, attempts: number): Promise<Vectors> {
    const send = async (number: number): Promise<Vectors> => {
      if (number > 1) await this.#pacer.waitUntilFree(load, signal);
      const sent = this.#pacer.sent(load);
      try {
        const vectors = await this.#client.request(load.texts, signal, {
          onHeaders: (headers) => this.#pacer.answered(sent, headers),
          onBatchLimit: (maxInputs) => this.#pacer.limitInputs(maxInputs),
        });
        this.#pacer.succeeded();
        return vectors;
      } catch (thrown) {
        if (thrown instanceof UnsiloedError && thrown.code === "RATE_LIMITED") this.#pacer.rateLimited(sent);
        throw thrown;
      } finally {
        this.#pacer.ended(sent);
      }
    };
    return retry(send, {
      attempts,
      signal,
      clock: this.#clock,
      // A request that exceeds the rate limit alone must be sent in parts, not repeated.
      retryOn: ({ code, retryable }) =>
        retryable && !(code === "RATE_LIMITED" && this.#pacer.exceedsLimit(load)),
    });
  }
}

/** Makes a failure one of the texts. */
const blame = (error: UnsiloedError): UnsiloedError =>
  new UnsiloedError("EMBEDDING_FAILED", `${error.message}, again and again, while it embeds other texts`, {
    ...error.context,
    cause: error,
  });
