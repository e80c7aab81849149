import type { PointMetadata } from "../documents/metadata.js";
import type { SearchFilter } from "./filter.js";

export type { PointMetadata };

/** Numbers of a vector. A Float32Array, half the size of a list, only for stores with `takesFloats`. */
export type PointVector = readonly number[] | Float32Array;

/** What a store keeps of a split. */
export interface Point {
  /** UUID, the same for the same text of the same document in every run. */
  id: string;
  /** Of the length that the collection was prepared for. Not normalised; all numbers may be zero. */
  vector: PointVector;
  /** The text that readers get. Any string, also an empty one or one with lone surrogates. */
  content: string;
  /** The text for full-text search: `content` with more words that help to find it. */
  lexical: string;
  /** JSON that is returned as it was given, fields unknown to this version included. */
  metadata: PointMetadata;
}

/** What a collection is made for. The distance is always cosine. */
export interface CollectionSpec {
  /** Length of the vectors. */
  dimensions: number;
  /** Name of the embedding model: vectors of two models must not mix. */
  model: string;
}

/** Model of a collection that another program made without recording one. */
export const UNKNOWN_MODEL = "unknown";

/** What `open` returns. */
export interface OpenedCollection {
  /** What the collection was made for. The model is {@link UNKNOWN_MODEL} where none is recorded. */
  spec: CollectionSpec;
  /** The modes in which it can be searched. */
  modes: readonly StoreMode[];
}

/** A point of a listing. */
export interface StoredPoint {
  id: string;
  /** `metadata.version` of the point. */
  version: string;
  /** Only when asked for. It has the stored direction; its length may have become 1. */
  vector?: number[];
}

export const STORE_MODES = ["dense", "text"] as const;

/** How a store searches: by vector (`dense`) or by words (`text`). Retrieval fuses both. */
export type StoreMode = (typeof STORE_MODES)[number];

/** A question to a store. */
export interface SearchQuery {
  mode: StoreMode;
  /** How many hits are returned at most, from 1. */
  k: number;
  /** The question, for `text`. */
  text?: string;
  /** The vector of the question, for `dense`. */
  vector?: PointVector;
  /** Which points are searched. @default all */
  filter?: SearchFilter;
}

/** A point as readers get it. */
export interface PointContent {
  id: string;
  content: string;
  metadata: PointMetadata;
}

/** A point that was found. */
export interface SearchHit extends PointContent {
  /** Higher is better; comparable only within one search. */
  score: number;
}

export interface SinkCallOptions {
  /** Stops the call, which then rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
}

/** Options of `listPoints`. */
export interface ListPointsOptions extends SinkCallOptions {
  /** Whether the points come with their vectors. @default false */
  vectors?: boolean;
  /** The only ids that are needed, to read less; a store may list others as well. @default all of the document */
  ids?: readonly string[];
}

/** A field whose values a store can list. */
export type ListedField = "doc_id" | "section_path" | "segment_type";

/** How many values a store lists unless told otherwise. */
export const LISTED_VALUES = 1000;

/** Options of `listValues`. */
export interface ListValuesOptions extends SinkCallOptions {
  /** Which points are looked at. @default all */
  filter?: SearchFilter | undefined;
  /** How many values are returned at most. @default {@link LISTED_VALUES} */
  limit?: number | undefined;
}

/** What a store tells of itself, for people. */
export interface StoreDetails {
  /** Short texts by name: `{ shards: "6 shards with 2 replicas each, 12 of 12 active" }`. */
  facts: Readonly<Record<string, string>>;
  /** What is wrong at the moment, one text each. */
  problems: readonly string[];
}

/**
 * A vector store, with as much as ingestion and retrieval need: one collection of points.
 *
 * The rules below and those of each method hold for every implementation; the suite in `test/contract/sink.ts` checks
 * them. `docs/adding-a-store.md` shows how to write one.
 *
 * **Errors.** A method rejects with an `UnsiloedError` only, whose `retryable` says whether the same call may succeed
 * later. Its code is `STORE_UNREACHABLE` (no answer, no space, no access to files), `STORE_REFUSED` (an answer that
 * cannot be used, or a value that the store does not accept), `STORE_MISMATCH` (the collection and the call do not fit),
 * `STORE_FULL`, `COLLECTION_NOT_FOUND`, `UNSUPPORTED_SEARCH`, `INVALID_OPTION`, `UNAUTHORIZED`, `MISSING_PACKAGE` or `ABORTED`.
 * Messages name the address or directory and the collection, and contain no secret.
 *
 * **Aborting.** When the signal aborts, the call rejects with `ABORTED` at once. With a signal that has aborted before,
 * nothing is sent. What was already sent may be stored or not, each point whole or not at all; the same call again
 * completes it.
 *
 * **Concurrency.** Calls may overlap, from one sink and from several on the same collection, also in other processes.
 * Two writers of the same point never store it twice. Calls for one document are made one after the other.
 *
 * **Durability.** A write is durable and visible to every sink on the collection when its promise resolves.
 *
 * **Points of other programs** in the same collection are found and read, with metadata completed and the version `""`.
 * They are never listed, counted or changed.
 *
 * **Opening.** The constructor checks its options, sends nothing and loads no optional package. `upsert`, `deletePoints`,
 * `listPoints`, `readPoints`, `count` and `search` open the collection themselves when neither `prepare` nor `open` was
 * called, and reject with `COLLECTION_NOT_FOUND` when it does not exist.
 */
export interface VectorSink {
  /** Where the points go, without secrets, for people: `lancedb:.unsiloed/lancedb (unsiloed)`. */
  readonly description: string;
  /**
   * Whether the store can list, read and count points. A store that cannot rejects `listPoints`, `readPoints` and
   * `count` with `UNSUPPORTED_SEARCH`. Then unchanged points are written again and stale ones stay. @default true
   */
  readonly canList?: boolean;
  /** Whether the vectors of points may be Float32Arrays. @default false */
  readonly takesFloats?: boolean;
  /**
   * Whether calls for different documents that come at the same time share requests. Then many more small documents are
   * written at once. @default false
   */
  readonly sharesRequests?: boolean;

