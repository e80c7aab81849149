import { Document } from "@langchain/core/documents";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { BaseRetriever, type BaseRetrieverInput } from "@langchain/core/retrievers";
import { z } from "zod";
import { parseOptions } from "../internal/options.js";
import { type SearchFilter, searchFilterSchema } from "../stores/filter.js";
import { type PointMetadata, SEARCH_MODES, type SearchMode, type VectorSink } from "../stores/sink.js";
import { expandHits } from "./expand.js";
import { type ExpandOptions, expandSchema } from "./expand-options.js";
import { searchSegments } from "./search.js";

/** Options of {@link SegmentRetriever}. */
export interface SegmentRetrieverOptions extends SegmentRetrieverSettings {
  /** The store to search. */
  sink: VectorSink;
  /** The model the collection was filled with. Mode `text` needs none. */
  embeddings?: EmbeddingsInterface;
}

/** What a {@link SegmentRetriever} does with each question. */
export interface SegmentRetrieverSettings {
  /** How many Documents are returned at most, 1 to 10,000. @default 5 */
  k?: number | undefined;
  /** Search by vector (`dense`), by words (`text`) or by both (`hybrid`). @default "hybrid" where the store supports it, else "dense" */
  mode?: SearchMode | undefined;
  /** Which points are searched. @default all */
  filter?: SearchFilter | undefined;
  /** What each hit is expanded to. @default "none" */
  expand?: ExpandOptions | undefined;
}

export const retrieverSettingsSchema = z.strictObject({
  k: z.number().int().min(1).max(10_000).default(5),
  mode: z.enum(SEARCH_MODES).optional(),
  filter: searchFilterSchema.optional(),
  expand: expandSchema.prefault("none"),
});

/** Metadata of a retrieved Document: that of its point, and how it was found. */
export type RetrievedMetadata = PointMetadata & {
  /** Higher is better; comparable only within one search. */
  score: number;
  /** Ids of the hits it was expanded from, best first; only with `expand`. */
  expanded_from?: string[];
};

/**
 * Retrieves Documents from an ingested collection, best first. Each has the page, box, type and confidence of the text
 * it was read from, and a `score`.
 *
 * With `expand`, each hit is joined with the text around it, up to a limit of tokens: its neighbours, its section, its
 * whole table, its caption or picture. An expanded Document has the boxes and segments of everything it contains, and
 * `expanded_from`. Hits that overlap after expansion become one Document, so there may be fewer than `k`.
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
  readonly #target: { sink: VectorSink; embeddings?: EmbeddingsInterface | undefined };
  readonly #settings: z.output<typeof retrieverSettingsSchema>;

  static override lc_name(): string {
    return "SegmentRetriever";
  }

  constructor({
    sink,
    embeddings,
    k,
    mode,
    filter,
    expand,
    ...runnable
  }: SegmentRetrieverOptions & BaseRetrieverInput) {
    super(runnable);
    this.#target = { sink, embeddings };
    this.#settings = parseOptions(retrieverSettingsSchema, { k, mode, filter, expand }, "SegmentRetriever");
  }

  override async _getRelevantDocuments(question: string): Promise<Document<RetrievedMetadata>[]> {
    const { expand, ...search } = this.#settings;
    const found = await searchSegments(this.#target, question, search);
    const hits = expand.to.length > 0 ? await expandHits(this.#target.sink, found, expand) : found;
    return hits.map(
      ({ id, score, content, metadata }) =>
        new Document({ id, pageContent: content, metadata: { ...metadata, score } }),
    );
  }
}
