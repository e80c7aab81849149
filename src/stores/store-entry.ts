import type { UnsiloedError } from "../errors.js";
import type { VectorSink } from "./sink.js";

/** Options of {@link OpenStoreOptions} that only some stores have. */
export const STORE_OPTIONS = [
  "bulk",
  "storeBatch",
  "sparse",
  "shards",
  "replicas",
  "writeConsistency",
  "quantization",
  "onDisk",
] as const;
export type StoreOption = (typeof STORE_OPTIONS)[number];

export const QUANTIZATIONS = ["scalar", "binary", "product"] as const;
export type Quantization = (typeof QUANTIZATIONS)[number];

export const ON_DISK = ["vectors", "payload", "hnsw"] as const;
export type OnDisk = (typeof ON_DISK)[number];

/** How a new collection is kept. One that exists stays as it is. */
export interface StoreCreation {
  /** Parts into which the points are divided among servers. @default the store's own */
  shards?: number | undefined;
  /** Copies of each shard, on different servers. @default the store's own */
  replicas?: number | undefined;
  /** How many copies must have applied a write before it counts. @default the store's own */
  writeConsistency?: number | undefined;
  /** How vectors are made smaller in memory. @default not */
  quantization?: Quantization | undefined;
  /** What is read from disk rather than kept in memory. @default the store's own */
  onDisk?: readonly OnDisk[] | undefined;
}

/** What the command asks of a store. */
export interface OpenStoreOptions extends StoreCreation {
  /** Directory or address of the store. */
  target: string;
  /** Name of the collection. @default the store's own */
  collection?: string | undefined;
  /** Whether indexing is deferred until the run ends. @default false */
  bulk?: boolean | undefined;
  /** The most points in one request. @default the store's own */
  storeBatch?: number | undefined;
  /** Whether points get a vector of their words, for full-text search. @default true */
  sparse?: boolean | undefined;
  /** Whether nothing is written, not even what an earlier run left to be done. @default false */
  readOnly?: boolean | undefined;
  /** Receives problems that affect speed only. */
  onProblem?: ((problem: UnsiloedError) => void) | undefined;
  /** Environment variables, trimmed and without empty ones. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** How the command offers a store: one entry of the list in `src/cli/setup/registry.ts`. */
export interface StoreEntry {
  /** Name in `--store NAME:TARGET`: small letters and digits. */
  readonly name: string;
  /** Word for the target in help and messages, such as `DIRECTORY`. */
  readonly target: string;
  /** Environment variable with the target. When it is set, the store is chosen without `--store`. */
  readonly variable?: string;
  /** Target when neither `--store` nor the variable gives one. @default none, which is an error */
  readonly defaultTarget?: string;
  /** Environment variables that must never be shown or written. @default none */
  readonly secrets?: readonly string[];
  /** Environment variables that are read, with their meaning as docs/cli.md prints it. @default none */
  readonly variables?: Readonly<Record<string, string>>;
  /** Packages of npm that only this store needs, and that nothing else may load. @default none */
  readonly packages?: readonly string[];
  /** Options that this store has and others need not have. @default none */
  readonly accepts?: readonly StoreOption[];
  /** Makes the sink. Imports its module only here, so that `--help` and other stores do not load it. */
  open(options: OpenStoreOptions): Promise<VectorSink>;
}
