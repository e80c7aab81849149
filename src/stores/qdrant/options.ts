import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import type { UnsiloedError } from "../../errors.js";
import type { Clock } from "../../internal/async/clock.js";
import { isRecord } from "../../internal/objects.js";
import { clockSchema, functionSchema } from "../../internal/schemas.js";
import { LAYOUT_NAMES, PAYLOAD_LAYOUTS, type PayloadLayout } from "./points/layouts.js";
import { INDEX_PROFILE_NAMES, type IndexProfile } from "./points/payload-fields.js";

/** Settings of Qdrant for a new collection. The sink itself sets vectors and metadata. */
export type QdrantCreation = Omit<Schemas["CreateCollection"], "vectors" | "sparse_vectors" | "metadata"> & {
  /** Storage of the dense vectors: `on_disk`, `datatype`, `hnsw_config`, `quantization_config`. */
  vectors?: Omit<Schemas["VectorParams"], "size" | "distance">;
};

/** Options of the server's BM25. Recorded with the collection, because writing and searching must use the same. */
export interface Bm25Options {
  /** Language of stop words and stemmer. @default "english", by the server */
  language?: string | undefined;
  /** Saturation of the term frequency. @default 1.2, by the server */
  k?: number | undefined;
  /** Weight of the length of a text, 0 to 1. @default 0.75, by the server */
  b?: number | undefined;
  /** Expected words per point. @default 256, by the server */
  avg_len?: number | undefined;
  /** Whether case is ignored. @default true, by the server */
  lowercase?: boolean | undefined;
  /** Whether accents are ignored. @default false, by the server */
  ascii_folding?: boolean | undefined;
  /** How texts are divided into words. @default "word", by the server */
  tokenizer?: "word" | "whitespace" | "prefix" | "multilingual" | undefined;
}

/** Options of `QdrantSink`. */
export interface QdrantSinkOptions {
  /**
   * Address of the server: `http://localhost:6333`, `https://host/prefix`. Without a port, `http` uses 6333 and `https`
   * 443. Several addresses of one cluster, in a list or separated by commas, are used in turn: the next when one cannot
   * be reached. The first names the store in the ledger, so let it stay the first.
   * @default QDRANT_URL from the environment
   */
  url?: string | readonly string[] | undefined;
  /** API key. @default QDRANT_API_KEY from the environment, else none */
  apiKey?: string | undefined;
  /** Name of the collection. @default "unsiloed" */
  collection?: string | undefined;
  /**
   * For which other program points are written: `langchain-js` (with n8n: text under `content`), `langchain-python`
   * (`page_content`) or `llama-index` (`_node_content`). Points of all three are read.
   * @default that of the points in an existing collection, else "langchain-js"
   */
  payload?: PayloadLayout | undefined;
  /**
   * Name of the dense vector in a collection that another program made, `""` for the unnamed one. A new collection gets
   * an unnamed vector. @default the unnamed one, else the only one, else "text-dense" of LlamaIndex
   */
  vector?: string | undefined;
  /**
   * Name of the BM25 vector, or `false` for vector search only. A collection without this vector is refused if it is
   * named here; otherwise it is searched by vector only.
   * @default "bm25", with payload `langchain-python` "langchain-sparse", with `llama-index` "text-sparse-new"
   */
  sparse?: string | false | undefined;
  /** Options of the server's BM25. */
  bm25?: Bm25Options | undefined;
  /** The most bytes of JSON in one request. The server refuses more than 32 MiB. @default 8388608 */
  batchBytes?: number | undefined;
  /** The most points in one request. @default 128 */
  batchCount?: number | undefined;
  /** The most writing requests in flight, of all documents together. @default 3 */
  concurrency?: number | undefined;
  /**
   * Bulk mode, for large first loads. The server defers the indexing of vectors (`indexing_threshold: 0`) from the first
   * write to `close()`, and then uses the earlier threshold again. Searches work during the load, more slowly. `"auto"`
   * starts it after 50,000 points written to an empty collection. Needs Qdrant 1.16 and a key that may change the
   * collection; without them the load continues as usual.
   *
   * After a crash, the next sink that opens the collection restores the threshold. Until then other programs search an
   * incomplete index, so it is off unless requested. @default false
   */
  bulk?: boolean | "auto" | undefined;
  /**
   * Leaves an index as it is that a bulk load left unfinished; otherwise it is restored when the collection is opened.
   * @default false
   */
  readOnly?: boolean | undefined;
  /** Receives problems that stop nothing, such as those of bulk mode. @default emits a warning of the process */
  onProblem?: ((problem: UnsiloedError) => void) | undefined;
  /** Time limit of one request, in milliseconds. @default 60000 */
  timeoutMs?: number | undefined;
  /** Attempts of one request in total. @default 4 */
  attempts?: number | undefined;
  /**
   * Which payload indexes are created: `all`, those of every filter; `expansion`, those of ingestion and of expanding
   * hits; `ingestion`, those without which documents are not found. Filters by other fields read the payloads of all
   * points, and strict mode may refuse them. Indexes that exist already stay. @default "all"
   */
  indexes?: IndexProfile | undefined;
  /**
   * Settings for a new collection: `shard_number`, `replication_factor`, `write_consistency_factor`,
   * `quantization_config`, `on_disk_payload`, `hnsw_config`, … One that exists keeps its own, and `onProblem` is told
   * where they differ.
   */
  creation?: QdrantCreation | undefined;
  /** Tells the time and waits. @default the system's clock */
  clock?: Clock | undefined;
}

