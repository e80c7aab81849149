import type { EmbeddingModel } from "../../embeddings/model.js";

type TriedEmbeddings = Pick<EmbeddingModel, "embedDocuments" | "reach">;

/** Tries the service behind a cache of embeddings before anything is submitted; once it has answered, never again. */
export class EmbeddingTrial {
  readonly #embeddings: TriedEmbeddings;
  readonly #signal: AbortSignal | undefined;
  #trial: Promise<void> | undefined;

  constructor(embeddings: TriedEmbeddings, signal: AbortSignal | undefined) {
    this.#embeddings = embeddings;
    this.#signal = signal;
  }

  /** Who asks at the same time shares a trial; one that failed is repeated for the next. */
  async pass(): Promise<void> {
    this.#trial ??= this.#embeddings.reach?.({ signal: this.#signal }) ?? Promise.resolve();
    const trial = this.#trial;
    try {
      await trial;
    } catch (thrown) {
      if (this.#trial === trial) this.#trial = undefined;
      throw thrown;
    }
  }
}
