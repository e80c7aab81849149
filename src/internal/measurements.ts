/** A call of the parse API. */
export interface ParseCall {
  kind: "submit" | "fetch" | "status" | "poll";
  /** HTTP status of the answer; `null` where there was none. */
  status: number | null;
  durationMs: number;
}

/** A parse job that was found to have ended. */
export interface EndedJob {
  /** Time since its end by the clock of the service. */
  delayMs: number;
}

/** A request to an embedding service. */
export interface EmbeddingCall {
  /** HTTP status of the answer; `null` where there was none. */
  status: number | null;
  durationMs: number;
  texts: number;
  /** Tokens by the answer; `null` where it does not say. */
  tokens: number | null;
}

/** Passes on what is measured deep inside a client to those who observe it, such as telemetry. */
export class Measurements<T> {
  readonly #observers = new Set<(measured: T) => void>();

  /** Whether it is worth measuring. */
  get isObserved(): boolean {
    return this.#observers.size > 0;
  }

  report(measured: T): void {
    for (const observer of this.#observers) observer(measured);
  }

  /** @returns ends the observation */
  observe(observer: (measured: T) => void): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }
}

export const parseCalls = new Measurements<ParseCall>();
export const endedJobs = new Measurements<EndedJob>();
export const embeddingCalls = new Measurements<EmbeddingCall>();
