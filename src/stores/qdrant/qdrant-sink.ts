import { UnsiloedError } from "../../errors.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { forEachConcurrently } from "../../internal/async/concurrency.js";
import { WeightedSemaphore } from "../../internal/async/weighted-semaphore.js";
import { batches } from "../../internal/batching.js";
import { parseOptions } from "../../internal/options.js";
import { checkPoint, checkQuery } from "../checks.js";
import { matchesNothing, type SearchFilter } from "../filter.js";
import {
  type CollectionSpec,
  type OpenedCollection,
  type Point,
  type PointContent,
  type SearchHit,
  type SearchQuery,
  type SinkCallOptions,
  type StoredPoint,
  UNKNOWN_MODEL,
  type VectorSink,
} from "../sink.js";
import { parseAddress } from "./address.js";
import { BulkMode } from "./bulk-mode.js";
import { type CollectionState, QdrantCollection } from "./collection.js";
import { QdrantConnection } from "./connection.js";
import { isBrokenConnection, isTooLarge } from "./errors.js";
import {
  PAYLOAD_LAYOUTS,
  type QdrantSettings,
  type QdrantSinkOptions,
  qdrantOptionsSchema,
} from "./options.js";
import { DOC_ID, toQdrantFilter, VERSION } from "./payload-fields.js";
import { toStoredPoint } from "./points.js";
import { halvesOf, type PointsBody, pointsBodies } from "./points-body.js";
import { buildQuery, readHits, toPointContent } from "./search.js";

/** Points in one page of a listing; fewer with vectors, which are long. */
const PAGE = 1000;
const PAGE_WITH_VECTORS = 100;
const DELETE_BATCH = 1000;

/** A smaller request does not break a connection by its size. */
const SUSPICIOUS_BYTES = 1024 * 1024;

/** Wait before the halves of a refused batch are sent, so that a busy server does not get twice as many requests. */
const SPLIT_DELAY_MS = 200;

