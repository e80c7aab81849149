import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { UnsiloedError } from "../errors.js";
import { throwIfAborted } from "../internal/async/clock.js";
import type { SearchFilter } from "../stores/filter.js";
import type { SearchHit, SearchMode, VectorSink } from "../stores/sink.js";

/** Options of {@link searchSegments}. */
export interface SegmentSearchOptions {
  /** How many hits are returned at most. @default 5 */
  k?: number | undefined;
  /** Search by vector (`dense`), by words (`text`) or by both (`hybrid`). @default "hybrid" where the store supports it, else "dense" */
  mode?: SearchMode | undefined;
  /** Which points are searched. @default all */
  filter?: SearchFilter | undefined;
  /** Stops the search, which then rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** A store and the model its vectors were made with. */
export interface SearchTarget {
  /** The store to search. */
  sink: VectorSink;
  /** The model the collection was filled with. Mode `text` needs none. */
  embeddings?: EmbeddingsInterface | undefined;
}

/**
 * Finds the stored splits that match a question best.
 *
 * @throws UnsiloedError `COLLECTION_NOT_FOUND`; `UNSUPPORTED_SEARCH`; `STORE_MISMATCH` when the vector of the question
 *   has another length than the stored ones; and what the store and the embeddings throw
 * @example
 * ```ts
 * const hits = await searchSegments({ sink, embeddings }, "dividend per share", { k: 3, mode: "hybrid" });
 * ```
 */
export const searchSegments = async (
  { sink, embeddings }: SearchTarget,
  question: string,
  options: SegmentSearchOptions = {},
): Promise<SearchHit[]> => {
  const { k = 5, filter, signal } = options;
  throwIfAborted(signal);
  const { spec, modes } = await sink.open({ signal });
  const mode = options.mode ?? (modes.includes("hybrid") ? "hybrid" : "dense");
  if (!modes.includes(mode)) {
    throw new UnsiloedError(
      "UNSUPPORTED_SEARCH",
      `${sink.description} cannot search in mode "${mode}"; it supports: ${modes.join(", ")}`,
    );
  }
  const common = { mode, k, ...(filter && { filter }) };
  if (mode === "text") return sink.search({ ...common, text: question }, { signal });
  if (!embeddings) {
    throw new UnsiloedError(
      "INVALID_OPTION",
      `embeddings: expected the model "${spec.model}" for mode "${mode}", got none`,
    );
  }
  const vector = await embeddings.embedQuery(question);
  if (vector.length !== spec.dimensions) {
    throw new UnsiloedError(
      "STORE_MISMATCH",
      `the question's vector has ${vector.length} dimensions, but ${sink.description} holds ${spec.dimensions} of model "${spec.model}"; search with that model`,
    );
  }
  return sink.search({ ...common, text: question, vector }, { signal });
};
