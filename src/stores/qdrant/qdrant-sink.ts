import pLimit, { type LimitFunction } from "p-limit";
import { UnsiloedError } from "../../errors.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { forEachConcurrently } from "../../internal/async/concurrency.js";
import { batches } from "../../internal/batching.js";
import { parseOptions } from "../../internal/options.js";
import { checkPoint } from "../check-point.js";
import { matchesNothing, type SearchFilter } from "../filter.js";
import type {
  CollectionSpec,
  Point,
  PointContent,
  SearchHit,
  SearchMode,
  SearchQuery,
  SinkCallOptions,
  StoredPoint,
  VectorSink,
} from "../sink.js";
import { parseAddress } from "./address.js";
import { BulkMode } from "./bulk-mode.js";
import { type CollectionState, QdrantCollection, UNKNOWN_MODEL } from "./collection.js";
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

/** A request smaller than this does not break a connection by its size. */
const SUSPICIOUS_BYTES = 1024 * 1024;

/** Wait before the halves of a refused batch are sent, so that a busy server is not asked twice as often. */
const SPLIT_DELAY_MS = 200;

const environment = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/**
 * A Qdrant collection: an unnamed dense vector with Cosine distance, a BM25 vector that the server makes of the
 * text (from Qdrant 1.15.3), and the payload `{content, metadata}`, which LangChain's own `QdrantVectorStore` reads.
 *
 * Nothing is sent before the first call, and the client is loaded then. The name of the embedding model is kept in
 * the collection's metadata (from 1.16) and compared by `prepare`. Vectors come back from `listPoints` normalised,
 * as Qdrant keeps them for Cosine. Calls that touch one document must follow one another.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor; `UNAUTHORIZED` beside what {@link VectorSink} lists
 *
 * @example
 * ```ts
 * const sink = new QdrantSink({ url: "http://localhost:6333", collection: "reports" });
 * await sink.prepare({ dimensions: 1536, model: "text-embedding-3-small" });
 * await sink.upsert(points);
 * const hits = await sink.search({ mode: "hybrid", k: 5, text: question, vector });
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
  /** Bounds the writes of all documents together. */
  readonly #slots: LimitFunction;
  #state: CollectionState | undefined;

  constructor(options: QdrantSinkOptions = {}) {
    const { apiKey, ...rest } = options;
    // A message about a wrong value repeats the value, so the key itself is kept out of the check.
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
    this.#slots = pLimit(this.#settings.concurrency);
    this.description = `qdrant:${address.label} (${this.#settings.collection})`;
  }

  async connect(options: SinkCallOptions = {}): Promise<void> {
    await this.#collection.checkServer(options);
  }

  async prepare(spec: CollectionSpec, options: SinkCallOptions = {}): Promise<void> {
    await this.#use(await this.#collection.prepare(spec, options), options);
  }

  async open(options: SinkCallOptions = {}): Promise<{ spec: CollectionSpec; modes: readonly SearchMode[] }> {
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
    // Requests in flight together have no order, so an id may stand in one of them only; the last one given wins.
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
      await this.#slots(() => this.#write(body, options));
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
    const text = query.mode === "dense" ? undefined : this.#collection.requireText(state, query.mode);
    const body = await buildQuery(query, text, state, this.#connection, this.#settings, options);
    if (!body || matchesNothing(query.filter)) return [];
    const answer = await this.#connection.result(
      "searching",
      (api, init) => api.queryPoints({ ...this.#path, ...body }, init),
      options,
    );
    return readHits(answer, this.#settings);
  }

  /** Ends bulk mode. Nothing is held open: connections that are idle do not keep the process alive. */
  async close(): Promise<void> {
    await this.#bulk.end();
    this.#state = undefined;
  }

  /** What the collection is like, read once unless `prepare` or `open` did. */
  async #ready(options: SinkCallOptions): Promise<CollectionState> {
    return this.#state ?? this.#use(await this.#collection.read(options), options);
  }

  async #use(state: CollectionState, options: SinkCallOptions): Promise<CollectionState> {
    await this.#bulk.settle(state, options);
    this.#state = state;
    return state;
  }

  /** Writes a batch; in halves when the server finds it too large. */
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