const environment = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/**
 * Stores points in a Qdrant collection: an unnamed dense vector with Cosine distance, a BM25 vector that the server
 * computes from the text (from Qdrant 1.15.3), and the payload `{content, metadata}`, which LangChain's
 * `QdrantVectorStore` reads.
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
  readonly #settings: QdrantSettings;
  readonly #connection: QdrantConnection;
  readonly #collection: QdrantCollection;
  readonly #bulk: BulkMode;
  readonly #path: { collection_name: string };
  /** Limits the writes of all documents together. */
  readonly #limit: WeightedSemaphore;
  #state: CollectionState | undefined;

  constructor(options: QdrantSinkOptions = {}) {
    const { apiKey, ...rest } = options;
    // A message about a wrong value quotes it, so the key is not part of the check.
    const checked = typeof apiKey === "string" ? rest : options;
    this.#settings = parseOptions(qdrantOptionsSchema, checked, "QdrantSink");
    const address = parseAddress(this.#settings.url ?? environment("QDRANT_URL"));
    this.#connection = new QdrantConnection(
      address,
      this.#settings,
      apiKey?.trim() || environment("QDRANT_API_KEY"),
    );
    this.#collection = new QdrantCollection(this.#connection, this.#settings);
    this.#bulk = new BulkMode(this.#connection, this.#collection, this.#settings);
    this.#path = { collection_name: this.#settings.collection };
    this.#limit = new WeightedSemaphore(this.#settings.concurrency);
    this.description = `qdrant:${address.label} (${this.#settings.collection})`;
  }

  async connect(options: SinkCallOptions = {}): Promise<void> {
    await this.#collection.checkServer(options);
  }

  async prepare(spec: CollectionSpec, options: SinkCallOptions = {}): Promise<void> {
    await this.#use(await this.#collection.prepare(spec, options), options);
  }

  async open(options: SinkCallOptions = {}): Promise<OpenedCollection> {
    const state = await this.#use(await this.#collection.read(options), options);
    const { dense, model = UNKNOWN_MODEL } = state;
    if (!dense) {
      throw new UnsiloedError(
        "STORE_MISMATCH",
        `collection "${this.#settings.collection}" has no unnamed vector (it has: ${state.names.join(", ") || "none"}), so it cannot be searched`,
      );
    }
    return { spec: { dimensions: dense.size, model }, modes: this.#collection.modes(state) };
  }

  async upsert(points: readonly Point[], options: SinkCallOptions = {}): Promise<number> {
    const { signal } = options;
    throwIfAborted(signal);
    const state = await this.#ready(options);
    const { batchBytes, batchCount, concurrency, payload } = this.#settings;
    const dimensions = state.dense?.size ?? 0;
    // Concurrent requests have no order, so each id may be in one of them only.
    const distinct = new Map(points.map((point) => [point.id, point]));
    for (const point of distinct.values()) checkPoint(point, dimensions);
    await this.#bulk.beforeWrite(distinct.size, state, options);
    const layout = {
      textKey: PAYLOAD_LAYOUTS[payload].text,
      sparse: state.text,
      bm25: state.bm25 ?? this.#settings.bm25,
    };
    const limits = { maxCount: batchCount, maxBytes: batchBytes, expected: distinct.size };
    const bodies = pointsBodies(distinct.values(), layout, limits);
    let written = 0;
    const send = async (body: PointsBody): Promise<void> => {
      await this.#limit.run(() => this.#write(body, options), { signal });
      written += body.ends.length;
    };
    await forEachConcurrently(bodies, concurrency, send, signal);
    return written;
  }

  async deletePoints(ids: readonly string[], options: SinkCallOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    for (const points of batches(ids, { maxCount: DELETE_BATCH })) {
      await this.#connection.write(
        "deleting points",
        (api, init) => api.deletePoints({ ...this.#path, wait: true, points }, init),
        options,
      );
    }
  }

  async *listPoints(
    docId: string,
    options: SinkCallOptions & { vectors?: boolean } = {},
  ): AsyncGenerator<StoredPoint> {
    const { vectors = false } = options;
    const request = {
      filter: { must: [{ key: DOC_ID, match: { value: docId } }] },
      limit: vectors ? PAGE_WITH_VECTORS : PAGE,
      with_payload: [VERSION],
      with_vector: vectors,
    };
    for await (const records of this.#connection.scroll(
      "listing points",
      { ...this.#path, ...request },
      options,
    ))
      yield* records.map(toStoredPoint);
  }

  async *readPoints(filter: SearchFilter, options: SinkCallOptions = {}): AsyncGenerator<PointContent> {
    throwIfAborted(options.signal);
    if (matchesNothing(filter)) return;
    const conditions = toQdrantFilter(filter);
    const request = { limit: PAGE, with_payload: true, ...(conditions && { filter: conditions }) };
    for await (const records of this.#connection.scroll(
      "reading points",
      { ...this.#path, ...request },
      options,
    ))
      yield* records.map((record) => toPointContent(record, this.#settings));
  }

  async count(filter?: SearchFilter, options: SinkCallOptions = {}): Promise<number> {
    throwIfAborted(options.signal);
    if (matchesNothing(filter)) return 0;
    const conditions = toQdrantFilter(filter);
    const { count } = await this.#connection.result(
      "counting points",
      (api, init) =>
        api.countPoints({ ...this.#path, exact: true, ...(conditions && { filter: conditions }) }, init),
      options,
    );
    return count;
  }

  async search(query: SearchQuery, options: SinkCallOptions = {}): Promise<SearchHit[]> {
    throwIfAborted(options.signal);
    const state = await this.#ready(options);
    const using = query.mode === "text" ? this.#collection.requireText(state) : undefined;
    checkQuery(query, state.dense?.size);
    // The recorded options of the writer, because others would search for other words.
    const body = buildQuery(query, using, state.bm25 ?? this.#settings.bm25);
    if (!body || matchesNothing(query.filter)) return [];
    const answer = await this.#connection.result(
      "searching",
      (api, init) => api.queryPoints({ ...this.#path, ...body }, init),
      options,
    );
    return readHits(answer, this.#settings);
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

  async #use(state: CollectionState, options: SinkCallOptions): Promise<CollectionState> {
    await this.#bulk.restoreUnfinished(state, options);
    this.#state = state;
    return state;
  }

  /** Writes a batch, in halves when it is too large for the server. */
  async #write(body: PointsBody, options: SinkCallOptions): Promise<void> {
    const splits = body.ends.length > 1;
    try {
      await this.#connection.writePoints(body.bytes, { ...options, splits });
    } catch (thrown) {
      if (!splits || !(thrown instanceof UnsiloedError)) throw thrown;
      const suspicious = isBrokenConnection(thrown) && body.bytes.length > SUSPICIOUS_BYTES;
      if (!isTooLarge(thrown) && !suspicious) throw thrown;
      await this.#settings.clock.delay(SPLIT_DELAY_MS, options.signal);
      for (const half of halvesOf(body)) await this.#write(half, options);
    }
  }
}
