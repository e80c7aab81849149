import type { EmbeddingModel } from "../../embeddings/model.js";

type CheckedEmbeddings = Pick<EmbeddingModel, "embedDocuments" | "reach">;

/**
 * Checks that the service behind a cache of embeddings answers, before the first document is submitted: a wrong key
 * must not be found out after the parse was paid for. Once the service has answered, it is not asked again.
 */
export class EmbeddingCheck {
  readonly #embeddings: CheckedEmbeddings;
  readonly #signal: AbortSignal | undefined;
  #check: Promise<void> | undefined;

  constructor(embeddings: CheckedEmbeddings, signal: AbortSignal | undefined) {
    this.#embeddings = embeddings;
    this.#signal = signal;
  }

  /** Waits for the service. Calls at the same time share one check; a check that failed is repeated by the next call. */
  async pass(): Promise<void> {
    this.#check ??= this.#embeddings.reach?.({ signal: this.#signal }) ?? Promise.resolve();
    const check = this.#check;
    try {
      await check;
    } catch (thrown) {
      if (this.#check === check) this.#check = undefined;
      throw thrown;
    }
  }
}