  /** Connects to the store and loads the packages for it, to fail before anything is paid for. Creates nothing. */
  connect?(options?: SinkCallOptions): Promise<void>;

  /** Returns name and version of the server or library, for people: `Qdrant 1.19.0`. */
  version?(options?: SinkCallOptions): Promise<string>;

  /**
   * Tells how the collection is kept and how the servers of a cluster are. Changes nothing.
   *
   * @throws `COLLECTION_NOT_FOUND`
   */
  inspect?(options?: SinkCallOptions): Promise<StoreDetails>;

  /**
   * Creates the collection and its indexes, or checks that an existing one fits. Writes no point and may be called
   * again, also by two sinks at the same time.
   *
   * @throws `STORE_MISMATCH`, not retryable, naming both values, when the collection is for another number of
   *   dimensions or another model; the sink and the collection stay as they were
   */
  prepare(spec: CollectionSpec, options?: SinkCallOptions): Promise<void>;

  /**
   * Opens an existing collection for searching. Reads it again on each call, so that a changed one is noticed.
   *
   * @throws `COLLECTION_NOT_FOUND`, not retryable; nothing is created
   */
  open(options?: SinkCallOptions): Promise<OpenedCollection>;

  /**
   * Writes points whole: a point replaces one with the same id, without merging their metadata or words.
   *
   * - Of several points with one id the last is stored, and counted once.
   * - Any number of points, in batches of the store's choice. Each point is written whole or not at all, also when the
   *   call fails.
   * - All points are checked before the first is written: see `checkPoint` in `checks.ts`.
   * - A point whose numbers are all zero is stored, listed, counted, and found by its words. It has no direction, so
   *   searching by vector need not find it.
   * - Texts and metadata are returned as they were given, with two exceptions: lone surrogates become U+FFFD, because
   *   UTF-8 has no form for them, and a store may drop U+0000.
   * - A point whose `lexical` has no words is stored like any other; words do not find it.
   *
   * @returns how many different points were written
   * @throws `STORE_MISMATCH` when a vector has another length, `STORE_REFUSED` when one of its numbers is not a finite
   *   float32, both naming the point; then none of the points of the call is written
   */
  upsert(points: readonly Point[], options?: SinkCallOptions): Promise<number>;

  /** Deletes points. Ignores ids that do not exist; ids may repeat, and there may be thousands. */
  deletePoints(ids: readonly string[], options?: SinkCallOptions): Promise<void>;

  /**
   * Lists all points of one document that this package wrote, each once, in any order. Compares `docId` exactly: case, quotes, `%` and spaces
   * count. The caller may stop early and use the sink again.
   */
  listPoints(docId: string, options?: ListPointsOptions): AsyncIterable<StoredPoint>;

  /** Reads the points that match a filter, those of other programs too, each once, in any order. */
  readPoints(filter: SearchFilter, options?: SinkCallOptions): AsyncIterable<PointContent>;

  /** Counts exactly the points of this package that match a filter; without one, all of them. */
  count(filter?: SearchFilter, options?: SinkCallOptions): Promise<number>;

  /**
   * Lists different values of a field among the points that match a filter, at most `limit`, in any order.
   * For suggestions: absent in stores that could only read every point for it.
   */
  listValues?(field: ListedField, options?: ListValuesOptions): Promise<string[]>;

  /**
   * Finds at most `k` points, best first, each once and with a finite score.
   *
   * - `dense`: the nearest vectors by cosine, exactly or by an index; the score is the cosine. The length of the
   *   question's vector does not matter.
   * - `text`: BM25 or a similar ranking of `lexical`, with its score above 0, regardless of case: rare words weigh more,
   *   numbers and names with punctuation are found. Words are found however they are printed, because `lexical` is searched in the
   *   form of `searchText`, and a question in that of `searchQuestion`, both of `internal/text/search-text.ts`. The
   *   question is plain text: no operator or quote in it has a meaning. A question without words, or with words that no
   *   point has, finds nothing.
   * - A filter is applied before the ranking, so that `k` matching points are found among any number of better ones. A
   *   filter with an empty list matches nothing. Filters may hold thousands of values.
   * - The same question has the same answer while nothing is written.
   *
   * @throws `INVALID_OPTION` when the vector or the text that the mode needs is missing; `UNSUPPORTED_SEARCH` for a mode
   *   that `open` does not return; `STORE_MISMATCH` for a vector of another length; `STORE_REFUSED` for one with a number
   *   that is not finite
   */
  search(query: SearchQuery, options?: SinkCallOptions): Promise<SearchHit[]>;

  /**
   * Defers the indexing of vectors of the collection until `resumeIndexing`, also while sinks are opened and
   * closed: for a load by several processes.
   *
   * @throws `COLLECTION_NOT_FOUND`; `STORE_REFUSED` where the store cannot do so
   */
  deferIndexing?(options?: SinkCallOptions): Promise<void>;

  /** Has the vectors indexed whose indexing was deferred, in the background. Does nothing where it was not. */
  resumeIndexing?(options?: SinkCallOptions): Promise<void>;

  /** Finishes writes and frees resources. May be called twice, and on a sink that was never used, but the sink not used after. */
  close(): Promise<void>;
}
