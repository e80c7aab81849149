import type { Schemas } from "@qdrant/js-client-rest";
import { z } from "zod";
import type { UnsiloedError } from "../../errors.js";
import { type Clock, systemClock } from "../../internal/async/clock.js";
import { fusionSchema } from "../fusion-options.js";

/** How points are laid out for other readers of the collection. */
export const PAYLOAD_LAYOUTS = {
  "langchain-js": { text: "content", sparse: "bm25" },
  "langchain-python": { text: "page_content", sparse: "langchain-sparse" },
} as const;

export type PayloadLayout = keyof typeof PAYLOAD_LAYOUTS;

/** Settings of a new collection that are Qdrant's own; vectors and metadata are the sink's business. */
export type QdrantCreation = Omit<Schemas["CreateCollection"], "vectors" | "sparse_vectors" | "metadata"> & {
  /** Storage of the dense vectors: `on_disk`, `datatype`, `hnsw_config`, `quantization_config`. */
  vectors?: Omit<Schemas["VectorParams"], "size" | "distance">;
};

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const bm25Schema = z.strictObject({
  /** Language of stop words and stemmer. @default "english", the server's */
  language: z.string().optional(),
  /** Saturation of term frequency. @default 1.2, the server's */
  k: z.number().positive().optional(),
  /** Weight of the document's length. @default 0.75, the server's */
  b: z.number().min(0).max(1).optional(),
  /** Expected words per point. @default 256, the server's */
  avg_len: z.number().positive().optional(),
  lowercase: z.boolean().optional(),
  ascii_folding: z.boolean().optional(),
  /** `word`, `whitespace`, `prefix` or `multilingual`. @default "word", the server's */
  tokenizer: z.enum(["word", "whitespace", "prefix", "multilingual"]).optional(),
});

export type Bm25Options = z.infer<typeof bm25Schema>;

const MEBIBYTE = 1024 * 1024;

export const qdrantOptionsSchema = z.strictObject({
  /**
   * Address of the server: `http://localhost:6333`, `https://host/prefix`. A port that is written is used;
   * without one it is 6333 for `http` and 443 for `https`. @default `QDRANT_URL` from the environment
   */
  url: z.string().optional(),
  /** @default `QDRANT_API_KEY` from the environment, else none */
  apiKey: z.string().optional(),
  /** @default "unsiloed" */
  collection: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^<>:"/\\|?*\p{Cc}]+$/u, 'expected a name without any of < > : " / \\ | ? *')
    .default("unsiloed"),
  /**
   * Where the text of a point stands: `content` for LangChain.js and n8n, `page_content` for LangChain Python.
   * @default "langchain-js"
   */
  payload: z.enum(["langchain-js", "langchain-python"]).default("langchain-js"),
  /**
   * Name of the BM25 vector, or `false` for none and vector search only.
   * @default "bm25", with payload `langchain-python` "langchain-sparse"
   */
  sparse: z.union([z.string().min(1), z.literal(false)]).optional(),
  /** How the server makes BM25 vectors; recorded with the collection, since writing and searching must agree. */
  bm25: bm25Schema.prefault({}),
  fusion: fusionSchema,
  /** How many hits of each kind hybrid search fuses; never fewer than `k`. @default 50 */
  prefetch: z.number().int().min(1).default(50),
  /** The most bytes of JSON in one request; the server refuses more than 32 MiB. @default 8388608 */
  batchBytes: z
    .number()
    .int()
    .min(1024)
    .max(30 * MEBIBYTE)
    .default(8 * MEBIBYTE),
  /** The most points in one request. @default 128 */
  batchCount: z.number().int().min(1).max(10_000).default(128),
  /** Writing requests in flight at once, over all documents. @default 3 */
  concurrency: z.number().int().min(1).max(64).default(3),
  /**
   * Bulk mode, for large first loads: the server puts off indexing vectors (`indexing_threshold: 0`) from the first
   * write on until `close()`, and takes it up with the threshold that was set before. Points are found all the same,
   * more slowly. `"auto"` enters it when 50,000 points were written into a collection that was empty. Needs Qdrant
   * 1.16 and a key that may change the collection; without them the load goes on as usual.
   *
   * After a crash, the next sink that opens the collection restores the threshold. Until then other programs would
   * search an index that lags behind, which is why it is off unless asked for. @default false
   */
  bulk: z.union([z.boolean(), z.literal("auto")]).default(false),
  /** Told what went wrong with bulk mode, which stops nothing. @default a warning of the process */
  onProblem: z
    .custom<(problem: UnsiloedError) => void>((value) => typeof value === "function", "expected a function")
    .default(() => (problem: UnsiloedError) => process.emitWarning(problem.message, problem.name)),
  /** Limit of one request, in milliseconds. @default 60000 */
  timeoutMs: z.number().int().min(1).default(60_000),
  /** Tries of one request in all. @default 4 */
  attempts: z.number().int().min(1).default(4),
  /** Used when the collection is created, ignored when it exists: `shard_number`, `hnsw_config`, … */
  creation: z
    .custom<QdrantCreation>(isObject, "expected an object of Qdrant's collection settings")
    .optional(),
  /** Time as the sink sees it. @default the system's */
  clock: z.custom<Clock>(isObject, "expected a Clock").default(systemClock),
});

export type QdrantSinkOptions = z.input<typeof qdrantOptionsSchema>;
export type QdrantSettings = z.output<typeof qdrantOptionsSchema>;

/** Name of the BM25 vector the settings ask for; `undefined` for none. */
export const sparseName = ({ sparse, payload }: QdrantSettings): string | undefined =>
  sparse === false ? undefined : (sparse ?? PAYLOAD_LAYOUTS[payload].sparse);
