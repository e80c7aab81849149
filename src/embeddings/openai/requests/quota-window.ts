import type { QuotaReading } from "../answers/rate-headers.js";
import type { Weight } from "./packing.js";

/** A request that is in flight, as quotas count it. */
export interface SentRequest {
  /** Increases with each request. */
  readonly number: number;
  readonly weight: Weight;
  /** Requests that were in flight at the same time, at any moment. */
  overlapping: SentRequest[];
}

/**
 * Tracks the least that remains of one quota of the service, by what its answers report.
 *
 * An answer reports what remained at some moment between the request and the answer. That figure may not include the
 * requests that overlapped, and does not include those sent later: both are subtracted from it. The answer to the
 * latest request counts.
 */
export class QuotaWindow {
  readonly #costOf: (weight: Weight) => Weight;
  #remaining = Number.POSITIVE_INFINITY;
  #uncounted: SentRequest[] = [];
  /** Number of the request whose answer counts. */
  #latest = 0;
  /** The quota after a reset: the reported limit, else the most that ever remained. */
  #full = 0;
  #resetAt = Number.NEGATIVE_INFINITY;
  #limit: number | undefined;

  /** @param costOf returns what a request uses of this quota */
  constructor(costOf: (weight: Weight) => Weight) {
    this.#costOf = costOf;
  }

  /** The most that one request can ever use, where the service reports it. */
  get limit(): number | undefined {
    return this.#limit;
  }

  sent(request: SentRequest): void {
    if (this.#remaining !== Number.POSITIVE_INFINITY) this.#uncounted.push(request);
  }

  answered(request: SentRequest, { limit, remaining, resetMs }: QuotaReading, now: number): void {
    this.#limit = limit ?? this.#limit;
    this.#full = limit ?? Math.max(this.#full, remaining);
    // Answers may arrive out of order; the later reset belongs to the more recent state.
    this.#resetAt = Math.max(this.#resetAt, now + resetMs);
    if (request.number < this.#latest) return;
    this.#latest = request.number;
    this.#remaining = remaining;
    this.#uncounted = [...request.overlapping];
  }

  /**
   * Returns when a request of this weight may be sent: now, at the reset, or never (infinity) when it exceeds the quota
   * beside the requests in flight even then. An answer to one of those changes that.
   */
  freeAt(weight: Weight, now: number, inFlight: readonly SentRequest[]): number {
    if (this.#remaining !== Number.POSITIVE_INFINITY && now >= this.#resetAt) {
      this.#remaining = this.#full;
      this.#uncounted = [...inFlight];
    }
    if (this.#fits(weight)) return now;
    if (now < this.#resetAt) return this.#resetAt;
    // A request that exceeds the quota alone is sent all the same, so that the service decides.
    return inFlight.length > 0 ? Number.POSITIVE_INFINITY : now;
  }

  /** Counts exactly only when the upper bounds do not decide. */
  #fits(weight: Weight): boolean {
    const all = [...this.#uncounted.map(({ weight: sent }) => sent), weight].map(this.#costOf);
    const sumOf = (measure: (cost: Weight) => number) => all.reduce((sum, cost) => sum + measure(cost), 0);
    return sumOf(({ bound }) => bound) <= this.#remaining || sumOf((cost) => cost.exact()) <= this.#remaining;
  }
}
