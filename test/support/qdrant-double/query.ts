import { inverseDocumentFrequency, type SparseVector } from "./bm25.js";
import type { Collection, StoredPoint } from "./collection.js";
import { matches } from "./filter.js";
import { formatError, noCollection, Refusal, wrongInput } from "./refusal.js";
import type { Filter, Prefetch, Query, QueryInput, VectorInput } from "./request-schemas.js";
import { denseScore, resolveVector } from "./vectors.js";

interface Scored {
  point: StoredPoint;
  score: number;
}

const best = (scored: Scored[]): Scored[] => scored.sort((a, b) => b.score - a.score);

const sparseSearch = (
  collection: Collection,
  name: string,
  question: SparseVector,
  idf: boolean,
  candidates: readonly StoredPoint[],
): Scored[] => {
  const total = collection.points.size;
  const weights = new Map(
    question.indices.map((index, at) => {
      const holders = [...collection.points.values()].filter((point) =>
        point.sparse.get(name)?.indices.includes(index),
      ).length;
      const factor = idf ? inverseDocumentFrequency(holders, total) : 1;
      return [index, (question.values[at] ?? 0) * factor] as const;
    }),
  );
  return candidates.flatMap((point) => {
    const vector = point.sparse.get(name);
    const shared = vector?.indices.flatMap((index, at) => {
      const weight = weights.get(index);
      return weight === undefined ? [] : [weight * (vector.values[at] ?? 0)];
    });
    if (!shared || shared.length === 0) return [];
    return [{ point, score: shared.reduce((sum, part) => sum + part, 0) }];
  });
};

const nearest = (
  collection: Collection,
  input: VectorInput | string | number,
  name: string,
  candidates: readonly StoredPoint[],
): Scored[] => {
  if (typeof input === "string" || typeof input === "number") {
    throw wrongInput("the double does not search by point id");
  }
  const vector = resolveVector(name, input, collection, "question");
  if ("sparse" in vector) {
    return best(sparseSearch(collection, name, vector.sparse, vector.params.modifier === "idf", candidates));
  }
  return best(
    candidates.flatMap((point) => {
      const stored = point.dense.get(name);
      return stored ? [{ point, score: denseScore(vector.dense, stored, vector.params) }] : [];
    }),
  );
};

/** Scores a rank like the server: 1 / ((position + 1) / weight + k − 1); with weight 1 that is 1 / (position + k). */
const rrf = (
  lists: readonly Scored[][],
  k: number,
  weights: readonly number[] | null | undefined,
): Scored[] => {
  if (weights && weights.length !== lists.length) {
    throw new Refusal(
      422,
      `Validation error: Number of weights in RRF should match number of pre-fetches: got ${weights.length}, expected ${lists.length}`,
    );
  }
  return fuse(lists, (_scored, position, list) => {
    const weight = weights?.[list] ?? 1;
    return weight <= 0 ? 0 : 1 / ((position + 1) / weight + k - 1);
  });
};

/** Adds scores after scaling three standard deviations around the mean to 0…1. */
const dbsf = (lists: readonly Scored[][]): Scored[] => {
  const bounds = lists.map((list) => {
    const scores = list.map(({ score }) => score);
    const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
    const variance =
      scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / Math.max(1, scores.length - 1);
    return { low: mean - 3 * Math.sqrt(variance), span: 6 * Math.sqrt(variance) };
  });
  return fuse(lists, ({ score }, _position, list) => {
    const { low = 0, span = 0 } = bounds[list] ?? {};
    return span === 0 ? 0.5 : (score - low) / span;
  });
};

const fuse = (
  lists: readonly Scored[][],
  scoreOf: (scored: Scored, position: number, list: number) => number,
): Scored[] => {
  const sums = new Map<StoredPoint, number>();
  for (const [list, ranked] of lists.entries()) {
    for (const [position, scored] of ranked.entries()) {
      sums.set(scored.point, (sums.get(scored.point) ?? 0) + scoreOf(scored, position, list));
    }
  }
  return best([...sums].map(([point, score]) => ({ point, score })));
};

/** Maximal marginal relevance: diversity 0 is pure relevance. */
const mmr = (collection: Collection, ranked: Scored[], name: string, diversity: number): Scored[] => {
  const params = collection.dense.get(name);
  if (!params) throw wrongInput("MMR needs a dense vector");
  const chosen: Scored[] = [];
  const left = [...ranked];
  const vectorOf = ({ point }: Scored) => point.dense.get(name) ?? [];
  const value = (candidate: Scored) => {
    const closest = Math.max(
      0,
      ...chosen.map((one) => denseScore(vectorOf(one), vectorOf(candidate), params)),
    );
    return (1 - diversity) * candidate.score - diversity * closest;
  };
  while (left.length > 0) {
    const next = left.reduce((a, b) => (value(b) > value(a) ? b : a));
    chosen.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return chosen;
};

const search = (
  collection: Collection,
  query: QueryInput,
  { using, filter }: { using?: string | null | undefined; filter?: Filter | null | undefined },
  lists: readonly Scored[][] | undefined,
): Scored[] => {
  if (typeof query === "object" && ("rrf" in query || "fusion" in query)) {
    if (!lists) throw new Refusal(400, "Bad request: Fusion query without prefetch is not allowed");
    const fused =
      "rrf" in query
        ? rrf(lists, query.rrf.k ?? 2, query.rrf.weights)
        : query.fusion === "rrf"
          ? rrf(lists, 2, undefined)
          : dbsf(lists);
    return fused.filter(({ point }) => matches(filter, point));
  }
  const name = using ?? "";
  const candidates = (
    lists ? lists.flat().map(({ point }) => point) : [...collection.points.values()]
  ).filter((point) => matches(filter, point));
  const distinct = [...new Set(candidates)];
  if (typeof query === "object" && "nearest" in query) {
    const ranked = nearest(collection, query.nearest, name, distinct);
    if (!query.mmr) return ranked;
    const pool = ranked.slice(0, query.mmr.candidates_limit ?? 10);
    return mmr(collection, pool, name, query.mmr.diversity ?? 0.5);
  }
  return nearest(collection, query, name, distinct);
};

const DEFAULT_LIMIT = 10;

const runPrefetch = (collection: Collection, prefetch: Prefetch): Scored[] => {
  if (prefetch.query == null) throw formatError("the double needs a query in a prefetch");
  return search(collection, prefetch.query, prefetch, undefined)
    .filter(({ score }) => prefetch.score_threshold == null || score >= prefetch.score_threshold)
    .slice(0, prefetch.limit ?? DEFAULT_LIMIT);
};

/** `POST /collections/{name}/points/query`. */
export const runQuery = (collection: Collection | undefined, name: string, request: Query): Scored[] => {
  if (!collection) throw noCollection(name);
  const prefetches = request.prefetch == null ? undefined : [request.prefetch].flat();
  const lists = prefetches?.map((prefetch) => runPrefetch(collection, prefetch));
  const scored =
    request.query == null
      ? collection.select(request.filter).map((point) => ({ point, score: 0 }))
      : search(collection, request.query, request, lists);
  const start = request.offset ?? 0;
  return scored
    .filter(({ score }) => request.score_threshold == null || score >= request.score_threshold)
    .slice(start, start + (request.limit ?? DEFAULT_LIMIT));
};
