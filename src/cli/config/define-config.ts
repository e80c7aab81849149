import type { SegmentPolicyOptions } from "../../documents/policies.js";
import type { Dialect } from "../../parse-api/jobs/dialects.js";
import type { ParseRequestOptions } from "../../parse-api/jobs/request-options.js";
import type { Expansion, SearchMode } from "../../retrieval/search-choices.js";

/** Settings of the commands `search` and `evaluate`. */
export interface SearchConfig {
  /** Most hits. @default 5 */
  k?: number | undefined;
  /** How questions are searched. @default "hybrid" where the store supports it */
  mode?: SearchMode | undefined;
  /** Whether the best hits are ranked again by the words of the question. @default "words" in mode hybrid */
  rerank?: "words" | "none" | undefined;
  /** Share of the meaning in hybrid search, 0 to 1. @default 0.4 */
  denseShare?: number | undefined;
  /** What each hit is expanded to. @default nothing */
  expand?: Expansion[] | undefined;
  /** Least confidence, 0 to 1. @default 0 */
  minConfidence?: number | undefined;
}

/** Settings of the command `evaluate`, beside those of `search`. */
export interface EvaluateConfig {
  /** Draws the intervals. @default 1 */
  seed?: number | undefined;
}

/** Settings of the command `emulator`. */
export interface EmulatorConfig {
  /** Directory of saved results, relative to the config file. @default the sample result for every file */
  results?: string | undefined;
  /** Port to listen on. @default a free one */
  port?: number | undefined;
  /** Published form of the API to follow. @default "2026-09" */
  dialect?: Dialect | undefined;
  /** Faults to inject, such as `"status=rate_limited:3"`. @default none */
  fault?: string[] | undefined;
}

/**
 * What `unsiloed.config.{json,ts,js}` may hold. Names are those of the command's options, and paths are relative to the
 * file. Keys of services belong in the environment, not here.
 */
export interface UnsiloedConfig {
  /** What `ingest` and `plan` read when no source is named: files, directories, globs, URLs, addresses in object stores such as `s3://bucket/prefix`. @default none */
  sources?: string[] | undefined;
  /** Takes only matching files from directories and globs, such as `"*.pdf"`. @default all that can be parsed */
  include?: string[] | undefined;
  /** Leaves out matching files and directories, such as `"drafts"`; wins over `include`. @default none */
  exclude?: string[] | undefined;
  /** Directory that document ids are relative to. @default the directory of the file */
  root?: string | undefined;
  /** Directory of the ledger, kept results and cached embeddings. @default ".unsiloed" */
  state?: string | undefined;
  /** The store: `"lancedb"`, `"lancedb:DIRECTORY"` (or `"lancedb:s3://BUCKET/PREFIX"`) or `"qdrant:URL"`. @default that of QDRANT_URL, else LanceDB */
  store?: string | undefined;
  /** Collection in the store. @default "unsiloed" */
  collection?: string | undefined;
  /** Postpones indexing until the run ends; Qdrant only. @default false */
  bulk?: boolean | undefined;
  /** The most points in one request; Qdrant only. @default 128 */
  storeBatch?: number | undefined;
  /** Whether points get a vector of their words, for full-text search; `false` for Qdrant only. @default true */
  sparse?: boolean | undefined;
  /** Shards of a new collection; Qdrant only. @default the server's: 1 for each server */
  shards?: number | undefined;
  /** Copies of each shard of a new collection, on different servers; Qdrant only. @default 1 */
  replicas?: number | undefined;
  /** How many copies must have applied a write before it counts; Qdrant only. @default 1 */
  writeConsistency?: number | undefined;
  /** How a new collection makes vectors smaller in memory; Qdrant only. @default not */
  quantization?: "scalar" | "binary" | "product" | undefined;
  /** What a new collection reads from disk rather than memory; Qdrant only. @default the server's: the payload */
  onDisk?: ("vectors" | "payload" | "hnsw")[] | undefined;
  /** The model: `"local"`, `"openai"`, `"openai:MODEL"` or `"URL#MODEL"`. @default "openai" if OPENAI_API_KEY is set */
  embeddings?: string | undefined;
  /** Length of the vectors, for models that can shorten them. @default the model's own */
  dimensions?: number | undefined;
  /** Text before each question, such as `"query: "`. @default none */
  queryPrefix?: string | undefined;
  /** Text before each text of a document, such as `"passage: "`. @default none */
  documentPrefix?: string | undefined;
  /** Headers for the embedding service, by name; secrets belong in EMBEDDINGS_HEADERS. @default none */
  embeddingHeader?: Record<string, string> | undefined;
  /** Most tokens that the embedding service takes in a text; no split is longer. @default 8192 */
  embeddingMaxTokens?: number | undefined;
  /** Largest split, in tokens. @default 400 */
  chunkSize?: number | undefined;
  /** Tokens that neighbouring parts of a long text share. @default a tenth of the chunk size */
  chunkOverlap?: number | undefined;
  /** Request options of the parse API, named as the service names them. @default the service's */
  parse?: ParseRequestOptions | undefined;
  /** What is done with segments below a confidence, by segment type. @default all are kept */
  policies?: SegmentPolicyOptions | undefined;
  /** Parses web addresses again, since their changes cannot be detected. @default false */
  refresh?: boolean | undefined;
  /** Counts the stored points of every document instead of only their total. @default false */
  verify?: boolean | undefined;
  /** Removes stored documents below the named directories whose files no longer exist. @default false */
  prune?: boolean | undefined;
  /** Parse jobs to wait for at once. @default 64 */
  concurrency?: number | undefined;
  /** Longest wait for a parse job, in seconds. @default 900 */
  timeout?: number | undefined;
  /** First pause between status checks of a job, in milliseconds. @default 5000 */
  pollInterval?: number | undefined;
  /** Calls of the parse API per minute, of all kinds. @default 60 */
  rateLimit?: number | undefined;
  /** Parse jobs running at the service at once. @default no limit */
  activeJobs?: number | undefined;
  /**
   * Parse results to keep: `"all"`, `"text"` (without word boxes) or `"none"`; where: `"./DIR"` or `"s3://BUCKET/PREFIX"`;
   * or both: `"text:s3://BUCKET/PREFIX"`. @default "all", in the state directory
   */
  keepResults?: string | undefined;
  /** Submits documents again when it is unknown whether the service accepted them; may pay twice. @default false */
  resubmitUnknown?: boolean | undefined;
  /** Credits that the submissions of one run may cost together. @default no limit */
  maxCredits?: number | undefined;
  /** Price of a million tokens of the embedding model, in US dollars, for `plan`. @default the list price */
  price?: number | undefined;
  /** Price of parsing a page, in US dollars, for `plan`. @default credits only */
  pricePerPage?: number | undefined;
  /** Settings of `search` and `evaluate`. */
  search?: SearchConfig | undefined;
  /** Settings of `evaluate`. */
  evaluate?: EvaluateConfig | undefined;
  /** Settings of `emulator`. */
  emulator?: EmulatorConfig | undefined;
}

/**
 * Returns the config as it is, so that editors know its type. Use it in `unsiloed.config.ts`.
 *
 * @example
 * ```ts
 * import { defineConfig } from "unsiloed-ingest/config";
 *
 * export default defineConfig({ sources: ["contracts/"], store: "qdrant", parse: { merge_tables: true } });
 * ```
 */
export const defineConfig = (config: UnsiloedConfig): UnsiloedConfig => config;
