/** A pair that may be joined, and how much joining it is worth: more than 0. */
export interface Candidate<A, B> {
  from: A;
  to: B;
  score: number;
}

/** Sums of scores that differ by less are equal. */
const EPSILON = 1e-9;

/**
 * Joins pairs so that nothing is in two of them and their scores have the greatest sum that is possible. Where several
 * ways have that sum, it is the same one on every run; of two candidates that exclude only each other, the first.
 *
 * The Hungarian method, one `from` after the other: Kuhn, Naval Research Logistics Quarterly 2 (1955). Each has a price
 * that it may at most lose, each `to` one that it costs at least, and no pair is worth more than the prices of both. So
 * a search for a better way to join ends where nothing can gain any more, mostly next to where it began, however many
 * candidates there are.
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

/** How an end was reached: what joining it costs beyond the prices, and its pair on the way there. */
interface Reached<C> {
  cost: number;
  edge: C;
}

class Matching<C extends Candidate<unknown, unknown>> {
  readonly #leaving = new Map<unknown, readonly C[]>();
  readonly #joinedTo = new Map<unknown, C>();
  readonly #joinedFrom = new Map<unknown, C>();
  /** Of either kind; 0 for what has none. */
  readonly #fromPrices = new Map<unknown, number>();
  readonly #toPrices = new Map<unknown, number>();

  get joined(): C[] {
    return [...this.#joinedFrom.values()];
  }

  /** Takes in another `from`; what was joined stays joined, or is joined otherwise when that is worth more. */
  add(from: unknown, edges: readonly C[]): void {
    this.#leaving.set(from, edges);
    const most = edges.reduce((best, { to, score }) => Math.max(best, score - this.#toPrice(to)), 0);
    this.#fromPrices.set(from, most);

    const reached = new Map<unknown, Reached<C>>();
    const costs = new Map<unknown, number>([[from, 0]]);
    const queue = [from];
    // What it costs not to join this one, or another in its place, and where the cheapest way ends.
    let least = this.#fromPrice(from);
    let end: unknown;
    for (const next of queue) {
      // Nothing costs less than nothing.
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

  /** What a pair is worth less than the prices of both. */
  #slack({ from, to, score }: C): number {
    return Math.max(0, this.#fromPrice(from) + this.#toPrice(to) - score);
  }

  /** Everything that can be reached for less than the cheapest way pays the difference. */
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

  /** Joins the pairs on the way to an end, each of which leaves the `to` that the pair before it takes. */
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
