import { throwIfAborted } from "../../internal/async/clock.js";
import { WeightedSemaphore } from "../../internal/async/weighted-semaphore.js";
import { parseOptions } from "../../internal/options.js";
import { checkPoint, checkQuery } from "../checks.js";
import { matchesNothing, type SearchFilter } from "../filter.js";
import {
  type CollectionSpec,
  LISTED_VALUES,
  type ListedField,
  type ListPointsOptions,
  type ListValuesOptions,
  type OpenedCollection,
  type Point,
  type PointContent,
  type SearchHit,
  type SearchQuery,
  type SinkCallOptions,
  type StoreDetails,
  type StoredPoint,
  UNKNOWN_MODEL,
  type VectorSink,
} from "../sink.js";
import { BulkMode } from "./bulk-mode.js";
import { inspectCollection } from "./cluster-state.js";
import { QdrantCollection } from "./collection.js";
import type { CollectionState } from "./collection-state.js";
import { parseAddresses } from "./http/address.js";
import { QdrantConnection } from "./http/connection.js";
import { type QdrantSettings, type QdrantSinkOptions, qdrantOptionsSchema } from "./options.js";
import { type FilterWithin, PointReader } from "./point-reader.js";
import { PointWriter } from "./point-writer.js";
import {
  metadataField,
  onlyIds,
  ownPoints,
  PART_INDEX,
  toQdrantFilter,
  VERSION,
} from "./points/payload-fields.js";
import { type PointLayout, toStoredPoint } from "./points/points.js";
import { buildQuery, toHit, toPointContent } from "./search.js";
import { SharedCounts } from "./shared-counts.js";
import { StrictMode } from "./strict-mode.js";

const environment = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/**
 * Stores points in a Qdrant collection: an unnamed dense vector with Cosine distance, a BM25 vector that the server
 * computes from the text (from Qdrant 1.15.3), and the payload `{content, metadata}`, which LangChain's
 * `QdrantVectorStore` reads.
 *
 * Collections that LangChain, LlamaIndex or n8n filled can be searched, and points are added in their form if vector
 * name, size and distance fit. Their points are never deleted, listed or counted. Requests keep within the strict mode
 * of the collection.
 *
 * The client is loaded with the first call. The name of the embedding model is recorded in the metadata of the
 * collection (from 1.16) and compared by `prepare`. `listPoints` returns normalised vectors, as Qdrant keeps them for
 * Cosine.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor; `UNAUTHORIZED` in addition to what {@link VectorSink} lists
 *
 * @example
 * ```ts
 * const sink = new QdrantSink({ url: "http://localhost:6333", collection: "reports" });
 * await sink.prepare({ dimensions: 1536, model: "text-embedding-3-small" });
 * await sink.upsert(points);
 * const hits = await sink.search({ mode: "text", k: 5, text: question });
 * ```
 */
export class QdrantSink implements VectorSink {
  readonly description: string;
  readonly takesFloats = true;
  readonly sharesRequests = true;
  readonly #settings: QdrantSettings;
  readonly #connection: QdrantConnection;
  readonly #collection: QdrantCollection;
  readonly #bulk: BulkMode;
  readonly #strict = new StrictMode();
  readonly #reader: PointReader;
  readonly #counts: SharedCounts;
  readonly #writer: PointWriter;
  #state: CollectionState | undefined;
  #layout: { of: CollectionState; layout: PointLayout } | undefined;

