import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { UnsiloedError } from "../errors.js";
import { throwIfAborted } from "../internal/async/clock.js";
import type { SearchFilter } from "../stores/filter.js";
import type { SearchHit, SearchMode, VectorSink } from "../stores/sink.js";

export interface SegmentSearchOptions {
  /** How many hits at most. @default 5 */
  k?: number | undefined;
  /** @default "hybrid" where the store can, else "dense" */
  mode?: SearchMode | undefined;
  filter?: SearchFilter | undefined;
  signal?: AbortSignal | undefined;
}

/** A store and the model its vectors were made with. */
export interface SearchTarget {
  sink: VectorSink;
  /** Not needed for mode `text`. */
  embeddings?: EmbeddingsInterface | undefined;
}

/**
 * Finds the splits that answer a question best.
 *
 * @throws UnsiloedError `COLLECTION_NOT_FOUND`, `UNSUPPORTED_SEARCH`, `STORE_MISMATCH` when the question's vector
 *   has another length than those stored, or what the store and the embeddings throw
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
      `${sink.description} cannot search in mode "${mode}"; it can in: ${modes.join(", ")}`,
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
