import type { VectorStore } from "@langchain/core/vectorstores";
import { z } from "zod";
import type { SearchFilter } from "../filter.js";

export const langChainOptionsSchema = z.strictObject({
  /** What the store was filled with; needed to search without ingesting first. */
  spec: z.strictObject({ dimensions: z.number().int().min(1), model: z.string() }).optional(),
  /**
   * Whether `addVectors` with an id that is there replaces the point. Where it only ever adds, points are deleted
   * before they are written, and a run that is killed in between leaves them out until the next. @default true
   */
  replacesById: z.boolean().default(true),
  /** What the store's scores are: higher is nearer, or the cosine distance, lower is nearer. @default "similarity" */
  scores: z.enum(["similarity", "distance"]).default("similarity"),
  /** Puts a filter in the store's own words; without it, searches with a filter are refused. */
  toFilter: z
    .custom<(filter: SearchFilter) => VectorStore["FilterType"]>(
      (value) => typeof value === "function",
      "expected a function",
    )
    .optional(),
  /** The most points in one `addVectors` or `delete`. @default 256 */
  batchCount: z.number().int().min(1).default(256),
});

export type LangChainSinkOptions = z.input<typeof langChainOptionsSchema>;
