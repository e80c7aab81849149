import type { VectorStore } from "@langchain/core/vectorstores";
import { z } from "zod";
import { functionSchema } from "../../internal/schemas.js";
import type { SearchFilter } from "../filter.js";
import type { CollectionSpec } from "../sink.js";

/** Options of `LangChainSink`. */
export interface LangChainSinkOptions {
  /** What the store was filled with. Needed to search without ingesting first. */
  spec?: CollectionSpec | undefined;
  /**
   * Whether `addVectors` with an existing id replaces the point. For stores that always add, points are deleted before
   * they are written; a run that is killed in between leaves them out until the next one. @default true
   */
  replacesById?: boolean | undefined;
  /** Meaning of the store's scores: higher is nearer, or the cosine distance. @default "similarity" */
  scores?: "similarity" | "distance" | undefined;
  /**
   * Translates a filter into that of the store, those in `all` included. Without it, searches with a filter are refused.
   */
  toFilter?: ((filter: SearchFilter) => VectorStore["FilterType"]) | undefined;
  /** The most points in one `addVectors` or `delete`. @default 256 */
  batchCount?: number | undefined;
}

export const langChainOptionsSchema = z.strictObject({
  spec: z.strictObject({ dimensions: z.number().int().min(1), model: z.string() }).optional(),
  replacesById: z.boolean().default(true),
  scores: z.enum(["similarity", "distance"]).default("similarity"),
  toFilter: functionSchema<(filter: SearchFilter) => VectorStore["FilterType"]>().optional(),
  batchCount: z.number().int().min(1).default(256),
});

export type LangChainSettings = z.output<typeof langChainOptionsSchema>;
