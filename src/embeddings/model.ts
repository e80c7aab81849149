import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import type { Vector } from "../internal/float32.js";
import { textProperty } from "./properties.js";

export interface EmbedOptions {
  /** Stops the call promptly, which then rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** Told of vectors as they come, by models that can, so that they are not lost should the rest of the call fail. */
  onVector?: ((index: number, vector: Vector) => void) | undefined;
}

/** What this package's embeddings offer beyond LangChain's interface. LangChain's own fit where one is asked for. */
export interface EmbeddingModel extends EmbeddingsInterface {
  /** Name a store remembers, to refuse vectors of another model. */
  readonly modelName: string;
  /** Length of each vector, where it is known before the first call. */
  readonly dimensions?: number | undefined;
  /** Whether calls at the same time share requests, so that many small ones cost what a large one does. */
  readonly sharesRequests?: boolean | undefined;
  /** One vector for each text, in order. */
  embedDocuments(texts: string[], options?: EmbedOptions): Promise<number[][]>;
  /** The same vectors as of `embedDocuments`, half the size; equal texts may have one in common, so change none. */
  embedFloats?(texts: string[], options?: EmbedOptions): Promise<Float32Array[]>;
  embedQuery(text: string, options?: EmbedOptions): Promise<number[]>;
  /**
   * Fails as a call would that the model itself must answer, where a cache may answer for it: so that a key that was
   * refused meanwhile shows before anything is paid for. Asks at most once, and not at all after the model answered.
   */
  reach?(options?: EmbedOptions): Promise<void>;
  /** Frees what the model holds; the next call starts it again. */
  close?(): Promise<void>;
}

/** Embedded to try a model. Any text does: only whether there is a vector, and its length, count. */
export const PROBE = "dimensions";

type EmbedFloats = NonNullable<EmbeddingModel["embedFloats"]>;

/** How far up its chain of prototypes an object has a property. */
const distanceOf = (object: object, name: string): number => {
  let distance = 0;
  for (let owner: object | null = object; owner; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, name)) break;
    distance += 1;
  }
  return distance;
};

/**
 * How embeddings give Float32Arrays, if they do. A subclass that has an `embedDocuments` of its own, such as one that
 * puts a prefix before each text, means all vectors of documents: what it inherits beside that would pass it by.
 */
export const embedFloatsOf = (
  embeddings: Pick<EmbeddingsInterface, "embedDocuments"> & Pick<EmbeddingModel, "embedFloats">,
): EmbedFloats | undefined =>
  distanceOf(embeddings, "embedFloats") <= distanceOf(embeddings, "embedDocuments")
    ? embeddings.embedFloats?.bind(embeddings)
    : undefined;

/** What of an embedding model is recorded with the vectors it made. */
export interface EmbeddingsDescription {
  model: string;
}

/**
 * Names any LangChain embeddings: by their `modelName` or `model`, else by their class.
 *
 * The number of dimensions is not asked for here: embed a probe text and take the length of its vector, as options
 * such as `dimensions` mean different things to different classes.
 *
 * @example
 * ```ts
 * describeEmbeddings(new OpenAIEmbeddings({ model: "text-embedding-3-large" })); // { model: "text-embedding-3-large" }
 * ```
 */
export const describeEmbeddings = (embeddings: EmbeddingsInterface): EmbeddingsDescription => ({
  model: textProperty(embeddings, ["modelName", "model"]) ?? embeddings.constructor.name,
});
