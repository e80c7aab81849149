import { z } from "zod";

/**
 * Weighted reciprocal rank fusion as Qdrant computes it, for every store: a hit's score is the sum of
 * `1 / (rank / weight + k - 1)` over the lists it is in, ranks from 1.
 *
 * Words weigh more than the vector: a question mostly names what it is after, and equal weights push the best word hit
 * off the first place. With these defaults the vector decides between the first two or three that the words find. They
 * are among the best of a grid on three kinds of documents, measured with the bundled model, and hold on a fourth that
 * was left out of it (`npm run bench:retrieval -- --weights`); a stronger model may deserve a larger `dense`.
 */
export const fusionSchema = z
  .strictObject({
    /** Small values favour the first places. Qdrant takes it from version 1.16; before, it is 2. @default 2 */
    k: z.number().int().min(1).default(2),
    /** Weight of the vector search. Qdrant weighs from version 1.17; before, both are the same. @default 0.25 */
    dense: z.number().positive().default(0.25),
    /** Weight of the full-text search. @default 1 */
    text: z.number().positive().default(1),
  })
  .prefault({});
