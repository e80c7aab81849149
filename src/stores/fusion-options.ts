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
