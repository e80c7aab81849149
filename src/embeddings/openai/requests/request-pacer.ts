import type { Clock } from "../../../internal/async/clock.js";
import { readRateHeaders } from "../answers/rate-headers.js";
import type { Weight } from "./packing.js";
import { QuotaWindow, type SentRequest } from "./quota-window.js";

const ONE: Weight = { bound: 1, exact: () => 1 };

/**
 * Decides when requests may be sent.
 *
 * **Quotas.** The `x-ratelimit-*` headers of answers report how many requests and tokens remain. A request that needs
 * more waits for the reset instead of being refused. Without these headers nothing waits.
 *
 * **In flight.** A 429 halves the number of requests in flight, once for all that were in flight at the time. Each
 * round of successful requests raises it by one, up to `concurrency`: additive increase, multiplicative decrease
 * (https://www.rfc-editor.org/rfc/rfc5681).
 */
export class RequestPacer {
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #requests = new QuotaWindow(() => ONE);
  readonly #tokens = new QuotaWindow((weight) => weight);
  readonly #inFlight = new Set<SentRequest>();
  #sent = 0;
  /** Has a fraction while it increases. */
  #maxInFlight: number;
  #maxInputs = Number.POSITIVE_INFINITY;
  /** Number of the last request sent before the limit was halved; a 429 for it or an earlier one halves nothing. */
  #lastHalved = 0;

  constructor(concurrency: number, clock: Clock) {
    this.#concurrency = concurrency;
    this.#maxInFlight = concurrency;
    this.#clock = clock;
  }

  /** How many requests may be in flight now. */
  get maxInFlight(): number {
    return Math.floor(this.#maxInFlight);
  }

  /** The most tokens the service accepts in one request, where it reports a limit; else infinity. */
  get maxTokens(): number {
    return this.#tokens.limit || Number.POSITIVE_INFINITY;
  }

  /** The most texts the service accepts in one request, where it has refused more and named the number; else infinity. */
  get maxInputs(): number {
    return this.#maxInputs;
  }

  /** Whether a request has more tokens than the service accepts at any time. */
  exceedsLimit(weight: Weight): boolean {
    return weight.bound > this.maxTokens && weight.exact() > this.maxTokens;
  }

  /** Returns when a request of this weight may be sent; infinity until an answer arrives. */
  freeAt(weight: Weight): number {
    const now = this.#clock.now();
    const inFlight = [...this.#inFlight];
    return Math.max(this.#requests.freeAt(weight, now, inFlight), this.#tokens.freeAt(weight, now, inFlight));
  }

  /**
   * Waits for the next reset if the request needs it.
   *
   * @throws UnsiloedError `ABORTED`
   */
  async waitUntilFree(weight: Weight, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = this.freeAt(weight) - this.#clock.now();
      if (waitMs <= 0 || waitMs === Number.POSITIVE_INFINITY) return;
      await this.#clock.delay(Math.ceil(waitMs), signal);
    }
  }

  /** Counts a request that is sent now. Its end must be reported by `ended`, after what its answer said. */
  sent(weight: Weight): SentRequest {
    const request = { number: ++this.#sent, weight, overlapping: [...this.#inFlight] };
    for (const other of this.#inFlight) other.overlapping.push(request);
    this.#inFlight.add(request);
    this.#requests.sent(request);
    this.#tokens.sent(request);
    return request;
  }

  /** Takes note of the headers of an answer, also of a refusal. */
  answered(request: SentRequest, headers: Headers): void {
    const { requests, tokens } = readRateHeaders(headers);
    const now = this.#clock.now();
    if (requests) this.#requests.answered(request, requests, now);
    if (tokens) this.#tokens.answered(request, tokens, now);
  }

  /** Takes note of the most texts that the service accepts in one request. */
  limitInputs(maxInputs: number): void {
    this.#maxInputs = Math.min(this.#maxInputs, maxInputs);
  }

  /** Takes note of a request that succeeded. */
  succeeded(): void {
    this.#maxInFlight = Math.min(this.#concurrency, this.#maxInFlight + 1 / this.#maxInFlight);
  }

  /** Takes note of a request that was refused by the rate limit. */
  rateLimited({ number }: SentRequest): void {
    if (number <= this.#lastHalved) return;
    this.#lastHalved = this.#sent;
    this.#maxInFlight = Math.max(1, Math.floor(this.#maxInFlight / 2));
  }

  /** Takes note of the end of a request. */
  ended(request: SentRequest): void {
    this.#inFlight.delete(request);
    // Needed until the answer only. Kept, the lists would hold every earlier request in memory.
    request.overlapping = [];
  }
}
