import { createHash } from "node:crypto";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { z } from "zod";
import { messageOf, UnsiloedError } from "../../errors.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { stableJson } from "../../internal/hashing.js";
import {
  float32Of,
  hasDirection,
  isFiniteVector,
  numbersOf,
  type Vector,
} from "../../internal/numbers/float32.js";
import { propertyOf } from "../../internal/objects.js";
import { parseOptions } from "../../internal/options.js";
import { type EmbeddingModel, type EmbedOptions, embedFloatsOf, modelNameOf, PROBE } from "../model.js";
import { wrongCount } from "../texts.js";
import { VectorCache } from "./vector-cache.js";

/** Options of {@link CachedEmbeddings}. */
export interface CachedEmbeddingsOptions extends CachedEmbeddingsSettings {
  /** Receives the reason when the cache cannot be used; the calls continue without it. @default does nothing */
  onProblem?: (problem: UnsiloedError) => void;
}

/** The options of {@link CachedEmbeddings} that are checked. */
export interface CachedEmbeddingsSettings {
  /** Directory of the cache, created when it does not exist. Any number of processes and models may share one. */
  directory: string;
  /** Name of the model. @default the `modelName` or `model` of the embeddings */
  model?: string | undefined;
  /** Length of each vector, where one model has several. @default the `dimensions` of the embeddings */
  dimensions?: number | undefined;
  /** Everything else that changes the vectors, such as a prompt, or the server when two of them differ. @default {} */
  options?: Record<string, unknown> | undefined;
  /** About how many bytes the cache may use; then the least recently used vectors are dropped. @default 2 GiB */
  maxBytes?: number | undefined;
  /** Whether the cache is only read: then no directory is created and no vector kept. @default false */
  readOnly?: boolean | undefined;
}

export const cachedEmbeddingsSchema = z.strictObject({
  directory: z.string().min(1),
  model: z.string().min(1).optional(),
  dimensions: z.number().int().positive().optional(),
  options: z.record(z.string(), z.unknown()).default({}),
  maxBytes: z
    .number()
    .int()
    .min(1_000_000)
    .default(2 ** 31),
  readOnly: z.boolean().default(false),
});

/** How many texts were asked for, by the origin of their vectors. Equal texts of a call count once. */
export interface CacheCounts {
  /** From the cache. */
  hits: number;
  /** Sent to the model. */
  misses: number;
  /** From another call that was asking for the same text at the same time. */
  shared: number;
}

/** Must be increased when the meaning of a key changes. */
const KEY_VERSION = "1";

type Embed = (texts: string[], options: EmbedOptions) => Promise<readonly Vector[]>;
type Kind = "document" | "query";

/** A text that a call asks for. */
interface RequestedText {
  id: string;
  key: Buffer;
  text: string;
}

/** Returns the number of dimensions that embeddings report, if they do. */
const dimensionsOf = (embeddings: object): number | undefined => {
  const value = propertyOf(embeddings, "dimensions");
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
};

/** The texts that calls are asking the model for, so that others wait for the same answer. */
class InFlight {
  readonly #texts = new Map<
    string,
    { arrival: Promise<Float32Array | undefined>; settle: (vector: Float32Array | undefined) => void }
  >();

  /** Returns the vector of a text in flight, which is `undefined` when the call that asks for it fails. */
  get(id: string): Promise<Float32Array | undefined> | undefined {
    return this.#texts.get(id)?.arrival;
  }

  start(id: string): void {
    let settle: (vector: Float32Array | undefined) => void = () => undefined;
    const arrival = new Promise<Float32Array | undefined>((resolve) => {
      settle = resolve;
    });
    this.#texts.set(id, { arrival, settle });
  }

  settle(id: string, vector: Float32Array | undefined): void {
    this.#texts.get(id)?.settle(vector);
    this.#texts.delete(id);
  }
}

/**
 * Adds a cache on disk to any LangChain embeddings: a text is embedded once, across documents, runs and processes.
 *
 * Only missing texts are sent to the model, in one call, and equal ones once, also when several calls ask for them at
 * the same time. New vectors are on disk before a call returns. Vectors are rounded to float32 whether they come from
 * the cache or not, so that both are equal. A damaged entry is embedded again. A cache that cannot be opened, read or
 * written fails no call: `onProblem` receives the reason once, and the texts go to the model.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor, also when the embeddings do not name their model. From
 *   calls what the embeddings throw; `ABORTED`; `EMBEDDING_FAILED` for a wrong number of vectors
 * @example
 * ```ts
 * const embeddings = new CachedEmbeddings(new PackedOpenAIEmbeddings(), { directory: ".unsiloed/embeddings" });
 * await embeddings.embedDocuments(texts);
 * console.log(embeddings.counts);
 * await embeddings.close();
 * ```
 */
