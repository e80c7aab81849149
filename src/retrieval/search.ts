import { embedQuestion } from "../embeddings/model.js";
import { UnsiloedError } from "../errors.js";
import { throwIfAborted } from "../internal/async/clock.js";
import { parseOptions } from "../internal/options.js";
import type {
  OpenedCollection,
  PointMetadata,
  SearchHit,
  SearchQuery,
  SinkCallOptions,
  VectorSink,
} from "../stores/sink.js";
import { expandHits } from "./expand/expand.js";
import { findUnknownNames } from "./filter-names.js";
import { fuse } from "./fusion.js";
import { withWrittenOut } from "./question-words.js";
import { rerank } from "./rerank/rerank.js";
import type { SearchMode } from "./search-choices.js";
import {
  type ParsedSearchSettings,
  type SearchSettings,
  type SearchTarget,
  searchSettingsSchema,
  searchTargetSchema,
} from "./search-options.js";
import { warnOfProblem } from "./warnings.js";

/** Options of {@link searchSegments}. */
export interface SegmentSearchOptions extends SearchSettings {
  /** Stops the search, which then rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** A hit as it is found, or expanded by the text around it. */
export interface FoundHit extends SearchHit {
  metadata: PointMetadata & {
    /** Ids of the hits it was expanded from, best first; only with `expand`. */
    expanded_from?: string[];
  };
}

/** Hits that are found before the best `k` of them are chosen: enough for fusion, reranking and merging. */
const CANDIDATES = 50;

/**
 * Finds the stored splits that match a question best.
 *
 * Hybrid search asks the store for the best hits by vector and by words at the same time, fuses their scores, and puts
 * the best into a better order. With a question without words it has the order of the vectors.
 *
 * @throws UnsiloedError `INVALID_OPTION`, also for a blank question; `COLLECTION_NOT_FOUND`; `UNSUPPORTED_SEARCH`; `STORE_MISMATCH` when the vector
 *   of the question has another length than the stored ones; and what the store and the embeddings throw
 * @example
 * ```ts
 * const hits = await searchSegments({ sink, embeddings }, "dividend per share", { k: 3, mode: "hybrid" });
 * ```
 */
export const searchSegments = async (
  target: SearchTarget,
  question: string,
  { signal, ...settings }: SegmentSearchOptions = {},
): Promise<FoundHit[]> => {
  const searched = parseOptions(searchTargetSchema, target, "searchSegments");
  const parsed = parseOptions(searchSettingsSchema, settings, "searchSegments");
  checkEmbeddings(searched.embeddings, parsed.mode, "searchSegments");
  return searchWith(searched, question, parsed, { signal });
};

/** Refuses a mode that needs vectors where there is no model to make one. @throws UnsiloedError `INVALID_OPTION` */
export const checkEmbeddings = (
  embeddings: SearchTarget["embeddings"],
  mode: SearchMode | undefined,
  where: string,
): void => {
  if (embeddings || mode === undefined || mode === "text") return;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `${where}: embeddings: expected the model that the collection was filled with for mode "${mode}", got nothing; mode "text" needs none`,
  );
};

/** A search, with the lists that its hits come from. */
export interface ExplainedSearch {
  /** The mode that was searched in. */
  mode: SearchMode;
  /** The hits by vector, best first, with cosines as scores; none in mode `text`. */
  dense: readonly SearchHit[];
  /** The hits by words, best first, with the scores of the store; none in mode `dense`. */
  text: readonly SearchHit[];
  /** Both lists as one, before they were put in a better order. */
  fused: readonly SearchHit[];
  /** What the search returns. */
  hits: FoundHit[];
}

/** Searches like {@link searchSegments}, with settings that were checked before. */
export const searchWith = async (
  target: SearchTarget,
  question: string,
  settings: ParsedSearchSettings,
  options: SinkCallOptions,
): Promise<FoundHit[]> => (await explainSearch(target, question, settings, options)).hits;

