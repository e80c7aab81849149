import { UnsiloedError } from "../../../errors.js";
import type { Clock } from "../../../internal/async/clock.js";
import { WeightedSemaphore } from "../../../internal/async/weighted-semaphore.js";

/** The longest that one request waits for its turn at the server. The server's own bucket is full after a minute. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** Returns how long the server asked to wait, if it refused a request for its rate. */
const waitOf = (thrown: unknown): number | undefined =>
  thrown instanceof UnsiloedError && thrown.context.status === 429 ? thrown.context.retryAfterMs : undefined;

/**
 * Requests that share a rate limit of the server. They are sent side by side until one is refused with a time to wait;
 * then one after the other until none is left waiting, because they would only take each other's share.
 *
 * Such a wait is no failed attempt: a collection with `write_rate_limit: 100` takes a thousand points in ten minutes.
 */
export class RateLane {
  readonly #clock: Clock;
  readonly #turn = new WeightedSemaphore(1);
  #waiting = 0;
  #notBefore = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends a request, and again when the server says that it may. */
  async run<T>(send: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const since = this.#clock.now();
    const mayRetry = (thrown: unknown): boolean => {
      const wait = waitOf(thrown);
      const now = this.#clock.now();
      if (wait === undefined || now + wait - since > LONGEST_WAIT_MS) return false;
      this.#notBefore = Math.max(this.#notBefore, now + wait);
      return true;
    };
    if (this.#waiting === 0) {
      try {
        return await send();
      } catch (thrown) {
        if (!mayRetry(thrown)) throw thrown;
      }
    }
    this.#waiting += 1;
    try {
      return await this.#turn.run(() => this.#inTurn(send, mayRetry, signal), { signal });
    } finally {
      this.#waiting -= 1;
    }
  }

  async #inTurn<T>(
    send: () => Promise<T>,
    mayRetry: (thrown: unknown) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (;;) {
      const wait = this.#notBefore - this.#clock.now();
      if (wait > 0) await this.#clock.delay(wait, signal);
      try {
        return await send();
      } catch (thrown) {
        if (!mayRetry(thrown)) throw thrown;
      }
    }
  }
}
