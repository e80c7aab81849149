import { Document } from "@langchain/core/documents";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { BaseRetriever, type BaseRetrieverInput } from "@langchain/core/retrievers";
import { z } from "zod";
import { parseOptions } from "../internal/options.js";
import { searchFilterSchema } from "../stores/filter.js";
import { type PointMetadata, SEARCH_MODES, type VectorSink } from "../stores/sink.js";
import { searchSegments } from "./search.js";

const retrieverSettingsSchema = z.strictObject({
  /** How many Documents at most. @default 5 */
  k: z.number().int().min(1).max(10_000).default(5),
  /** @default "hybrid" where the store can, else "dense" */
  mode: z.enum(SEARCH_MODES).optional(),
  filter: searchFilterSchema.optional(),
});

export type SegmentRetrieverOptions = z.input<typeof retrieverSettingsSchema> & {
  sink: VectorSink;
  /** The model the collection was filled with; not needed for mode `text`. */
  embeddings?: EmbeddingsInterface;
};

/** Metadata of a retrieved Document: that of its point, and how well it matched. */
export type RetrievedMetadata = PointMetadata & { score: number };

/**
 * A LangChain retriever over an ingested collection. Documents come best first, each with the page, box, type and
 * confidence of the place it was read from, and `score`.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor; what `searchSegments` throws from `invoke`
 *
 * @example
 * ```ts
 * const retriever = new SegmentRetriever({ sink, embeddings, k: 4, filter: { segmentTypes: ["Table"] } });
 * const documents = await retriever.invoke("net debt multiple of EBITDA");
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
    ...runnable
  }: SegmentRetrieverOptions & BaseRetrieverInput) {
    super(runnable);
    this.#target = { sink, embeddings };
    this.#settings = parseOptions(retrieverSettingsSchema, { k, mode, filter }, "SegmentRetriever");
  }

  override async _getRelevantDocuments(question: string): Promise<Document<RetrievedMetadata>[]> {
    const hits = await searchSegments(this.#target, question, this.#settings);
    return hits.map(
      ({ id, score, content, metadata }) =>
        new Document({ id, pageContent: content, metadata: { ...metadata, score } }),
    );
  }
}
