import { Document } from "@langchain/core/documents";
import { BaseRetriever, type BaseRetrieverInput } from "@langchain/core/retrievers";
import { parseOptions } from "../internal/options.js";
import { type FoundHit, type SearchTarget, searchWith } from "./search.js";
import { type ParsedSearchSettings, type SearchSettings, searchSettingsSchema } from "./search-options.js";

/** Options of {@link SegmentRetriever}. */
export interface SegmentRetrieverOptions extends SearchTarget, SearchSettings {}

/** Metadata of a retrieved Document: that of its point, and how it was found. */
export type RetrievedMetadata = FoundHit["metadata"] & {
  /** Higher is better; comparable only within one search. */
  score: number;
};

/**
 * Retrieves Documents from an ingested collection, best first. Each has the page, box, type and confidence of the text
 * it was read from, and a `score`.
 *
 * With `expand`, each hit is joined with the text around it, up to a limit of tokens: its neighbours, its section, its
 * whole table, its caption or picture. An expanded Document has the boxes and segments of everything it contains, and
 * `expanded_from`. Hits that overlap after expansion become one Document, and further hits take the places that become free.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor. From `invoke` what `searchSegments` throws, and
 *   `UNSUPPORTED_SEARCH` when hits are to be expanded and the store cannot read points by a filter
 *
 * @example
 * ```ts
 * const retriever = new SegmentRetriever({ sink, embeddings, k: 4, filter: { segmentTypes: ["Table"] } });
 * const documents = await retriever.invoke("net debt multiple of EBITDA");
 *
 * const wholeTables = new SegmentRetriever({ sink, embeddings, expand: { to: "table", maxTokens: 4000 } });
 * ```
 */
export class SegmentRetriever extends BaseRetriever<RetrievedMetadata> {
  override lc_namespace = ["unsiloed_ingest", "retrieval"];
  readonly #target: SearchTarget;
  readonly #settings: ParsedSearchSettings;

  static override lc_name(): string {
    return "SegmentRetriever";
  }

  constructor({
    sink,
    embeddings,
    k,
    mode,
    filter,
    fusion,
    rerank,
    expand,
    ...runnable
  }: SegmentRetrieverOptions & BaseRetrieverInput) {
    super(runnable);
    this.#target = { sink, embeddings };
    const settings: SearchSettings = { k, mode, filter, fusion, rerank, expand };
    this.#settings = parseOptions(searchSettingsSchema, settings, "SegmentRetriever");
  }

  override async _getRelevantDocuments(question: string): Promise<Document<RetrievedMetadata>[]> {
    const hits = await searchWith(this.#target, question, this.#settings, {});
    return hits.map(
      ({ id, score, content, metadata }) =>
        new Document({ id, pageContent: content, metadata: { ...metadata, score } }),
    );
  }
}
