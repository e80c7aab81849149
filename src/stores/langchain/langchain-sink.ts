import type { Document } from "@langchain/core/documents";
import type { VectorStore } from "@langchain/core/vectorstores";
import pLimit from "p-limit";
import { z } from "zod";
import { type ErrorCode, messageOf, UnsiloedError } from "../../errors.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { batches } from "../../internal/batching.js";
import { propertyOf } from "../../internal/objects.js";
import { parseOptions } from "../../internal/options.js";
import { objectSchema } from "../../internal/schemas.js";
import { checkPoint, checkQuery } from "../checks.js";
import { matchesNothing, type SearchFilter } from "../filter.js";
import { modelMismatch } from "../model-mismatch.js";
import type {
  CollectionSpec,
  OpenedCollection,
  Point,
  PointContent,
  SearchHit,
  SearchQuery,
  SinkCallOptions,
  StoredPoint,
  VectorSink,
} from "../sink.js";
import { readDocument, toDocument } from "./document.js";
import { type LangChainSettings, type LangChainSinkOptions, langChainOptionsSchema } from "./options.js";

const storeSchema = z.object({
  store: objectSchema<VectorStore>(["addVectors", "_vectorstoreType"], "a VectorStore of LangChain"),
});

const MODES = ["dense"] as const;

/**
 * Stores points in any LangChain `VectorStore`, with what LangChain's interface offers: write, delete, and search by
 * vector.
 *
 * The interface cannot list, read or count points, so `canList` is false: unchanged documents are written again, and
 * points that a changed document no longer has stay until they are deleted by id. It has no full-text search, so the
 * only mode is `dense`. It does not report dimensions and model of the stored points, so only the option `spec` and the
 * last `prepare` are checked. Whether nested metadata is kept depends on the store.
 *
 * @example
 * ```ts
 * const sink = new LangChainSink(store, {
 *   toFilter: ({ docIds }) => ({ must: [{ key: "metadata.doc_id", match: { any: docIds } }] }),
 * });
 * ```
 */
export class LangChainSink implements VectorSink {
  readonly description: string;
  readonly canList = false;
  readonly #store: VectorStore;
  readonly #settings: LangChainSettings;
  /** Writes run one after the other: many stores create their collection with the first and fail when two do so. */
  readonly #queue = pLimit(1);
  #spec: CollectionSpec | undefined;

  /** @throws UnsiloedError `INVALID_OPTION` */
  constructor(store: VectorStore, options: LangChainSinkOptions = {}) {
    this.#settings = parseOptions(langChainOptionsSchema, options, "LangChainSink");
    this.#store = parseOptions(storeSchema, { store }, "LangChainSink").store;
    this.#spec = this.#settings.spec;
    this.description = `langchain:${store._vectorstoreType()}`;
  }

  /** Remembers the spec; the store itself creates its collection with the first write. */
  async prepare(spec: CollectionSpec, { signal }: SinkCallOptions = {}): Promise<void> {
    throwIfAborted(signal);
    const known = this.#spec ?? spec;
    if (known.dimensions !== spec.dimensions || known.model !== spec.model) {
      throw modelMismatch(this.description, known, spec);
    }
    this.#spec = spec;
  }