  constructor(options: QdrantSinkOptions = {}) {
    this.#settings = parseOptions(qdrantOptionsSchema, options, "QdrantSink", ["apiKey"]);
    this.#connection = new QdrantConnection(
      parseAddresses(this.#settings.url ?? environment("QDRANT_URL")),
      this.#settings,
      this.#settings.apiKey?.trim() || environment("QDRANT_API_KEY"),
    );
    this.#collection = new QdrantCollection(this.#connection, this.#settings);
    this.#bulk = new BulkMode(this.#connection, this.#collection, this.#settings);
    this.#reader = new PointReader(this.#connection, this.#settings.collection, this.#strict);
    const counting = new WeightedSemaphore(this.#settings.concurrency);
    this.#counts = new SharedCounts(this.#reader, this.#strict, (count) => counting.run(count));
    this.#writer = new PointWriter(this.#connection, this.#settings, this.#strict);
    this.description = `qdrant:${this.#connection.address.label} (${this.#settings.collection})`;
  }

  async connect(options: SinkCallOptions = {}): Promise<void> {
    await this.#collection.checkServer(options);
  }

  async version(options: SinkCallOptions = {}): Promise<string> {
    await this.connect(options);
    return `Qdrant ${this.#connection.versionText}`;
  }

  async inspect(options: SinkCallOptions = {}): Promise<StoreDetails> {
    const state = await this.#collection.read(options);
    return inspectCollection(this.#connection, this.#settings.collection, state, options);
  }

  async deferIndexing(options: SinkCallOptions = {}): Promise<void> {
    await this.#bulk.defer(await this.#collection.read(options), options);
  }

  async resumeIndexing(options: SinkCallOptions = {}): Promise<void> {
    await this.#bulk.resume(await this.#collection.read(options));
  }

  async prepare(spec: CollectionSpec, options: SinkCallOptions = {}): Promise<void> {
    await this.#use(await this.#collection.prepare(spec, options), options);
  }

  async open(options: SinkCallOptions = {}): Promise<OpenedCollection> {
    const state = await this.#use(await this.#collection.read(options), options);
    const { size: dimensions } = this.#collection.requireDense(state);
    const { model = UNKNOWN_MODEL } = state;
    return { spec: { dimensions, model }, modes: this.#collection.modes(state) };
  }

  async upsert(points: readonly Point[], options: SinkCallOptions = {}): Promise<number> {
    throwIfAborted(options.signal);
    const state = await this.#ready(options);
    const dense = this.#collection.requireDense(state);
    const distinct = new Map(points.map((point) => [point.id, point]));
    for (const point of distinct.values()) checkPoint(point, dense.size);
    await this.#bulk.beforeWrite(distinct.size, state, options);
    await this.#writer.upsert(distinct, this.#layoutOf(state, dense.name), options);
    return distinct.size;
  }

  async deletePoints(ids: readonly string[], options: SinkCallOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    await this.#writer.delete(ids, options);
  }

  async *listPoints(docId: string, options: ListPointsOptions = {}): AsyncGenerator<StoredPoint> {
    const { vectors = false, ids } = options;
    // Only the collection tells the name of its vector.
    const dense = vectors ? this.#collection.requireDense(await this.#ready(options)).name : "";
    const parts = { with_payload: [VERSION, PART_INDEX], with_vector: vectors && (dense === "" || [dense]) };
    const filter: FilterWithin = ({ values }) => onlyIds(toQdrantFilter({ docIds: [docId] }), ids, values);
    for await (const records of this.#reader.scroll("listing points", filter, parts, options)) {
      yield* records.flatMap((record) => toStoredPoint(record, dense) ?? []);
    }
  }

  async *readPoints(filter: SearchFilter, options: SinkCallOptions = {}): AsyncGenerator<PointContent> {
    throwIfAborted(options.signal);
    if (matchesNothing(filter)) return;
    const parts = { with_payload: true, with_vector: false };
    for await (const records of this.#reader.scroll(
      "reading points",
      ({ values }) => toQdrantFilter(filter, values),
      parts,
      options,
    ))
      yield* records.map((record) => toPointContent(record, this.#settings.collection));
  }

  async listValues(field: ListedField, options: ListValuesOptions = {}): Promise<string[]> {
    const { filter, limit = LISTED_VALUES } = options;
    throwIfAborted(options.signal);
    if (matchesNothing(filter)) return [];
    const conditions: FilterWithin = ({ values }) => toQdrantFilter(filter, values);
    return this.#reader.values(metadataField(field), limit, conditions, options);
  }

  async count(filter?: SearchFilter, options: SinkCallOptions = {}): Promise<number> {
    throwIfAborted(options.signal);
    if (matchesNothing(filter)) return 0;
    const { docIds, version, ...others } = filter ?? {};
    const [docId] = docIds?.length === 1 ? docIds : [];
    const isOfDocument = Object.values(others).every((condition) => condition === undefined);
    if (docId !== undefined && isOfDocument) return this.#counts.count(docId, version, options);
    return this.#reader.count(({ values }) => {
      const conditions = toQdrantFilter(filter, values);
      // A version is a hash that no other program writes.
      return filter?.version === undefined ? ownPoints(conditions) : conditions;
    }, options);
  }

  async search(query: SearchQuery, options: SinkCallOptions = {}): Promise<SearchHit[]> {
    throwIfAborted(options.signal);
    const state = await this.#ready(options);
    const dense = this.#collection.requireDense(state);
    const sparse = query.mode === "text" ? this.#collection.requireText(state) : undefined;
    checkQuery(query, dense.size);
    // The recorded options of the writer, because others would search for other words.
    const bm25 = state.bm25 ?? this.#settings.bm25;
    const body = buildQuery(query, { dense: dense.name, sparse, bm25 });
    if (!body || matchesNothing(query.filter)) return [];
    const filter: FilterWithin = ({ values }) => toQdrantFilter(query.filter, values);
    const records = await this.#reader.search(query.k, body, filter, options);
    return records.map((record) => toHit(record, this.#settings.collection));
  }

  /** Ends bulk mode. There is nothing else to close: idle connections do not keep the process alive. */
  async close(): Promise<void> {
    await this.#bulk.end();
    this.#state = undefined;
  }

  /** Returns the state of the collection, read once unless `prepare` or `open` did so. */
  async #ready(options: SinkCallOptions): Promise<CollectionState> {
    return this.#state ?? this.#use(await this.#collection.read(options), options);
  }

  /** Returns one layout for one state, as only points of the same layout share a request. */
  #layoutOf(state: CollectionState, dense: string): PointLayout {
    const { payload, text: sparse, bm25 = this.#settings.bm25 } = state;
    if (this.#layout?.of !== state) this.#layout = { of: state, layout: { payload, dense, sparse, bm25 } };
    return this.#layout.layout;
  }

  async #use(state: CollectionState, options: SinkCallOptions): Promise<CollectionState> {
    if (!this.#settings.readOnly) await this.#bulk.restoreUnfinished(state, options);
    this.#strict.adopt(state.strict);
    this.#state = state;
    return state;
  }
}