/** Searches like {@link searchWith}, and tells which list found what. */
export const explainSearch = async (
  target: SearchTarget,
  question: string,
  settings: ParsedSearchSettings,
  options: SinkCallOptions,
): Promise<ExplainedSearch> => {
  const { k, expand, filter, onProblem = warnOfProblem } = settings;
  checkQuestion(question);
  const { ranked, ...lists } = await findCandidates(target, question, settings, options);
  if (ranked.length === 0 && filter)
    for (const problem of await findUnknownNames(target.sink, filter, options)) onProblem(problem);
  const hits =
    expand.to.length > 0 ? await expandHits(target.sink, ranked, k, expand, options) : ranked.slice(0, k);
  return { ...lists, hits };
};

/**
 * Refuses a question without any text, which each mode would answer in its own way.
 *
 * @throws UnsiloedError `INVALID_OPTION`
 */
export const checkQuestion = (question: unknown): void => {
  if (typeof question === "string" && question.trim() !== "") return;
  throw new UnsiloedError("INVALID_OPTION", `question: expected a question, got ${JSON.stringify(question)}`);
};

/** Finds at least `k` hits, if the store has so many, best first. */
const findCandidates = async (
  { sink, embeddings }: SearchTarget,
  question: string,
  settings: ParsedSearchSettings,
  options: SinkCallOptions,
): Promise<Omit<ExplainedSearch, "hits"> & { ranked: SearchHit[] }> => {
  const { signal } = options;
  throwIfAborted(signal);
  const opened = await sink.open({ signal });
  const mode = chooseMode(settings.mode, opened, sink);
  const { k, filter, fusion, expand } = settings;
  const reranker = settings.rerank ?? (mode === "hybrid" ? "words" : "none");
  const needsMore = mode === "hybrid" || reranker !== "none" || expand.to.length > 0;
  const limit = needsMore ? Math.max(k, CANDIDATES) : k;
  const common = { k: limit, ...(filter && { filter }) };
  const search = (query: SearchQuery): Promise<SearchHit[]> => sink.search(query, { signal });
  const byWords = () => search({ ...common, mode: "text", text: withWrittenOut(question) });
  const byVector = async () => {
    if (!embeddings) {
      throw new UnsiloedError(
        "INVALID_OPTION",
        `embeddings: expected the model "${opened.spec.model}" for mode "${mode}", got none`,
      );
    }
    const vector = await embedQuestion(embeddings, question);
    checkLength(vector, opened, sink);
    // A vector of zeros is like no other, but some stores would still return points for it, in no order.
    if (vector.every((value) => value === 0)) return [];
    return search({ ...common, mode: "dense", vector });
  };
  const [dense, text] = await Promise.all([
    mode === "text" ? [] : byVector(),
    mode === "dense" ? [] : byWords(),
  ]);
  // One list alone keeps the scores of the store, unless the hits are ranked again.
  if (reranker === "none" && mode !== "hybrid") {
    const ranked = [...dense, ...text];
    return { mode, dense, text, fused: ranked, ranked };
  }
  const share = { text: 0, dense: 1, hybrid: fusion.denseShare }[mode];
  const fused = fuse(dense, text, { denseShare: share }).slice(0, limit);
  return { mode, dense, text, fused, ranked: await rerank(reranker, question, fused, options) };
};

/** Returns the mode that is asked for; else `hybrid` where the store supports both of its parts. */
const chooseMode = (
  wanted: SearchMode | undefined,
  { modes }: OpenedCollection,
  sink: VectorSink,
): SearchMode => {
  const hasBoth = modes.includes("dense") && modes.includes("text");
  const supported: readonly SearchMode[] = hasBoth ? [...modes, "hybrid"] : modes;
  const mode = wanted ?? (hasBoth ? "hybrid" : (modes[0] ?? "dense"));
  if (supported.includes(mode)) return mode;
  throw new UnsiloedError(
    "UNSUPPORTED_SEARCH",
    `${sink.description} cannot search in mode "${mode}"; it supports: ${supported.join(", ")}`,
  );
};

/** @throws UnsiloedError `STORE_MISMATCH` */
const checkLength = (vector: readonly number[], { spec }: OpenedCollection, sink: VectorSink): void => {
  if (vector.length === spec.dimensions) return;
  throw new UnsiloedError(
    "STORE_MISMATCH",
    `the question's vector has ${vector.length} dimensions, but ${sink.description} holds ${spec.dimensions} of model "${spec.model}"; search with that model`,
  );
};
