import type { Weight } from "./packing.js";
import type { QuotaReading } from "./rate-headers.js";

/** A request on its way, as quotas see it. */
export interface Sending {
  /** Counts up with each request that is sent. */
  readonly number: number;
  readonly weight: Weight;
  /** Requests that were under way at some moment while this one was. */
  overlapping: Sending[];
}

/**
 * What is left of one quota of the service, at the least, as far as its answers tell.
 *
 * An answer says what was left at some moment between its request and itself. Requests that were under way meanwhile
 * may not be in that figure, and those sent afterwards are not: both are taken off it. Of the answers, that of the
 * request sent last counts.
 */
export class Quota {
  readonly #costOf: (weight: Weight) => Weight;
  #remaining = Number.POSITIVE_INFINITY;
  #uncounted: Sending[] = [];
  /** Number of the request whose answer counts. */
  #latest = 0;
  /** What is there after a reset: the limit that was told, else the most that ever remained. */
  #most = 0;
  #resetAt = Number.NEGATIVE_INFINITY;
  #limit: number | undefined;

  /** @param costOf what a request takes from this quota */
  constructor(costOf: (weight: Weight) => Weight) {
    this.#costOf = costOf;
  }

  /** The most a single request can ever take, where the service tells. */
  get limit(): number | undefined {
    return this.#limit;
  }

  sent(sending: Sending): void {
    if (this.#remaining !== Number.POSITIVE_INFINITY) this.#uncounted.push(sending);
  }

  answered(sending: Sending, { limit, remaining, resetMs }: QuotaReading, now: number): void {
    this.#limit = limit ?? this.#limit;
    this.#most = limit ?? Math.max(this.#most, remaining);
    // Answers overtake each other, and the later reset is the one of the state that is nearer to the present.
    this.#resetAt = Math.max(this.#resetAt, now + resetMs);
    if (sending.number < this.#latest) return;
    this.#latest = sending.number;
    this.#remaining = remaining;
    this.#uncounted = [...sending.overlapping];
  }

  /**
   * When a request of this weight may be sent: now, at the reset, or, when it is too much beside those under way even
   * then, never, which is to say not before one of them is answered.
   */
  freeAt(weight: Weight, now: number, underWay: readonly Sending[]): number {
    if (this.#remaining !== Number.POSITIVE_INFINITY && now >= this.#resetAt) {
      this.#remaining = this.#most;
      this.#uncounted = [...underWay];
    }
    if (this.#fits(weight)) return now;
    if (now < this.#resetAt) return this.#resetAt;
    // What exceeds the quota by itself is for the service to refuse.
    return underWay.length > 0 ? Number.POSITIVE_INFINITY : now;
  }

  /** Exact weights are asked for only when bounds leave the answer open. */
  #fits(weight: Weight): boolean {
    const all = [...this.#uncounted.map((sending) => sending.weight), weight].map(this.#costOf);
    const sumOf = (tell: (cost: Weight) => number) => all.reduce((sum, cost) => sum + tell(cost), 0);
    return sumOf(({ bound }) => bound) <= this.#remaining || sumOf((cost) => cost.exact()) <= this.#remaining;
  }
}
