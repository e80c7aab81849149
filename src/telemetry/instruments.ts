import type { Meter } from "@opentelemetry/api";

// What is measured, by name. docs/telemetry.md has a table of it, which a test compares.

export const COUNTERS = {
  "unsiloed.documents": { unit: "{document}", description: "documents that ended in a run" },
  "unsiloed.pages": { unit: "{page}", description: "pages of parse jobs, where the service says them" },
  "unsiloed.credits": { unit: "{credit}", description: "credits of parse jobs, where the service says them" },
  "unsiloed.segments": { unit: "{segment}", description: "segments that were read" },
  "unsiloed.splits": { unit: "{split}", description: "splits that were made" },
  "unsiloed.texts": { unit: "{text}", description: "texts that needed a vector" },
  "unsiloed.points": { unit: "{point}", description: "points in the store" },
  "unsiloed.parse.calls": { unit: "{call}", description: "calls of the parse API" },
  "unsiloed.embedding.calls": { unit: "{call}", description: "requests to the embedding service" },
  "unsiloed.embedding.tokens": { unit: "{token}", description: "tokens by the embedding service's answers" },
} as const;

const seconds = (...boundaries: number[]) => ({
  unit: "s",
  advice: { explicitBucketBoundaries: boundaries },
});
const SHORT = seconds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60);
const LONG = seconds(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800);

export const HISTOGRAMS = {
  "unsiloed.document.duration": { ...LONG, description: "from the start of a document to its end" },
  "unsiloed.stage.duration": { ...LONG, description: "time that a document spent in a stage" },
  "unsiloed.job.detection_delay": {
    ...seconds(0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300),
    description: "from the end of a parse job to the check that found it",
  },
  "unsiloed.parse.call.duration": { ...SHORT, description: "one call of the parse API" },
  "unsiloed.embedding.call.duration": { ...SHORT, description: "one request to the embedding service" },
} as const;

type Attributes = Readonly<Record<string, string | number>>;

/** Adds to counters and histograms by their names. */
export class Instruments {
  readonly #counters = new Map<string, ReturnType<Meter["createCounter"]>>();
  readonly #histograms = new Map<string, ReturnType<Meter["createHistogram"]>>();

  constructor(meter: Meter) {
    for (const [name, options] of Object.entries(COUNTERS))
      this.#counters.set(name, meter.createCounter(name, options));
    for (const [name, { advice, ...options }] of Object.entries(HISTOGRAMS))
      this.#histograms.set(
        name,
        meter.createHistogram(name, {
          ...options,
          advice: { explicitBucketBoundaries: [...advice.explicitBucketBoundaries] },
        }),
      );
  }

  add(name: keyof typeof COUNTERS, count: number | null | undefined, attributes?: Attributes): void {
    if (count) this.#counters.get(name)?.add(count, attributes);
  }

  /** @param ms a duration in milliseconds, which is recorded in seconds */
  record(name: keyof typeof HISTOGRAMS, ms: number, attributes?: Attributes): void {
    this.#histograms.get(name)?.record(ms / 1000, attributes);
  }
}
