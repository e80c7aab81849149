import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { SubmissionObserver } from "../../documents/source.js";
import { type ErrorContext, UnsiloedError } from "../../errors.js";
import { abortError, type Clock, throwIfAborted } from "../../internal/async/clock.js";
import { retry } from "../../internal/async/retry.js";
import { isPage } from "../../internal/http/error-body.js";
import { parseCalls } from "../../internal/measurements.js";
import type { RequestKind } from "../limits/call-window.js";
import type { CallPermit, ParseBudget } from "../limits/parse-budget.js";
import { showUrl } from "../redact.js";
import { answerError, type CallInfo, failureError, isThrottle, PAGE_STATUS } from "./http-errors.js";
import type { AddressTrust } from "./safe-address.js";
import { readBody, withTimeLimit } from "./time-limit.js";
import { ACCEPTED_ENCODINGS, type HttpRequest, type Transport } from "./transport.js";

/** One call of the parse API. */
export interface ApiCall {
  method: "GET" | "POST";
  /** Below the base URL, beginning with a slash. */
  path: string;
  query?: Record<string, string>;
  body?: FormData | string;
  kind: RequestKind;
  /** The leave to send it, when the poll scheduler has got it already; for one attempt. */
  permit?: CallPermit;
  /** Limit of one attempt, reading the answer included. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Follows each attempt at a call that must not be sent twice. */
  observer?: SubmissionObserver | undefined;
  /** Finds a refusal in an answer that HTTP counts as a success. */
  refusalIn?: (answer: unknown) => UnsiloedError | undefined;
  /** What is being done, for messages. */
  what: string;
  context?: ErrorContext;
}

export interface HttpSettings {
  apiKey: string;
  baseUrl: URL;
  transport: Transport;
  clock: Clock;
  budget: ParseBudget;
  random: () => number;
  retry: { attempts: number; baseDelayMs: number; maxDelayMs: number };
}

/** Retries of "too fast" and "full": one to two minutes, so that the documented window of 60 seconds passes. */
const THROTTLE_RETRIES = { attempts: 8, baseDelayMs: 2_000, maxDelayMs: 30_000 };

/**
 * Sends calls to the parse API.
 *
 * `http-errors` decides what an answer means by its status; here are time limits, retries, the rate budget and the rule
 * that the API key goes to the configured host only.
 */
