import type { SubmissionObserver } from "../../documents/source.js";
import { type ErrorContext, UnsiloedError } from "../../errors.js";
import { abortError, type Clock, throwIfAborted } from "../../internal/async/clock.js";
import { retry } from "../../internal/async/retry.js";
import type { CallLease, ParseBudget } from "../limits/parse-budget.js";
import type { RequestKind } from "../limits/rate-limiter.js";
import { answerError, type CallInfo, failureError, isThrottle } from "./http-errors.js";
import { readBody } from "./read-body.js";
import { type Fetch, fetchFollowing } from "./redirects.js";
import { withTimeLimit } from "./time-limit.js";

/** One call of the parse API. */
export interface ApiCall {
  method: "GET" | "POST";
  /** Below the base URL, beginning with a slash. */
  path: string;
  query?: Record<string, string>;
  body?: FormData | string;
  kind: RequestKind;
  /** The leave to send it, when the poll scheduler has got it already; for one attempt. */
  lease?: CallLease;
  /** Limit of one attempt, reading the answer included. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Follows each attempt at a call that must not be sent twice. */
  observer?: SubmissionObserver | undefined;
  /** What is being done, for messages. */
  what: string;
  context?: ErrorContext;
}

export interface HttpSettings {
  apiKey: string;
  baseUrl: URL;
  fetch: Fetch;
  clock: Clock;
  budget: ParseBudget;
  random: () => number;
  retry: { attempts: number; baseDelayMs: number; maxDelayMs: number };
}

/** Patience with "too fast" and "full": one to two minutes, so that the documented window of 60 seconds passes. */
const THROTTLE = { attempts: 8, baseDelayMs: 2_000, maxDelayMs: 30_000 };

/**
 * Sends requests to the parse API with Node's own `fetch`, for the maintained fetch clients need a newer Node.
 *
 * What a request means by its status is decided in `http-errors`; here are time limits, retries, the rate budget
 * and the rule that the API key goes to the configured host only.
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
    return this.#patiently(call, () => this.once(call, jsonOf));
  }

  /** Sends a call and hands out the bytes of its answer as they come. Once it has begun nothing is tried again. */
  async stream(call: ApiCall): Promise<AsyncGenerator<Uint8Array>> {
    const { body } = await this.#patiently(call, () => this.once(call, async (response) => response));
    const { origin } = this.#settings.baseUrl;
    return readBody(body, {
      limitMs: call.timeoutMs,
      signal: call.signal,
      failed: (thrown) => failureError(thrown, origin, this.#infoOf(call)),
    });
  }

  /** One attempt at a call that is answered in JSON. */
  async jsonOnce(call: ApiCall): Promise<unknown> {
    return this.once(call, jsonOf);
  }

  /** One attempt. @throws UnsiloedError as `http-errors` has it */
  async once<T>(call: ApiCall, read: (response: Response) => Promise<T>): Promise<T> {
    const { apiKey, baseUrl, budget, clock, fetch } = this.#settings;
    const info = this.#infoOf(call);
    const lease = call.lease ?? (await budget.acquire(call.kind, call.signal));
    await this.#prepare(call, lease);
    let ok = false;
    const url = new URL(`${baseUrl.pathname.replace(/\/$/, "")}${call.path}`, baseUrl);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    const headers: Record<string, string> = { "api-key": apiKey, accept: "application/json" };
    if (typeof call.body === "string") headers["content-type"] = "application/json";
    try {
      const answer = await withTimeLimit(call.timeoutMs, call.signal, async (signal) => {
        const init = {
          method: call.method,
          headers,
          signal,
          ...(call.body !== undefined && { body: call.body }),
        };
        const response = await fetchFollowing(fetch, url, init, (to) => to.origin === baseUrl.origin);
        this.#reached = true;
        lease.answered();
        if (response.ok) return read(response);
        const answer = {
          status: response.status,
          retryAfter: response.headers.get("retry-after"),
          text: await response.text().catch(() => ""),
          now: clock.now(),
        };
        throw answerError(answer, info);
      });
      ok = true;
      return answer;
    } catch (thrown) {
      const error = failureError(thrown, baseUrl.origin, info);
      if (isThrottle(error)) heed(error, call, lease, budget);
      if (error.code !== "SUBMISSION_UNKNOWN") await call.observer?.refused?.(error);
      throw error;
    } finally {
      lease.close(ok);
    }
  }

  /** What comes right before sending. Should it fail, nothing was sent. */
  async #prepare({ signal, observer }: ApiCall, lease: CallLease): Promise<void> {
    try {
      throwIfAborted(signal);
      await observer?.submitting?.();
      if (!signal?.aborted) return;
      // Said apart from what follows, where an abort leaves the outcome unknown.
      const error = abortError(signal);
      await observer?.refused?.(error);
      throw error;
    } catch (thrown) {
      lease.unused();
      lease.close(false);
      throw thrown;
    }
  }

  #infoOf({ what, context = {}, kind }: ApiCall): CallInfo {
    return { what, context, submission: kind === "submit", apiKey: this.#settings.apiKey };
  }

  /** Waits long when the service asks for it, and a few times briefly when a request fails in passing. */
  #patiently<T>(call: ApiCall, attempt: () => Promise<T>): Promise<T> {
    const { clock, random, retry: transient } = this.#settings;
    const shared = { clock, random, signal: call.signal };
    return retry(
      () =>
        retry(attempt, {
          ...shared,
          ...transient,
          retryOn: (error) => error.retryable && !isThrottle(error),
        }),
      { ...shared, ...THROTTLE, retryOn: isThrottle },
    );
  }
}

/** "Too fast" is a lesson about calls, "full" one about jobs; a service that is full for a poll just needs a pause. */
const heed = (
  { code, context: { retryAfterMs } }: UnsiloedError,
  { kind }: ApiCall,
  lease: CallLease,
  budget: ParseBudget,
): void => {
  if (code === "RATE_LIMITED") lease.tooFast(retryAfterMs);
  else if (kind === "submit") lease.full(retryAfterMs ?? 0);
  else budget.pause(retryAfterMs);
};

const jsonOf = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch (cause) {
    throw unreadable(cause);
  }
};

/** A success whose body is no JSON: cut on the way, or the page of a proxy. */
const unreadable = (cause: unknown): UnsiloedError =>
  new UnsiloedError(
    "SERVICE_UNAVAILABLE",
    "the service answered with something that is not the JSON expected",
    {
      cause,
      retryable: true,
    },
  );
