import type { SearchHit, SinkCallOptions, StoreMode } from "../../stores/sink.js";
import { fuse } from "../fusion.js";
import { rerank } from "../rerank/rerank.js";
import { searchSegments } from "../search.js";
import type { SearchTarget } from "../search-options.js";
import type { ParsedEvaluateSettings } from "./evaluate-options.js";

/** How many hits are looked through for the evidence: as many as hybrid search fuses. */
export const DEPTH = 50;

/** The ways to search that are compared. `fused` is hybrid search without reranking. */
export const WAYS = ["dense", "text", "fused", "hybrid"] as const;

/** A way to search. */
export type Way = (typeof WAYS)[number];

/** What each way finds for one question, best first. */
export type WayHits = Partial<Record<Way, readonly SearchHit[]>>;

/** Returns the modes of the store that can be evaluated: by vector only with a model. */
export const modesFor = async (
  { sink, embeddings }: SearchTarget,
  options: SinkCallOptions,
): Promise<StoreMode[]> => {
  const { modes } = await sink.open(options);
  return modes.filter((mode) => mode === "text" || embeddings !== undefined);
};

/**
 * Searches in every way. The store is asked once for each of its modes, because hybrid search is made of these two
 * answers.
 */
export const findWays = async (
  target: SearchTarget,
  question: string,
  modes: readonly StoreMode[],
  { filter, fusion, rerank: reranker }: ParsedEvaluateSettings,
  options: SinkCallOptions,
): Promise<WayHits> => {
  // Names in the filter that the store does not have show in the report, not once for each question.
  const onProblem = (): void => {};
  const search = async (mode: StoreMode) =>
    modes.includes(mode)
      ? await searchSegments(target, question, {
          mode,
          k: DEPTH,
          filter,
          rerank: "none",
          onProblem,
          ...options,
        })
      : undefined;
  const [dense, text] = await Promise.all([search("dense"), search("text")]);
  if (!dense || !text) return { ...(dense && { dense }), ...(text && { text }) };
  const fused = fuse(dense, text, fusion).slice(0, DEPTH);
  return { dense, text, fused, hybrid: await rerank(reranker, question, fused, options) };
};
