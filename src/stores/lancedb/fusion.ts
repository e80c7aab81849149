import type { FusionWeights } from "../fusion-options.js";

export interface Fused {
  id: string;
  score: number;
}

/**
 * Merges two ranked lists by weighted reciprocal rank fusion, best first. The score is the sum of
 * `1 / (rank / weight + k - 1)` over the lists an id is in, ranks from 1. With weights of 1 this is Cormack's formula; a
 * weight below 1 stretches the ranks of its list. Equal scores are ordered by id, so that the result is deterministic.
 */
export const fuse = (
  dense: readonly string[],
  text: readonly string[],
  { k, ...weights }: FusionWeights,
): Fused[] => {
  const scores = new Map<string, number>();
  const add = (ids: readonly string[], weight: number): void => {
    for (const [index, id] of ids.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + 1 / ((index + 1) / weight + k - 1));
    }
  };
  add(dense, weights.dense);
  add(text, weights.text);
  return [...scores]
    .map(([id, score]) => ({ id, score }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
};
