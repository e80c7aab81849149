import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { z } from "zod";
import type { UnsiloedError } from "../errors.js";
import { functionSchema, objectSchema } from "../internal/schemas.js";
import { type SearchFilter, searchFilterSchema } from "../stores/filter.js";
import type { VectorSink } from "../stores/sink.js";
import { type ExpandOptions, expandSchema } from "./expand/expand-options.js";
import { type FusionOptions, fusionSchema } from "./fusion.js";
import { type RerankOption, rerankSchema } from "./rerank/rerank-options.js";
import { SEARCH_MODES, type SearchMode } from "./search-choices.js";

/** How questions are answered. */
export interface SearchSettings {
  /** How many hits are returned at most, 1 to 10,000. @default 5 */
  k?: number | undefined;
  /** Search by vector (`dense`), by words (`text`) or by both (`hybrid`). @default "hybrid" where the store supports it */
  mode?: SearchMode | undefined;
  /** Which points are searched. @default all */
  filter?: SearchFilter | undefined;
  /** How hybrid search weighs its two parts. */
  fusion?: FusionOptions | undefined;
  /**
   * What puts the hits in a better order: `"words"`, by how well one sentence or row of a table matches the words of the
   * question; a document compressor of LangChain; a function that scores texts, as a cross-encoder does; or `"none"`. It
   * is given the best 50 hits, or `k` if that is more. @default "words" in mode "hybrid", else "none"
   */
  rerank?: RerankOption | undefined;
  /** What each hit is expanded to. @default "none" */
  expand?: ExpandOptions | undefined;
  /**
   * Called when nothing is found because the filter names a document, section or type that the store does not have, with
   * the nearest name that it has. @default a warning of the process (`process.emitWarning`)
   */
  onProblem?: ((problem: UnsiloedError) => void) | undefined;
}

/** A store and the model its vectors were made with. */
export interface SearchTarget {
  /** The store to search. */
  sink: VectorSink;
  /** The model the collection was filled with. Mode `text` needs none. */
  embeddings?: EmbeddingsInterface | undefined;
}

export const searchTargetSchema = z.object({
  sink: objectSchema<VectorSink>(["open", "search"], "a store, such as a QdrantSink or a LanceDbSink"),
  embeddings: objectSchema<EmbeddingsInterface>(["embedQuery"], "embeddings of LangChain").optional(),
});

export const searchSettingsSchema = z.strictObject({
  k: z.number().int().min(1).max(10_000).default(5),
  mode: z.enum(SEARCH_MODES).optional(),
  filter: searchFilterSchema.optional(),
  fusion: fusionSchema,
  rerank: rerankSchema.optional(),
  expand: expandSchema.prefault("none"),
  onProblem: functionSchema<(problem: UnsiloedError) => void>().optional(),
});

export type ParsedSearchSettings = z.output<typeof searchSettingsSchema>;
