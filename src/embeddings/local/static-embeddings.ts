import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { UnsiloedError } from "../../errors.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { numbersOf } from "../../internal/numbers/float32.js";
import { parseOptions } from "../../internal/options.js";
import type { EmbeddingModel, EmbedOptions } from "../model.js";
import { refuseBlank } from "../texts.js";
import {
  findBundledModel,
  type ModelConfig,
  type ModelFiles,
  modelFiles,
  modelName,
  readConfig,
} from "./model-config.js";
import { readModel } from "./model-files.js";
import { TokenVectors } from "./text-vector.js";

/** Options of {@link StaticEmbeddings}. */
export interface StaticEmbeddingsOptions {
  /** Directory of the model: `config.json`, `tokenizer.json` and `vectors.bin`. @default the bundled model */
  directory?: string | undefined;
}

export const staticEmbeddingsSchema = z.strictObject({ directory: z.string().min(1).optional() });

/** How many words and tokens are read before other work gets its turn: about 10 ms. */
const WORK_PER_TURN = 8_000;

/**
 * Embeds texts with the bundled static model, without a key, a network or a runtime: each token has one vector, and the
 * vector of a text is their weighted mean. It is fast, and finds what is worded alike or about the same subject. It does
 * not read: the order of words, a negation or who did what to whom makes no difference. A model behind
 * `PackedOpenAIEmbeddings`, of a service or of a server on your machine, finds more.
 *
 * Vectors have length 1, and are the same in every process. A text without any token that the model knows gets zeros,
 * which are like no other vector. Blank texts are refused. The model is read by the first call. It works on the main thread and gives way to other work every few milliseconds.
 *
 * @throws UnsiloedError `MISSING_PACKAGE` when the files of the model are not there, as in a bundle where this package is not installed.
 *   From calls: `EMBEDDING_FAILED` for blank texts, `ABORTED`
 * @example
 * ```ts
 * const embeddings = new StaticEmbeddings();
 * const store = await QdrantVectorStore.fromDocuments(documents, embeddings, { url, collectionName: "reports" });
 * ```
 */
export class StaticEmbeddings implements EmbeddingModel {
  readonly modelName: string;
  readonly dimensions: number;
  readonly givesZeros = true;
  readonly #files: ModelFiles;
  readonly #config: ModelConfig;
  #loading: Promise<TokenVectors> | undefined;

  constructor(options: StaticEmbeddingsOptions = {}) {
    const { directory } = parseOptions(staticEmbeddingsSchema, options, "StaticEmbeddings");
    this.#files = directory === undefined ? findBundledModel() : modelFiles(directory);
    this.#config = readConfig(this.#files.config);
    this.modelName = modelName(this.#config);
    this.dimensions = this.#config.dimensions;
  }

  /** Returns one vector for each text, in order. */
  async embedDocuments(texts: string[], options: EmbedOptions = {}): Promise<number[][]> {
    return (await this.embedFloats(texts, options)).map(numbersOf);
  }

  async embedFloats(texts: string[], { signal }: EmbedOptions = {}): Promise<Float32Array[]> {
    refuseBlank(texts);
    const tokenVectors = await untilAborted(() => this.#load(), signal);
    throwIfAborted(signal);
    const vectors: Float32Array[] = [];
    let work = 0;
    for (const text of texts) {
      const words = tokenVectors.embed(text);
      let word = words.next();
      while (!word.done) {
        work += word.value;
        if (work >= WORK_PER_TURN) {
          work = 0;
          await setImmediate();
          throwIfAborted(signal);
        }
        word = words.next();
      }
      vectors.push(word.value);
    }
    return vectors;
  }

  async embedQuery(text: string, options: EmbedOptions = {}): Promise<number[]> {
    const [vector] = await this.embedDocuments([text], options);
    if (!vector) throw new UnsiloedError("INVARIANT", "one text gave no vector");
    return vector;
  }

  /** Frees the memory of the model. The next call reads it again. */
  async close(): Promise<void> {
    this.#loading = undefined;
  }

  #load(): Promise<TokenVectors> {
    this.#loading ??= this.#read();
    return this.#loading;
  }

  async #read(): Promise<TokenVectors> {
    try {
      return new TokenVectors(await readModel(this.#files, this.#config));
    } catch (thrown) {
      // The next call tries again, since the files may be there by then.
      this.#loading = undefined;
      throw thrown;
    }
  }
}