const MEBIBYTE = 1024 * 1024;

const bm25Schema = z.strictObject({
  language: z.string().optional(),
  k: z.number().positive().optional(),
  b: z.number().min(0).max(1).optional(),
  avg_len: z.number().positive().optional(),
  lowercase: z.boolean().optional(),
  ascii_folding: z.boolean().optional(),
  tokenizer: z.enum(["word", "whitespace", "prefix", "multilingual"]).optional(),
});

export const qdrantOptionsSchema = z.strictObject({
  url: z.union([z.string(), z.array(z.string()).readonly()]).optional(),
  apiKey: z.string().optional(),
  collection: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^<>:"/\\|?*\p{Cc}]+$/u, 'expected a name without any of < > : " / \\ | ? *')
    .default("unsiloed"),
  payload: z.enum(LAYOUT_NAMES).optional(),
  vector: z.string().optional(),
  sparse: z.union([z.string().min(1), z.literal(false)]).optional(),
  bm25: bm25Schema.prefault({}),
  batchBytes: z
    .number()
    .int()
    .min(1024)
    .max(30 * MEBIBYTE)
    .default(8 * MEBIBYTE),
  batchCount: z.number().int().min(1).max(10_000).default(128),
  concurrency: z.number().int().min(1).max(64).default(3),
  bulk: z.union([z.boolean(), z.literal("auto")]).default(false),
  readOnly: z.boolean().default(false),
  onProblem: functionSchema<(problem: UnsiloedError) => void>().default(
    () => (problem: UnsiloedError) => process.emitWarning(problem.message, problem.name),
  ),
  timeoutMs: z.number().int().min(1).default(60_000),
  attempts: z.number().int().min(1).default(4),
  indexes: z.enum(INDEX_PROFILE_NAMES).default("all"),
  creation: z
    .custom<QdrantCreation>(isRecord, "expected an object of Qdrant's collection settings")
    .optional(),
  clock: clockSchema,
});

export type QdrantSettings = z.output<typeof qdrantOptionsSchema>;

/** Returns the name of the BM25 vector that the settings ask for; `undefined` for none. */
export const sparseName = ({ sparse }: QdrantSettings, payload: PayloadLayout): string | undefined =>
  sparse === false ? undefined : (sparse ?? PAYLOAD_LAYOUTS[payload].sparse);
