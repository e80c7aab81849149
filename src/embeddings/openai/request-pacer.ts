import type { Clock } from "../../internal/async/clock.js";
import type { Weight } from "./packing.js";
import { Quota, type Sending } from "./quota-window.js";
import { readRateHeaders } from "./rate-headers.js";

const ONE: Weight = { bound: 1, exact: () => 1 };

/**
 * How fast requests may leave.
 *
 * **Quotas.** Answers that carry `x-ratelimit-*` headers tell what is left of requests and tokens; a request that
 * needs more waits for the reset instead of being refused. Without these headers nothing waits.
 *
 * **In flight.** A 429 halves the number of requests in flight, once for all that were under way at the time; each
 * round of requests that get through makes it one more, up to `concurrency`: additive increase, multiplicative
 * decrease (https://www.rfc-editor.org/rfc/rfc5681).
 */
export class Pace {
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #requests = new Quota(() => ONE);
  readonly #tokens = new Quota((weight) => weight);
  readonly #underWay = new Set<Sending>();
  #sent = 0;
  #inFlight: number;
  /** Refusals of requests up to this one belong to one lesson. */
  #learntUpTo = 0;

  constructor(concurrency: number, clock: Clock) {
    this.#concurrency = concurrency;
    this.#inFlight = concurrency;
    this.#clock = clock;
  }

  /** Requests that may be in flight at present. */
  get inFlight(): number {
    return Math.floor(this.#inFlight);
  }

  /** Tokens that the service lets through at once, where it tells. */
  get mostTokens(): number {
    return this.#tokens.limit || Number.POSITIVE_INFINITY;
  }

  /** Whether the service will never let so much through at once. */
  isTooMuch(weight: Weight): boolean {
    return weight.bound > this.mostTokens && weight.exact() > this.mostTokens;
  }

  /** When a request of this weight may be sent; infinite while only an answer can tell. */
  freeAt(weight: Weight): number {
    const now = this.#clock.now();
    const underWay = [...this.#underWay];
    return Math.max(this.#requests.freeAt(weight, now, underWay), this.#tokens.freeAt(weight, now, underWay));
  }

  /** Waits for a reset that is due, where one is. @throws UnsiloedError `ABORTED` */
  async untilFree(weight: Weight, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = this.freeAt(weight) - this.#clock.now();
      if (waitMs <= 0 || waitMs === Number.POSITIVE_INFINITY) return;
      await this.#clock.delay(Math.ceil(waitMs), signal);
    }
  }

  /** A request leaves. What is given back is to be told how it went, by one of the other calls and then `ended`. */
  sent(weight: Weight): Sending {
    const sending = { number: ++this.#sent, weight, overlapping: [...this.#underWay] };
    for (const other of this.#underWay) other.overlapping.push(sending);
    this.#underWay.add(sending);
    this.#requests.sent(sending);
    this.#tokens.sent(sending);
    return sending;
  }

  /** The service answered, be it with a refusal. */
  answered(sending: Sending, headers: Headers): void {
    const { requests, tokens } = readRateHeaders(headers);
    const now = this.#clock.now();
    if (requests) this.#requests.answered(sending, requests, now);
    if (tokens) this.#tokens.answered(sending, tokens, now);
  }

  succeeded(): void {
    this.#inFlight = Math.min(this.#concurrency, this.#inFlight + 1 / this.#inFlight);
  }

  /** The service said that calls come too fast. */
  tooFast({ number }: Sending): void {
    if (number <= this.#learntUpTo) return;
    this.#learntUpTo = this.#sent;
    this.#inFlight = Math.max(1, Math.floor(this.#inFlight / 2));
  }

  ended(sending: Sending): void {
    this.#underWay.delete(sending);
    // What it overlapped with matters until it is answered; kept, it would hold on to every request before it.
    sending.overlapping = [];
  }
}
