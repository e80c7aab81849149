/** A pair that may be joined, and how much joining it is worth: more than 0. */
export interface Candidate<A, B> {
  from: A;
  to: B;
  score: number;
}

/** Sums of scores that differ by less are equal. */
const EPSILON = 1e-9;

/**
 * Joins pairs so that nothing is in two of them and their scores have the greatest sum that is possible. Of equal
 * choices the one whose candidates come first is taken.
 *
 * Successive best augmenting paths, after Ahuja, Magnanti and Orlin, Network Flows (1993), chapter 12. A path's gain
 * never grows from one round to the next, so the first that gains nothing is the last. Parts of the graph that share
 * nothing are taken one at a time, because a round costs the edges of its part times the length of a path.
 */
export const bestMatching = <C extends Candidate<unknown, unknown>>(candidates: readonly C[]): C[] =>
  connectedParts(candidates).flatMap((part) => matchPart(part));

const connectedParts = <C extends Candidate<unknown, unknown>>(candidates: readonly C[]): C[][] => {
  const partOf = new Map<unknown, Set<C>>();
  for (const candidate of candidates) {
    const part = partOf.get(candidate.from) ?? new Set<C>();
    const other = partOf.get(candidate.to);
    const joining = other && other !== part ? [...other, candidate] : [candidate];
    for (const each of joining) {
      part.add(each);
      partOf.set(each.from, part).set(each.to, part);
    }
  }
  const order = new Map(candidates.map((candidate, index) => [candidate, index]));
  const place = (candidate: C): number => order.get(candidate) ?? 0;
  return [...new Set(partOf.values())].map((part) => [...part].sort((a, b) => place(a) - place(b)));
};

const matchPart = <C extends Candidate<unknown, unknown>>(candidates: readonly C[]): C[] => {
  const leaving = new Map<unknown, C[]>();
  for (const candidate of candidates)
    leaving.set(candidate.from, [...(leaving.get(candidate.from) ?? []), candidate]);
  const joined = new Map<unknown, C>();
  for (;;) {
    const held = new Map([...joined.values()].map((edge) => [edge.from, edge]));
    /** For each end: the most that a path to it gains, and the path's last edge. */
    const best = new Map<unknown, { gain: number; edge: C }>();
    const queue: unknown[] = [];
    const reach = (from: unknown, gainSoFar: number) => {
      for (const edge of leaving.get(from) ?? []) {
        const gain = gainSoFar + edge.score;
        const before = best.get(edge.to)?.gain ?? Number.NEGATIVE_INFINITY;
        if (joined.get(edge.to) === edge || gain <= before + EPSILON) continue;
        best.set(edge.to, { gain, edge });
        queue.push(edge.to);
      }
    };
    for (const from of leaving.keys()) if (!held.has(from)) reach(from, 0);
    for (let to = queue.shift(); to !== undefined; to = queue.shift()) {
      const undone = joined.get(to);
      if (undone) reach(undone.from, (best.get(to)?.gain ?? 0) - undone.score);
    }
    let end: { gain: number; edge: C } | undefined;
    for (const [to, reached] of best)
      if (!joined.has(to) && reached.gain > (end?.gain ?? 0) + EPSILON) end = reached;
    if (!end) return [...joined.values()];
    let edge: C | undefined = end.edge;
    while (edge) {
      joined.set(edge.to, edge);
      // It leaves what it was joined to, which the edge before on the path takes.
      const left: C | undefined = held.get(edge.from);
      edge = left && best.get(left.to)?.edge;
    }
  }
};