export class CachedEmbeddings implements EmbeddingModel {
  readonly modelName: string;
  readonly dimensions: number | undefined;
  readonly #inner: Pick<EmbeddingModel, "embedDocuments" | "embedQuery" | "embedFloats" | "close">;
  readonly #cache: VectorCache;
  readonly #prefix: string;
  readonly #onProblem: (problem: UnsiloedError) => void;
  readonly #inFlight = new InFlight();
  readonly #counts: CacheCounts = { hits: 0, misses: 0, shared: 0 };
  #length: number | undefined;
  #problem: UnsiloedError | undefined;
  #hasAnswered = false;
  #closed = false;

  constructor(embeddings: EmbeddingsInterface, options: CachedEmbeddingsOptions) {
    const { onProblem = () => undefined, ...given } = { ...options };
    const settings = parseOptions(cachedEmbeddingsSchema, given, "CachedEmbeddings");
    const model = settings.model ?? modelNameOf(embeddings);
    if (model === undefined)
      throw new UnsiloedError(
        "INVALID_OPTION",
        "CachedEmbeddings: model: expected the name of the model, because the embeddings do not report one and vectors of two models must not mix",
      );
    this.modelName = model;
    this.dimensions = settings.dimensions ?? dimensionsOf(embeddings);
    this.#length = this.dimensions;
    this.#inner = embeddings;
    this.#cache = new VectorCache(settings.directory, settings.maxBytes, settings.readOnly);
    this.#onProblem = onProblem;
    this.#prefix = stableJson([KEY_VERSION, model, this.dimensions ?? null, settings.options]);
  }