export class ParseHttp {
  readonly #settings: HttpSettings;
  #reached = false;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
  }

  /** Whether the host has answered at all, so that a failure to reach it means an outage, not a wrong address. */
  get reached(): boolean {
    return this.#reached;
  }

  /** Sends a call and reads its answer as JSON, trying again as far as that is safe. */
  async json(call: ApiCall): Promise<unknown> {
    return this.#withRetries(call, () => this.jsonOnce(call));
  }

  /** Sends a call and hands out the bytes of its answer as they come. Once it has begun nothing is tried again. */
  async stream(call: ApiCall): Promise<AsyncGenerator<Uint8Array>> {
    const body = await this.#withRetries(call, () => this.#attempt(call, async (answer) => answer));
    return readBody(body, {
      limitMs: call.timeoutMs,
      signal: call.signal,
      failed: (thrown) => failureError(thrown, this.#settings.baseUrl, this.#infoOf(call)),
    });
  }

  /** Makes one attempt at a call that is answered in JSON. @throws UnsiloedError as `http-errors` has it */
  async jsonOnce(call: ApiCall): Promise<unknown> {
    return this.#attempt(call, async (body) => {
      const answer = await readJson(body);
      const refusal = call.refusalIn?.(answer);
      if (refusal) throw refusal;
      return answer;
    });
  }

  async #attempt<T>(call: ApiCall, read: (body: Readable) => Promise<T>): Promise<T> {
    const { baseUrl, budget, clock, transport } = this.#settings;
    const info = this.#infoOf(call);
    const permit = call.permit ?? (await budget.acquire(call.kind, call.signal));
    await this.#prepare(call, permit);
    let ok = false;
    let status: number | null = null;
    const sentAt = performance.now();
    try {
      const result = await withTimeLimit(call.timeoutMs, call.signal, async (signal) => {
        const answer = await transport.send(this.#requestOf(call, signal), (to) => this.#allow(to));
        this.#reached = true;
        permit.answered();
        status = answer.status;
        if (answer.status >= 200 && answer.status < 300) return read(answer.body);
        throw answerError(
          {
            status: answer.status,
            retryAfter: answer.header("retry-after"),
            text: await text(answer.body).catch(() => ""),
            now: clock.now(),
          },
          info,
        );
      });
      ok = true;
      return result;
    } catch (thrown) {
      const error = failureError(thrown, baseUrl, info);
      if (isThrottle(error)) applyThrottle(error, call, permit, budget);
      if (error.code !== "SUBMISSION_UNKNOWN") await call.observer?.refused?.(error);
      throw error;
    } finally {
      permit.close(ok);
      parseCalls.report({ kind: call.kind, status, durationMs: performance.now() - sentAt });
    }
  }

  #requestOf({ path, query = {}, method, body }: ApiCall, signal: AbortSignal): HttpRequest {
    const { apiKey, baseUrl } = this.#settings;
    const url = new URL(`${baseUrl.pathname.replace(/\/$/, "")}${path}`, baseUrl);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = {
      "api-key": apiKey,
      accept: "application/json",
      "accept-encoding": ACCEPTED_ENCODINGS,
      ...(typeof body === "string" && { "content-type": "application/json" }),
    };
    return { method, url, headers, body, signal };
  }

  /** Keeps the API key from any other host. */
  #allow(to: URL): AddressTrust {
    if (to.origin === this.#settings.baseUrl.origin) return "trusted";
    throw new UnsiloedError(
      "SERVICE_UNAVAILABLE",
      `the service redirects to ${showUrl(to)}, which is not followed: requests go to the configured host only. ` +
        "Check baseUrl (UNSILOED_BASE_URL)",
    );
  }

  /** Does what comes right before sending. Should it fail, nothing was sent. */
  async #prepare({ signal, observer }: ApiCall, permit: CallPermit): Promise<void> {
    try {
      throwIfAborted(signal);
      await observer?.submitting?.();
      if (!signal?.aborted) return;
      // Reported apart from what follows, where an abort leaves the outcome unknown.
      const error = abortError(signal);
      await observer?.refused?.(error);
      throw error;
    } catch (thrown) {
      permit.unused();
      permit.close(false);
      throw thrown;
    }
  }

  #infoOf({ what, context = {}, kind }: ApiCall): CallInfo {
    return { what, context, submission: kind === "submit", apiKey: this.#settings.apiKey };
  }

  /** Waits long when the service asks for it, and a few times briefly when a request fails in passing. */
  #withRetries<T>(call: ApiCall, attempt: () => Promise<T>): Promise<T> {
    const { clock, random, retry: transient } = this.#settings;
    const shared = { clock, random, signal: call.signal };
    return retry(
      () =>
        retry(attempt, {
          ...shared,
          ...transient,
          // A shared budget that cannot be reached was sought long enough.
          retryOn: (error) => error.retryable && !isThrottle(error) && error.code !== "LEDGER_FAILED",
        }),
      { ...shared, ...THROTTLE_RETRIES, retryOn: isThrottle },
    );
  }
}

/** "Too fast" lowers the rate of calls, "full" the number of jobs; when a poll is told "full", a pause is enough. */
const applyThrottle = (
  { code, context: { retryAfterMs } }: UnsiloedError,
  { kind }: ApiCall,
  permit: CallPermit,
  budget: ParseBudget,
): void => {
  if (code === "RATE_LIMITED") permit.tooFast(retryAfterMs);
  else if (kind === "submit") permit.full(retryAfterMs ?? 0);
  else budget.pause(retryAfterMs);
};

const readJson = async (body: Readable): Promise<unknown> => {
  const json = await text(body);
  try {
    const parsed: unknown = JSON.parse(json);
    return parsed;
  } catch (cause) {
    // A success in HTML comes from another service, or from a page to sign in before it.
    if (isPage(json))
      throw new UnsiloedError(
        "SERVICE_UNAVAILABLE",
        "this address answers with a web page; check baseUrl (UNSILOED_BASE_URL)",
        { cause, status: PAGE_STATUS, retryable: true },
      );
    // Cut on the way.
    throw new UnsiloedError(
      "SERVICE_UNAVAILABLE",
      "the service answered with something that is not the JSON expected",
      { cause, retryable: true },
    );
  }
};
