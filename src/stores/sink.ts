import type { PointMetadata } from "../documents/metadata.js";
import type { SearchFilter } from "./filter.js";

export type { PointMetadata };

/** Numbers of a vector; a Float32Array, which takes half the memory, only for stores that take one. */
export type PointVector = readonly number[] | Float32Array;

/** What a store keeps. */
export interface Point {
  /** UUID, the same for the same text of the same document on every run. */
  id: string;
  vector: PointVector;
  /** What a reader sees. */
  content: string;
  /** What full-text search sees. */
  lexical: string;
  metadata: PointMetadata;
}

/** What a collection must be made for. Cosine distance always. */
export interface CollectionSpec {
  dimensions: number;
  /** Name of the embedding model: vectors of two models never mix. */
  model: string;
}

export interface StoredPoint {
  id: string;
  version: string;
  /** Only when asked for. Of the direction that was stored; its length may have become 1. */
  vector?: number[];
}

export const SEARCH_MODES = ["dense", "text", "hybrid"] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

export interface SearchQuery {
  mode: SearchMode;
  /** How many hits at most. */
  k: number;
  /** The question, for `text` and `hybrid`. */
  text?: string;
  /** Its vector, for `dense` and `hybrid`. */
  vector?: PointVector;
  filter?: SearchFilter;
}

/** A point as a reader sees it. */
export interface PointContent {
  id: string;
  content: string;
  metadata: PointMetadata;
}

export interface SearchHit extends PointContent {
  /** Higher is better; comparable only within one search. */
  score: number;
}

export interface SinkCallOptions {
  signal?: AbortSignal | undefined;
}

/**
 * A vector store, as much of it as ingestion and retrieval need. Every method rejects with an `UnsiloedError`:
 * `STORE_UNREACHABLE`, `STORE_REFUSED`, `STORE_MISMATCH`, `COLLECTION_NOT_FOUND`, `UNSUPPORTED_SEARCH`,
 * `UNAUTHORIZED`, or `ABORTED` as soon as the signal aborts.
 */
export interface VectorSink {
  /** Where the points go, without secrets: `lancedb:.unsiloed/lancedb (unsiloed)`. */
  readonly description: string;
  /**
   * Whether the store can list, read and count points. Where it cannot, `listPoints`, `readPoints` and `count` reject
   * with `UNSUPPORTED_SEARCH`, and nobody can tell which points of a document are unchanged or stale. @default true
   */
  readonly canList?: boolean;
  /** Whether the vectors of points may be Float32Arrays. @default false */
  readonly takesFloats?: boolean;
  /** Reaches the store and loads what that takes, for which nothing has to be known of the vectors yet. */
  connect?(options?: SinkCallOptions): Promise<void>;
  /** Creates the collection and its indexes, or checks that an existing one fits; writes no point. */
  prepare(spec: CollectionSpec, options?: SinkCallOptions): Promise<void>;
  /** Opens an existing collection for searching. @returns what it was made for, and the modes it can search in */
  open(options?: SinkCallOptions): Promise<{ spec: CollectionSpec; modes: readonly SearchMode[] }>;
  /** Writes points whole, replacing those with the same id. @returns how many were written, once they are durable */
  upsert(points: readonly Point[], options?: SinkCallOptions): Promise<number>;
  /** Deletes points; ids that are not there are passed over. */
  deletePoints(ids: readonly string[], options?: SinkCallOptions): Promise<void>;
  /** Every point of a document. */
  listPoints(docId: string, options?: SinkCallOptions & { vectors?: boolean }): AsyncIterable<StoredPoint>;
  /** The points that pass a filter with their content, each once, in no particular order. */
  readPoints(filter: SearchFilter, options?: SinkCallOptions): AsyncIterable<PointContent>;
  count(filter?: SearchFilter, options?: SinkCallOptions): Promise<number>;
  search(query: SearchQuery, options?: SinkCallOptions): Promise<SearchHit[]>;
  close(): Promise<void>;
}