  get sharesRequests(): boolean {
    return propertyOf(this.#inner, "sharesRequests") === true;
  }

  get givesZeros(): boolean {
    return propertyOf(this.#inner, "givesZeros") === true;
  }

  /** Where the vectors of all calls so far came from. */
  get counts(): Readonly<CacheCounts> {
    return { ...this.#counts };
  }

  /** The reason why the cache is not used, if there is one. */
  get problem(): UnsiloedError | undefined {
    return this.#problem;
  }

  async embedDocuments(texts: string[], options: EmbedOptions = {}): Promise<number[][]> {
    return (await this.embedFloats(texts, options)).map(numbersOf);
  }

  async embedFloats(texts: string[], { signal }: EmbedOptions = {}): Promise<Float32Array[]> {
    const inner = this.#inner;
    const embed: Embed = embedFloatsOf(inner) ?? inner.embedDocuments.bind(inner);
    return this.#embed(texts, "document", embed, signal);
  }

  /** Embeds a question. Questions have keys of their own, because many models embed them differently. */
  async embedQuery(text: string, { signal }: EmbedOptions = {}): Promise<number[]> {
    const embed: Embed = async (_texts, options) => [await this.#inner.embedQuery(text, options)];
    const [vector] = await this.#embed([text], "query", embed, signal);
    if (!vector) throw new UnsiloedError("INVARIANT", "one text gave no vector");
    return numbersOf(vector);
  }

  async reach(options: EmbedOptions = {}): Promise<void> {
    if (this.#hasAnswered) return;
    await this.#inner.embedQuery(PROBE, options);
    this.#hasAnswered = true;
  }

  /** Returns for each text whether its vector is in the cache. */
  async areCached(texts: readonly string[]): Promise<boolean[]> {
    const keys = texts.map((text) => this.#requested(text, "document").key);
    const vectors = await this.#attempt(() => this.#cache.read(keys));
    return texts.map((_, index) => vectors?.[index] !== undefined);
  }

  /** Closes the cache, and the embeddings if they can be closed. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#cache.close();
    await this.#inner.close?.();
  }

  async #embed(
    texts: readonly string[],
    kind: Kind,
    embed: Embed,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    throwIfAborted(signal);
    const wanted = texts.map((text) => this.#requested(text, kind));
    const found = new Map<string, Float32Array>();
    for (;;) {
      const open = new Map(wanted.filter(({ id }) => !found.has(id)).map((one) => [one.id, one]));
      if (open.size === 0) break;
      await this.#lookUp([...open.values()], found);
      throwIfAborted(signal);
      const missing = [...open.values()].filter(({ id }) => !found.has(id));
      // No await from here to `start` in `#send`, so that no other call can send the same text.
      const inFlight = missing.flatMap(({ id }) => {
        const arrival = this.#inFlight.get(id);
        return arrival ? [{ id, arrival }] : [];
      });
      const own = missing.filter(({ id }) => !this.#inFlight.get(id));
      if (own.length > 0) await this.#send(own, embed, found, signal);
      for (const { id, arrival } of inFlight) {
        // When the other call failed or was aborted, this call asks for the text itself in the next round.
        const vector = await untilAborted(() => arrival, signal);
        if (!vector) continue;
        this.#counts.shared += 1;
        found.set(id, vector);
      }
    }
    return wanted.map(({ id }) => found.get(id) ?? new Float32Array());
  }

  async #send(
    own: readonly RequestedText[],
    embed: Embed,
    found: Map<string, Float32Array>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#counts.misses += own.length;
    for (const { id } of own) this.#inFlight.start(id);
    const arrived = new Map<number, Float32Array>();
    const onVector = (index: number, vector: Vector): void => {
      if (index in own) arrived.set(index, float32Of(vector));
    };
    try {
      const texts = own.map(({ text }) => text);
      const vectors = await embed(texts, { ...(signal && { signal }), onVector });
      this.#hasAnswered = true;
      if (vectors.length !== own.length) throw wrongCount(vectors.length, own.length);
      for (const [index, vector] of vectors.entries())
        if (!arrived.has(index)) arrived.set(index, float32Of(vector));
      this.#learnLength(vectors[0]?.length, found);
    } finally {
      await this.#keep(own, arrived);
      for (const [index, { id }] of own.entries()) {
        const vector = arrived.get(index);
        if (vector) found.set(id, vector);
        this.#inFlight.settle(id, vector);
      }
    }
  }

  /** Learns the length of vectors from the first answer of the model, and drops cached ones of another length. */
  #learnLength(length: number | undefined, found: Map<string, Float32Array>): void {
    if (this.#length !== undefined || length === undefined) return;
    this.#length = length;
    for (const [id, vector] of found) if (vector.length !== length) found.delete(id);
  }

  async #lookUp(wanted: readonly RequestedText[], found: Map<string, Float32Array>): Promise<void> {
    const vectors = await this.#attempt(() => this.#cache.read(wanted.map(({ key }) => key)));
    const lengths = new Set(vectors?.flatMap((vector) => vector?.length ?? []));
    // While the right length is unknown, vectors of several lengths cannot be trusted.
    if (this.#length === undefined && lengths.size > 1) return;
    for (const [index, { id }] of wanted.entries()) {
      const vector = vectors?.[index];
      if (!vector || (this.#length !== undefined && vector.length !== this.#length)) continue;
      this.#counts.hits += 1;
      found.set(id, vector);
    }
  }

  async #keep(own: readonly RequestedText[], arrived: ReadonlyMap<number, Float32Array>): Promise<void> {
    const isSound = this.givesZeros ? isFiniteVector : hasDirection;
    const vectors = [...arrived].flatMap(([index, vector]) => {
      const key = own[index]?.key;
      return key && vector.length > 0 && isSound(vector) ? [{ key, vector }] : [];
    });
    if (vectors.length > 0) await this.#attempt(() => this.#cache.write(vectors));
  }

  /** Uses the cache until its first failure; everything works without it. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#problem) return undefined;
    try {
      return await work();
    } catch (cause) {
      // A call that its caller no longer waits for.
      if (this.#closed) return undefined;
      const first = this.#problem === undefined;
      this.#problem ??=
        cause instanceof UnsiloedError
          ? cause
          : new UnsiloedError("LEDGER_FAILED", `embedding cache: ${messageOf(cause)}`, { cause });
      if (first) this.#onProblem(this.#problem);
      return undefined;
    }
  }

  #requested(text: string, kind: Kind): RequestedText {
    const key = createHash("sha256").update(`${this.#prefix}\n${kind}\n`).update(text).digest();
    return { id: key.toString("base64"), key, text };
  }
}
