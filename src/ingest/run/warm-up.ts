import type { DocumentSplitter } from "../../documents/splitter.js";
import type { EmbeddingModel } from "../../embeddings/model.js";
import type { Clock } from "../../internal/async/clock.js";

/** Loading takes some 0.1 s of this thread and as much of another, which submissions are not to wait for. */
const DELAY_MS = 500;

interface Prepared {
  prepare?(): void;
}

/** Has splitter and embeddings load what they need while jobs are under way, but not while the first are submitted. */
export class Preparation {
  readonly #parts: readonly Prepared[];
  readonly #clock: Clock;
  readonly #end = new AbortController();
  #state: "new" | "begun" | "done" = "new";

  constructor(
    splitter: DocumentSplitter,
    embeddings: Pick<EmbeddingModel, "embedDocuments" | "prepare">,
    clock: Clock,
  ) {
    this.#parts = [splitter, embeddings];
    this.#clock = clock;
  }

  /** A job is under way, so that there will be something to do. */
  begin(): void {
    if (this.#state === "done") this.#prepare();
    if (this.#state !== "new") return;
    this.#state = "begun";
    this.#clock.delay(DELAY_MS, this.#end.signal).then(
      () => {
        this.#state = "done";
        this.#prepare();
      },
      () => {
        // The run ended sooner.
      },
    );
  }

  end(): void {
    this.#end.abort();
  }

  #prepare(): void {
    for (const part of this.#parts) part.prepare?.();
  }
}