  async open({ signal }: SinkCallOptions = {}): Promise<OpenedCollection> {
    throwIfAborted(signal);
    return { spec: this.#known(), modes: MODES };
  }

  async upsert(points: readonly Point[], options: SinkCallOptions = {}): Promise<number> {
    throwIfAborted(options.signal);
    const { dimensions } = this.#known();
    const distinct = new Map(points.map((point) => [point.id, point]));
    for (const point of distinct.values()) checkPoint(point, dimensions);
    for (const batch of batches(distinct.values(), { maxCount: this.#settings.batchCount })) {
      const ids = batch.map(({ id }) => id);
      if (!this.#settings.replacesById) await this.deletePoints(ids, options);
      const vectors = batch.map(({ vector }) => [...vector]);
      const given = await this.#call(
        "writing points",
        () => this.#queue(() => this.#store.addVectors(vectors, batch.map(toDocument), { ids })),
        options,
      );
      this.#requireIds(ids, given ?? ids);
    }
    return distinct.size;
  }

  async deletePoints(ids: readonly string[], options: SinkCallOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    for (const batch of batches(new Set(ids), { maxCount: this.#settings.batchCount })) {
      await this.#call(
        "deleting points",
        () => this.#queue(() => this.#store.delete({ ids: batch })),
        options,
      );
    }
  }

  listPoints(_docId: string, options: SinkCallOptions = {}): AsyncIterable<StoredPoint> {
    return this.#refuse("list the points of a document", options);
  }

  readPoints(_filter: SearchFilter, options: SinkCallOptions = {}): AsyncIterable<PointContent> {
    return this.#refuse("read points by a filter", options);
  }

  async count(_filter?: SearchFilter, { signal }: SinkCallOptions = {}): Promise<number> {
    throwIfAborted(signal);
    throw this.#unsupported("count points");
  }

  async search(query: SearchQuery, options: SinkCallOptions = {}): Promise<SearchHit[]> {
    throwIfAborted(options.signal);
    const { mode, k, vector = [], filter } = query;
    if (mode !== "dense") throw this.#unsupported(`search in mode "${mode}", only in mode "dense"`);
    checkQuery(query, this.#spec?.dimensions);
    if (matchesNothing(filter)) return [];
    const conditions = this.#toFilter(filter);
    const found = await this.#call(
      "searching",
      () => this.#store.similaritySearchVectorWithScore([...vector], k, conditions),
      options,
    );
    return found.map(([document, score]) => this.#toHit(document, score));
  }

  /** Does nothing: LangChain's stores have no `close`. Close the client of the store where you created it. */
  async close(): Promise<void> {}

  #known(): CollectionSpec {
    if (this.#spec) return this.#spec;
    throw new UnsiloedError(
      "COLLECTION_NOT_FOUND",
      `${this.description}: LangChain's stores do not report what they contain; ingest into it first, or set the option spec`,
    );
  }

  #refuse(what: string, { signal }: SinkCallOptions): AsyncIterable<never> {
    const next = async (): Promise<never> => {
      throwIfAborted(signal);
      throw this.#unsupported(what);
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  #unsupported(what: string): UnsiloedError {
    return new UnsiloedError(
      "UNSUPPORTED_SEARCH",
      `${this.description} cannot ${what}: LangChain's interface of vector stores has no method for it`,
    );
  }

  #toFilter(filter: SearchFilter | undefined): VectorStore["FilterType"] | undefined {
    if (!filter || Object.values(filter).every((condition) => condition === undefined)) return undefined;
    if (this.#settings.toFilter) return this.#settings.toFilter(filter);
    throw new UnsiloedError(
      "UNSUPPORTED_SEARCH",
      `${this.description}: the filters of LangChain stores differ; set the option toFilter to search with one`,
    );
  }

  /** Refuses a store that assigns its own ids, because it would contain every point twice after the second run. */
  #requireIds(wanted: readonly string[], given: readonly string[]): void {
    const other = given.findIndex((id, index) => id !== wanted[index]);
    if (other < 0) return;
    throw new UnsiloedError(
      "STORE_REFUSED",
      `${this.description} stored point ${wanted[other]} under the id "${given[other]}"; it cannot replace or delete points by id; use another store`,
    );
  }

  #toHit(document: Document, score: number): SearchHit {
    const found = readDocument(document);
    if (found) return { ...found, score: this.#settings.scores === "distance" ? 1 - score : score };
    throw new UnsiloedError(
      "STORE_REFUSED",
      `${this.description} has a document without doc_id and version, which another program wrote; use another collection`,
    );
  }

  async #call<T>(action: string, work: () => Promise<T>, { signal }: SinkCallOptions): Promise<T> {
    try {
      return await untilAborted(work, signal);
    } catch (thrown) {
      if (thrown instanceof UnsiloedError) throw thrown;
      const unreachable = UNREACHABLE.test(`${codeOf(thrown)} ${messageOf(thrown)}`);
      const code: ErrorCode = unreachable ? "STORE_UNREACHABLE" : "STORE_REFUSED";
      throw new UnsiloedError(code, `${this.description}: ${action} failed: ${messageOf(thrown)}`, {
        cause: thrown,
        retryable: unreachable,
      });
    }
  }
}

const UNREACHABLE = /ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|EAI_AGAIN|UND_ERR|fetch failed/;

/** Returns the code of a network error, which `fetch` puts into the cause. */
const codeOf = (thrown: unknown): unknown =>
  typeof thrown === "object" && thrown !== null
    ? (propertyOf(thrown, "code") ?? codeOf(propertyOf(thrown, "cause")))
    : undefined;
