/** A pair that may be matched, and its score, which is more than 0. */
export interface Candidate<A, B> {
  from: A;
  to: B;
  score: number;
}

/** Sums of scores that differ by less count as equal. */
const EPSILON = 1e-9;

/**
 * Finds the matching with the greatest sum of scores. Nothing is in two pairs. Among several matchings with that sum the
 * choice is the same on every run; of two candidates that exclude only each other, it is the first.
 *
 * Uses the Hungarian method, one `from` after the other: Kuhn, Naval Research Logistics Quarterly 2 (1955). Every `from`
 * and `to` has a price, and no pair scores more than the sum of its prices. The reduced costs that follow from the prices
 * end most searches after a few steps, however many candidates there are.
 */
export const bestMatching = <C extends Candidate<unknown, unknown>>(candidates: readonly C[]): C[] => {
  const matching = new Matching<C>();
  const leaving = new Map<unknown, C[]>();
  for (const candidate of candidates) {
    const others = leaving.get(candidate.from);
    if (others) others.push(candidate);
    else leaving.set(candidate.from, [candidate]);
  }
  for (const [from, edges] of leaving) matching.add(from, edges);
  return matching.joined;
};

/** How a `to` was reached: the reduced cost of the path, and the last pair of the path. */
interface Reached<C> {
  cost: number;
  edge: C;
}

class Matching<C extends Candidate<unknown, unknown>> {
  readonly #leaving = new Map<unknown, readonly C[]>();
  readonly #joinedTo = new Map<unknown, C>();
  readonly #joinedFrom = new Map<unknown, C>();
  /** The prices; 0 where there is none. */
  readonly #fromPrices = new Map<unknown, number>();
  readonly #toPrices = new Map<unknown, number>();

  get joined(): C[] {
    return [...this.#joinedFrom.values()];
  }

  /** Adds another `from`, and changes earlier pairs if that increases the sum. */
  add(from: unknown, edges: readonly C[]): void {
    this.#leaving.set(from, edges);
    const most = edges.reduce((best, { to, score }) => Math.max(best, score - this.#toPrice(to)), 0);
    this.#fromPrices.set(from, most);

    const reached = new Map<unknown, Reached<C>>();
    const costs = new Map<unknown, number>([[from, 0]]);
    const queue = [from];
    // The cost of leaving this one unmatched, or another in its place, and where the cheapest path ends.
    let least = this.#fromPrice(from);
    let end: unknown;
    for (const next of queue) {
      // Reduced costs are non-negative; no cheaper path exists.
      if (least <= EPSILON) break;
      const cost = costs.get(next) ?? 0;
      for (const edge of this.#leaving.get(next) ?? []) {
        const through = cost + this.#slack(edge);
        const before = reached.get(edge.to)?.cost ?? Number.POSITIVE_INFINITY;
        if (through >= Math.min(least, before) - EPSILON) continue;
        reached.set(edge.to, { cost: through, edge });
        const owner = this.#joinedTo.get(edge.to)?.from;
        const total = owner === undefined ? through : through + this.#fromPrice(owner);
        if (total < least - EPSILON) [least, end] = [total, edge.to];
        if (owner === undefined) continue;
        costs.set(owner, through);
        queue.push(owner);
      }
    }
    this.#reprice(costs, reached, least);
    if (end !== undefined) this.#join(end, reached);
  }

  #fromPrice(from: unknown): number {
    return this.#fromPrices.get(from) ?? 0;
  }

  #toPrice(to: unknown): number {
    return this.#toPrices.get(to) ?? 0;
  }

  /** Computes the reduced cost of a pair: the sum of its prices less its score. */
  #slack({ from, to, score }: C): number {
    return Math.max(0, this.#fromPrice(from) + this.#toPrice(to) - score);
  }

  /** Adjusts the price of everything that was reached at less than the cost of the cheapest path. */
  #reprice(
    costs: ReadonlyMap<unknown, number>,
    reached: ReadonlyMap<unknown, Reached<C>>,
    least: number,
  ): void {
    for (const [from, cost] of costs)
      if (cost < least) this.#fromPrices.set(from, Math.max(0, this.#fromPrice(from) - (least - cost)));
    for (const [to, { cost }] of reached)
      if (cost < least) this.#toPrices.set(to, this.#toPrice(to) + (least - cost));
  }

  /** Matches the pairs along a path; each releases the `to` that the pair before it takes. */
  #join(end: unknown, reached: ReadonlyMap<unknown, Reached<C>>): void {
    const dropped = this.#joinedTo.get(end);
    if (dropped) this.#joinedFrom.delete(dropped.from);
    for (let edge = reached.get(end)?.edge; edge; ) {
      const left = this.#joinedFrom.get(edge.from);
      this.#joinedTo.set(edge.to, edge);
      this.#joinedFrom.set(edge.from, edge);
      edge = left && reached.get(left.to)?.edge;
    }
  }
}
