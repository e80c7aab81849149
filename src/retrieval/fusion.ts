import { z } from "zod";
import type { SearchHit } from "../stores/sink.js";

/** How hybrid search weighs its two parts. */
export interface FusionOptions {
  /**
   * Share of the vector in the score of a hit, 0 to 1; the words have the rest. A stronger embedding model deserves more.
   * @default 0.4
   */
  denseShare?: number | undefined;
}

export const fusionSchema = z
  .strictObject({ denseShare: z.number().min(0).max(1).default(0.4) })
  .prefault({});

export type FusionSettings = z.output<typeof fusionSchema>;

/** Returns the scores of hits by id, scaled so that the best has 1 and a score of `zero` has 0. */
const scaled = (hits: readonly SearchHit[], zero: number): Map<string, number> => {
  const best = Math.max(...hits.map(({ score }) => score));
  const span = best - zero;
  return new Map(hits.map(({ id, score }) => [id, span > 0 ? (score - zero) / span : 1]));
};

/** Compares hits by score, then by id, so that the order is the same in every search. */
export const byScore = (a: SearchHit, b: SearchHit): number => b.score - a.score || (a.id < b.id ? -1 : 1);

/**
 * Merges the hits of a search by vector and one by words, best first, each with a score from 0 to 1.
 *
 * Scores are fused rather than ranks, because the distance between two hits says how sure a search is. Cosines are
 * scaled from the least to the best one of the list: where they begin depends on the model. BM25 begins at 0. A hit that
 * is not in a list has 0 for it.
 */
export const fuse = (
  dense: readonly SearchHit[],
  text: readonly SearchHit[],
  { denseShare }: FusionSettings,
): SearchHit[] => {
  const byVector = scaled(dense, Math.min(...dense.map(({ score }) => score)));
  const byWords = scaled(text, 0);
  const hits = new Map([...dense, ...text].map((hit) => [hit.id, hit]));
  return [...hits.values()]
    .map((hit) => ({
      ...hit,
      score: denseShare * (byVector.get(hit.id) ?? 0) + (1 - denseShare) * (byWords.get(hit.id) ?? 0),
    }))
    .sort(byScore);
};
