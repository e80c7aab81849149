import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";
import type { IngestEvent, IngestEventListener } from "../ingest/run/events.js";
import { embeddingCalls, endedJobs, parseCalls } from "../internal/measurements.js";
import { DocumentSpans } from "./document-spans.js";
import { Instruments } from "./instruments.js";

const SCOPE = "unsiloed-ingest";

/** Where spans and measurements go. */
export interface IngestTelemetryOptions {
  /** @default that of the registered SDK */
  tracer?: Tracer | undefined;
  /** @default that of the registered SDK */
  meter?: Meter | undefined;
}

/**
 * Tells OpenTelemetry of a run: a span of each document with its stages, and what docs/telemetry.md lists of counters
 * and histograms. Calls of the parse API and of embedding services are those of the whole process, so one for each
 * process is enough; it may listen to several runs.
 *
 * Needs the package `@opentelemetry/api`, and an SDK that was registered before; without one nothing is recorded.
 *
 * @example
 * ```ts
 * import { IngestTelemetry } from "unsiloed-ingest/telemetry";
 *
 * const telemetry = new IngestTelemetry();
 * const report = await ingest(sources, { sink, embeddings, splitter, onEvent: telemetry.onEvent });
 * telemetry.close();
 * ```
 */
export class IngestTelemetry {
  /** To be passed to `ingest` as `onEvent`, or called by one that is. */
  readonly onEvent: IngestEventListener = (event) => this.#on(event);
  readonly #instruments: Instruments;
  readonly #spans: DocumentSpans;
  readonly #stops: readonly (() => void)[];

  constructor(options: IngestTelemetryOptions = {}) {
    const instruments = new Instruments(options.meter ?? metrics.getMeter(SCOPE));
    this.#instruments = instruments;
    this.#spans = new DocumentSpans(
      options.tracer ?? trace.getTracer(SCOPE),
      {
        stageEnded: (stage, ms) => instruments.record("unsiloed.stage.duration", ms, { stage }),
        documentEnded: (ms, outcome) => instruments.record("unsiloed.document.duration", ms, { outcome }),
      },
      () => performance.now(),
    );
    this.#stops = [
      parseCalls.observe(({ kind, status, durationMs }) => {
        instruments.add("unsiloed.parse.calls", 1, { kind, status: status ?? "none" });
        instruments.record("unsiloed.parse.call.duration", durationMs, { kind });
      }),
      endedJobs.observe(({ delayMs }) => instruments.record("unsiloed.job.detection_delay", delayMs)),
      embeddingCalls.observe(({ status, durationMs, tokens }) => {
        instruments.add("unsiloed.embedding.calls", 1, { status: status ?? "none" });
        instruments.add("unsiloed.embedding.tokens", tokens);
        instruments.record("unsiloed.embedding.call.duration", durationMs);
      }),
    ];
  }

  /** Ends open spans and stops listening to calls. */
  close(): void {
    for (const stop of this.#stops) stop();
    this.#spans.close();
  }

  #on(event: IngestEvent): void {
    if (event.type === "ready") return;
    this.#spans.on(event);
    const instruments = this.#instruments;
    switch (event.type) {
      case "source-parsed":
        instruments.add("unsiloed.segments", event.segments);
        instruments.add("unsiloed.pages", event.pages);
        instruments.add("unsiloed.credits", event.credits);
        break;
      case "source-split":
        instruments.add("unsiloed.splits", event.documents);
        break;
      case "source-embedded":
        instruments.add("unsiloed.texts", event.embedded, { vector: "embedded" });
        instruments.add("unsiloed.texts", event.reused, { vector: "reused" });
        break;
      case "source-stored":
        for (const change of ["upserted", "unchanged", "deleted"] as const)
          instruments.add("unsiloed.points", event[change], { change });
        break;
      case "source-unchanged":
        instruments.add("unsiloed.points", event.points, { change: "unchanged" });
        break;
      case "source-ended": {
        const { outcome, code } = event;
        instruments.add("unsiloed.documents", 1, { outcome, ...(code !== null && { code }) });
        break;
      }
      default:
    }
  }
}
