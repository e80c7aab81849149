import { createHash } from "node:crypto";
import type { EmbeddingsInterface } from "@langchain/core/embeddings";
import { messageOf, UnsiloedError } from "../../errors.js";
import { throwIfAborted } from "../../internal/async/clock.js";
import { untilAborted } from "../../internal/async/until-aborted.js";
import { float32Of, isFiniteVector, numbersOf, type Vector } from "../../internal/float32.js";
import { stableJson } from "../../internal/hashing.js";
import { parseOptions } from "../../internal/options.js";
import { wrongCount } from "../isolate.js";
import { type EmbeddingModel, type EmbedOptions, embedFloatsOf, PROBE } from "../model.js";
import { countProperty, textProperty } from "../properties.js";
import { Flights } from "./in-flight.js";
import { type CacheCounts, type CachedEmbeddingsOptions, cachedEmbeddingsSchema } from "./options.js";
import { VectorCache } from "./vector-cache.js";

/** Raise it when what a key stands for changes. */
const KEY_VERSION = "1";

type Embed = (texts: string[], options: EmbedOptions) => Promise<readonly Vector[]>;
type Kind = "document" | "query";

interface Wanted {
  id: string;
  key: Buffer;
  text: string;
}

/**
 * Any LangChain embeddings with a cache on disk: a text is embedded once, across documents, runs and processes.
 *
 * Only what is missing is sent on, in one call; equal texts are sent once, also when several calls ask at the same
 * time. What a call embedded is on the disk before it returns. Vectors are rounded to float32, whether they come
 * from the cache or not, so that both are equal. What is damaged in the cache is embedded anew. A cache that cannot be
 * opened, read or written never fails a call: it is told once to `onProblem`, and texts go to the model.
 *
 * @throws UnsiloedError `INVALID_OPTION` from the constructor, also when the embeddings do not say which model they
 *   are. From calls what the embeddings throw; `ABORTED`; `EMBEDDING_FAILED` for the wrong number of vectors
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
  readonly #flights = new Flights();
  readonly #counts: CacheCounts = { hits: 0, misses: 0, shared: 0 };
  #length: number | undefined;
  #problem: UnsiloedError | undefined;
  #hasAnswered = false;

  constructor(embeddings: EmbeddingsInterface, options: CachedEmbeddingsOptions) {
    const { onProblem = () => undefined, ...given } = options;
    const settings = parseOptions(cachedEmbeddingsSchema, given, "CachedEmbeddings");
    const model = settings.model ?? textProperty(embeddings, ["modelName", "model"]);
    if (model === undefined)
      throw new UnsiloedError(
        "INVALID_OPTION",
        "CachedEmbeddings: model: the embeddings do not name theirs, and vectors of two models must not mix; give it",
      );
    this.modelName = model;
    this.dimensions = settings.dimensions ?? countProperty(embeddings, "dimensions");
    this.#length = this.dimensions;
    this.#inner = embeddings;
    this.#cache = new VectorCache(settings.directory, settings.maxBytes);
    this.#onProblem = onProblem;
    this.#prefix = stableJson([KEY_VERSION, model, this.dimensions ?? null, settings.options]);
  }

  get sharesRequests(): boolean {
    return Reflect.get(this.#inner, "sharesRequests") === true;
  }

  get counts(): Readonly<CacheCounts> {
    return { ...this.#counts };
  }

  /** Why the cache is not in use, if it is not. */
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

  /** Kept apart from documents, as many models embed questions in another way. */
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

  /** Which texts need not be sent to the model. */
  async areCached(texts: readonly string[]): Promise<boolean[]> {
    const keys = texts.map((text) => this.#wanted(text, "document").key);
    const vectors = await this.#attempt(() => this.#cache.read(keys));
    return texts.map((_, index) => vectors?.[index] !== undefined);
  }

  /** Bytes of all kept vectors. */
  async cacheBytes(): Promise<number> {
    return this.#cache.size();
  }

  /** Closes the cache, and the embeddings if they can be closed. */
  async close(): Promise<void> {
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
    const wanted = texts.map((text) => this.#wanted(text, kind));
    const found = new Map<string, Float32Array>();
    for (;;) {
      const open = new Map(wanted.filter(({ id }) => !found.has(id)).map((one) => [one.id, one]));
      if (open.size === 0) break;
      await this.#lookUp([...open.values()], found);
      throwIfAborted(signal);
      const missing = [...open.values()].filter(({ id }) => !found.has(id));
      // From here to the departure of the own texts nothing waits, so that no other call can send the same one.
      const foreign = missing.flatMap(({ id }) => {
        const arrival = this.#flights.of(id);
        return arrival ? [{ id, arrival }] : [];
      });
      const own = missing.filter(({ id }) => !this.#flights.of(id));
      if (own.length > 0) await this.#send(own, embed, found, signal);
      for (const { id, arrival } of foreign) {
        // A call that failed, or was aborted, says nothing about this one: what it did not bring is sent again.
        const vector = await untilAborted(() => arrival, signal);
        if (!vector) continue;
        this.#counts.shared += 1;
        found.set(id, vector);
      }
    }
    return wanted.map(({ id }) => found.get(id) ?? new Float32Array());
  }

  async #send(
    own: readonly Wanted[],
    embed: Embed,
    found: Map<string, Float32Array>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#counts.misses += own.length;
    const land = this.#flights.depart(own.map(({ id }) => id));
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
        land(id, vector);
      }
    }
  }

  /** The model's first answer says how long its vectors are; what the cache gave before of another length goes. */
  #learnLength(length: number | undefined, found: Map<string, Float32Array>): void {
    if (this.#length !== undefined || length === undefined) return;
    this.#length = length;
    for (const [id, vector] of found) if (vector.length !== length) found.delete(id);
  }

  async #lookUp(wanted: readonly Wanted[], found: Map<string, Float32Array>): Promise<void> {
    const vectors = await this.#attempt(() => this.#cache.read(wanted.map(({ key }) => key)));
    const lengths = new Set(vectors?.flatMap((vector) => vector?.length ?? []));
    // Without knowing the right length, vectors of several lengths cannot all be right.
    if (this.#length === undefined && lengths.size > 1) return;
    for (const [index, { id }] of wanted.entries()) {
      const vector = vectors?.[index];
      if (!vector || (this.#length !== undefined && vector.length !== this.#length)) continue;
      this.#counts.hits += 1;
      found.set(id, vector);
    }
  }

  async #keep(own: readonly Wanted[], arrived: ReadonlyMap<number, Float32Array>): Promise<void> {
    const vectors = [...arrived].flatMap(([index, vector]) => {
      const key = own[index]?.key;
      return key && vector.length > 0 && isFiniteVector(vector) ? [{ key, vector }] : [];
    });
    if (vectors.length > 0) await this.#attempt(() => this.#cache.write(vectors));
  }

  /** The cache is a help, not a need: the first failure ends its use. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#problem) return undefined;
    try {
      return await work();
    } catch (cause) {
      const first = this.#problem === undefined;
      this.#problem ??=
        cause instanceof UnsiloedError
          ? cause
          : new UnsiloedError("LEDGER_FAILED", `embedding cache: ${messageOf(cause)}`, { cause });
      if (first) this.#onProblem(this.#problem);
      return undefined;
    }
  }

  #wanted(text: string, kind: Kind): Wanted {
    const key = createHash("sha256").update(`${this.#prefix}\n${kind}\n`).update(text).digest();
    return { id: key.toString("base64"), key, text };
  }
}
