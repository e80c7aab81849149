import { Document } from "@langchain/core/documents";
import { BaseRetriever, type BaseRetrieverInput } from "@langchain/core/retrievers";
import { v5 as uuidv5 } from "uuid";
import { z } from "zod";
import { parseOptions } from "../internal/options.js";
import { bothFilters, type SearchFilter, searchFilterSchema } from "../stores/filter.js";
import { checkEmbeddings, type FoundHit, searchWith } from "./search.js";
import {
  type ParsedSearchSettings,
  type SearchSettings,
  type SearchTarget,
  searchSettingsSchema,
  searchTargetSchema,
} from "./search-options.js";
import { shortSource } from "./short-source.js";

/** Options of {@link SegmentRetriever}. */
export interface SegmentRetrieverOptions extends SearchTarget, SearchSettings {}

/**
 * Metadata of a retrieved Document: that of its point, with `source` shortened to what readers and models may see. It is
 * the same for the same text after every question, so that LangChain's retrievers recognise duplicates.
 */
export type RetrievedMetadata = Omit<FoundHit["metadata"], "expanded_from">;

export type RetrievedDocument = Document<RetrievedMetadata>;

/** Options of `retrieveWithScores`. */
export interface RetrieveOptions {
  /** Conditions that hold beside the filter of the retriever. @default none */
  filter?: SearchFilter | undefined;
  /** Stops the search, which then rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

const anything = <K extends keyof BaseRetrieverInput>() => z.custom<BaseRetrieverInput[K]>().optional();

export const retrieverSchema = z.strictObject({
  ...searchSettingsSchema.shape,
  ...searchTargetSchema.shape,
  callbacks: anything<"callbacks">(),
  tags: anything<"tags">(),
  metadata: anything<"metadata">(),
  verbose: anything<"verbose">(),
});

const furtherFilterSchema = z.strictObject({ filter: searchFilterSchema.optional() });

/** Namespace of the ids of expanded Documents. */
const EXPANDED_NAMESPACE = "b0e4ad5b-2f3c-5a0c-8f3e-6f8a2c1d9e47";

/**
 * Retrieves Documents from an ingested collection, best first. Each has the page, box, type and confidence of the text
 * it was read from, and the `id` of its point. `retrieveWithScores` returns the scores as well; they are not in the
 * metadata, where they would make two Documents of one text for retrievers that ask several questions, such as
 * `MultiQueryRetriever`.
 *
 * With `expand`, each hit is joined with the text around it, up to a limit of tokens: its neighbours, its section, its
 * whole table, its caption or picture. An expanded Document has the boxes and segments of everything it contains, and an
 * `id` made of its text. Hits that overlap after expansion become one Document, and further hits take the places that become free.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor. From `invoke` what `searchSegments` throws, and
 *   `UNSUPPORTED_SEARCH` when hits are to be expanded and the store cannot read points by a filter
 *
 * @example
 * ```ts
 * const retriever = new SegmentRetriever({ sink, embeddings, k: 4, filter: { segmentTypes: ["Table"] } });
 * const documents = await retriever.invoke("net debt multiple of EBITDA");
 * for (const [document, score] of await retriever.retrieveWithScores("dividend")) console.log(score, document.id);
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

  constructor(options: SegmentRetrieverOptions & BaseRetrieverInput) {
    const { sink, embeddings, callbacks, tags, metadata, verbose, ...settings } = parseOptions(
      retrieverSchema,
      options,
      "SegmentRetriever",
    );
    checkEmbeddings(embeddings, settings.mode, "SegmentRetriever");
    super({
      ...(callbacks !== undefined && { callbacks }),
      ...(tags !== undefined && { tags }),
      ...(metadata !== undefined && { metadata }),
      ...(verbose !== undefined && { verbose }),
    });
    this.#target = { sink, embeddings };
    this.#settings = settings;
  }

  /** The store that is searched. */
  get sink(): SearchTarget["sink"] {
    return this.#target.sink;
  }

  /** The filter that every search has. */
  get filter(): SearchFilter | undefined {
    return this.#settings.filter;
  }

  override async _getRelevantDocuments(question: string): Promise<RetrievedDocument[]> {
    return (await this.#retrieve(question)).map(([document]) => document);
  }

  /**
   * Retrieves Documents like `invoke`, each with its score: higher is better, comparable only within one search.
   *
   * @throws UnsiloedError as `invoke`, and `ABORTED`
   */
  async retrieveWithScores(
    question: string,
    { signal, ...further }: RetrieveOptions = {},
  ): Promise<[RetrievedDocument, number][]> {
    const { filter } = parseOptions(furtherFilterSchema, further, "retrieveWithScores");
    return this.#retrieve(question, filter, signal);
  }

  async #retrieve(
    question: string,
    further?: SearchFilter,
    signal?: AbortSignal,
  ): Promise<[RetrievedDocument, number][]> {
    const settings = { ...this.#settings, filter: bothFilters(this.#settings.filter, further) };
    const hits = await searchWith(this.#target, question, settings, { signal });
    return hits.map((hit) => [toDocument(hit), hit.score]);
  }
}

const toDocument = ({ id, content, metadata }: FoundHit): RetrievedDocument => {
  const { expanded_from, ...own } = metadata;
  const { doc_id, segment_indices, part_index } = own;
  const text = JSON.stringify([doc_id, segment_indices, part_index, content]);
  return new Document({
    id: expanded_from ? uuidv5(text, EXPANDED_NAMESPACE) : id,
    pageContent: content,
    metadata: { ...own, source: shortSource(own) },
  });
};
