import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { messageOf, UnsiloedError } from "../errors.js";
import type { Vector } from "../internal/numbers/float32.js";
import { propertyOf } from "../internal/objects.js";

/** Options of one call to an embedding model. */
export interface EmbedOptions {
  /** Stops the call promptly, which then rejects with `ABORTED`. */
  signal?: AbortSignal | undefined;
  /**
   * Receives vectors before the end of the call, from models that produce them one by one, so that they are not lost
   * when the rest of the call fails. `index` is that of the text in the call.
   */
  onVector?: ((index: number, vector: Vector) => void) | undefined;
}

/**
 * An embedding model of this package. It is a LangChain `Embeddings` with a few more members; where the package takes
 * embeddings, any LangChain class works too.
 *
 * Rules for every implementation, checked by the contract suite in `test/contract/embeddings.ts`:
 * - One vector for each text, in the order of the texts, all of the same length, every number finite.
 * - The same text has the same vector in every call and in every batch, up to rounding.
 * - An empty list of texts returns an empty list. The texts of the caller are not changed.
 * - A blank text is refused with `EMBEDDING_FAILED`, naming its position. A service refuses it too, or its vector would
 *   match any question.
 * - A call succeeds as a whole or rejects with an `UnsiloedError`. `retryable` is true when the same call may succeed
 *   later. `EMBEDDING_FAILED` and `INPUT_TOO_LONG` without `retryable` blame the texts: the pipeline then sends fewer
 *   texts, down to the one to blame. Every other error ends the embedding of the document.
 * - When the signal aborts, the call rejects with `ABORTED` at once, also before the first request.
 * - Calls may overlap. After `close` the next call works again.
 * - The constructor loads no optional package and sends nothing.
 */
export interface EmbeddingModel extends EmbeddingsInterface {
  /** Name that a store records, to refuse vectors of another model. It must identify everything that changes vectors. */
  readonly modelName: string;
  /** Length of each vector, where it is known before the first call. */
  readonly dimensions?: number | undefined;
  /** Whether concurrent calls share requests. Then many small documents are embedded at the same time. @default false */
  readonly sharesRequests?: boolean | undefined;
  /**
   * Whether a text of which the model knows nothing gets zeros, and is found by its words alone. Zeros of any other
   * model are those of a broken service, and refused. @default false
   */
  readonly givesZeros?: boolean | undefined;
  /** Address of the service; none for a model that runs in this process. */
  readonly address?: string | undefined;
  /** Asks the service whether it lists the model, which costs nothing. */
  isListed?(options?: EmbedOptions): Promise<boolean>;
  /** Embeds the texts of documents. */
  embedDocuments(texts: string[], options?: EmbedOptions): Promise<number[][]>;
  /**
   * Embeds like `embedDocuments` into Float32Arrays, half the size. Equal texts may share an array, so callers must not
   * change them.
   */
  embedFloats?(texts: string[], options?: EmbedOptions): Promise<Float32Array[]>;
  /** Embeds a question. */
  embedQuery(text: string, options?: EmbedOptions): Promise<number[]>;
  /**
   * Asks the model itself, where a cache would answer otherwise, so that a refused key is noticed before anything is
   * paid for. Asks at most once, and not at all after the model has answered a call.
   */
  reach?(options?: EmbedOptions): Promise<void>;
  /** Frees the resources of the model; the next call starts it again. */
  close?(): Promise<void>;
}

/**
 * Embeds a question with any embeddings.
 *
 * @throws UnsiloedError that of the embeddings, or `EMBEDDING_FAILED` with the words of another library's error
 */
export const embedQuestion = async (
  embeddings: Pick<EmbeddingsInterface, "embedQuery">,
  question: string,
): Promise<number[]> => {
  try {
    return await embeddings.embedQuery(question);
  } catch (cause) {
    if (cause instanceof UnsiloedError) throw cause;
    throw new UnsiloedError("EMBEDDING_FAILED", `the embeddings failed: ${messageOf(cause)}`, { cause });
  }
};

/** Text to try a model with. Any text works: only the existence of the vector and its length matter. */
export const PROBE = "dimensions";

type EmbedFloats = NonNullable<EmbeddingModel["embedFloats"]>;

/** Returns how far up the chain of prototypes a property is defined. */
const distanceOf = (object: object, name: string): number => {
  let distance = 0;
  for (let owner: object | null = object; owner; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, name)) break;
    distance += 1;
  }
  return distance;
};

/**
 * Returns the `embedFloats` of embeddings, if it may be used instead of `embedDocuments`. A subclass that overrides only
 * `embedDocuments`, for instance to add a prefix to each text, must not be bypassed by the inherited `embedFloats`.
 */
export const embedFloatsOf = (
  embeddings: Pick<EmbeddingsInterface, "embedDocuments"> & Pick<EmbeddingModel, "embedFloats">,
): EmbedFloats | undefined =>
  distanceOf(embeddings, "embedFloats") <= distanceOf(embeddings, "embedDocuments")
    ? embeddings.embedFloats?.bind(embeddings)
    : undefined;

/** Returns the name that embeddings give their model in `modelName` or `model`, as LangChain's classes do. */
export const modelNameOf = (embeddings: object): string | undefined =>
  ["modelName", "model"]
    .map((name) => propertyOf(embeddings, name))
    .find((value): value is string => typeof value === "string" && value !== "");

/** Returns the name that a store records for embeddings without a name given: that of their model, else of their class. */
export const recordedName = (embeddings: EmbeddingsInterface): string =>
  modelNameOf(embeddings) ?? embeddings.constructor.name;
