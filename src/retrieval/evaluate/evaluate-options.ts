import { z } from "zod";
import { type SearchFilter, searchFilterSchema } from "../../stores/filter.js";
import { type FusionOptions, fusionSchema } from "../fusion.js";
import { type RerankOption, rerankSchema } from "../rerank/rerank-options.js";

/** How questions are put to a collection. */
export interface EvaluateSettings {
  /** Which points are searched. @default all */
  filter?: SearchFilter | undefined;
  /** How hybrid search weighs its two parts. */
  fusion?: FusionOptions | undefined;
  /** What reranks the hits of hybrid search. @default "words" */
  rerank?: RerankOption | undefined;
  /** Draws the intervals: the same seed gives the same ones. @default 1 */
  seed?: number | undefined;
}

/** Options of `evaluate`. */
export interface EvaluateOptions extends EvaluateSettings {
  /** Stops the evaluation, which then rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** Called after each question with how many have been asked. @default nothing is done */
  onAsked?: ((asked: number) => void) | undefined;
}

export const evaluateSchema = z.strictObject({
  filter: searchFilterSchema.optional(),
  fusion: fusionSchema,
  rerank: rerankSchema.default("words"),
  seed: z.number().int().min(0).default(1),
});

export type ParsedEvaluateSettings = z.output<typeof evaluateSchema>;
