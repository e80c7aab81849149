import { z } from "zod";

/**
 * Weights of hybrid search, by weighted reciprocal rank fusion as Qdrant computes it, for every store: the score of a
 * hit is the sum of `1 / (rank / weight + k - 1)` over the lists it is in, ranks from 1.
 *
 * By default the words weigh more than the vector, because a question mostly names what it asks for, and equal weights
 * move the best word hit from the first rank. The vector then decides among the first two or three hits of the words.
 * The defaults are among the best of a grid on three kinds of documents, measured with the bundled model, and hold on a
 * fourth kind that was not in the grid (`npm run bench:retrieval -- --weights`). A stronger model may deserve a larger
 * `dense`.
 */
export interface FusionOptions {
  /** Small values favour the first ranks. Qdrant accepts it from version 1.16; before, it is 2. @default 2 */
  k?: number | undefined;
  /** Weight of the vector search. Qdrant accepts weights from version 1.17; before, both are equal. @default 0.25 */
  dense?: number | undefined;
  /** Weight of the full-text search. @default 1 */
  text?: number | undefined;
}

export const fusionSchema = z
  .strictObject({
    k: z.number().int().min(1).default(2),
    dense: z.number().positive().default(0.25),
    text: z.number().positive().default(1),
  })
  .prefault({});

export type FusionWeights = z.output<typeof fusionSchema>;

/** An id with its score after fusion. */
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
