import { Document } from "@langchain/core/documents";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { BaseRetriever, type BaseRetrieverInput } from "@langchain/core/retrievers";
import { z } from "zod";
import { parseOptions } from "../internal/options.js";
import { searchFilterSchema } from "../stores/filter.js";
import { SEARCH_MODES, type VectorSink } from "../stores/sink.js";
import { expandSchema } from "./expand-options.js";
import { growHits } from "./grow.js";
import type { RetrievedMetadata } from "./retrieved.js";
import { searchSegments } from "./search.js";

const retrieverSettingsSchema = z.strictObject({
  /** How many Documents at most. @default 5 */
  k: z.number().int().min(1).max(10_000).default(5),
  /** @default "hybrid" where the store can, else "dense" */
  mode: z.enum(SEARCH_MODES).optional(),
  filter: searchFilterSchema.optional(),
  /** What each hit is grown to. @default "none" */
  expand: expandSchema.prefault("none"),
});

export type SegmentRetrieverOptions = z.input<typeof retrieverSettingsSchema> & {
  sink: VectorSink;
  /** The model the collection was filled with; not needed for mode `text`. */
  embeddings?: EmbeddingsInterface;
};

/**
 * A LangChain retriever over an ingested collection. Documents come best first, each with the page, box, type and
 * confidence of the place it was read from, and `score`.
 *
 * With `expand`, each hit is grown by what stands around it, up to a limit of tokens: its neighbours, its section, its
 * whole table, its caption or picture. A grown Document has the boxes and segments of all it holds, and `grown_from`.
 * Hits that grow into one another become one Document, so there may be fewer than `k`.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor; what `searchSegments` throws from `invoke`, and
 *   `UNSUPPORTED_SEARCH` from a store that cannot read points by a filter, when hits are to grow
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
    const hits = expand.to.length > 0 ? await growHits(this.#target.sink, found, expand) : found;
    return hits.map(
      ({ id, score, content, metadata }) =>
        new Document({ id, pageContent: content, metadata: { ...metadata, score } }),
    );
  }
}
