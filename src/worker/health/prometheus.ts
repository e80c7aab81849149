import type { IncomingMessage, ServerResponse } from "node:http";
import type { IngestEventListener } from "../../ingest/run/events.js";
import { importOptional } from "../../internal/optional-import.js";
import type { QueueCounts } from "../../queue/queue.js";

const PACKAGES = "@opentelemetry/api @opentelemetry/sdk-metrics @opentelemetry/exporter-prometheus";

/** What a worker measures, as Prometheus reads it. */
export interface PrometheusMetrics {
  /** To be told the events of the run. */
  onEvent: IngestEventListener;
  /** Answers with all measurements so far. */
  answer(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** Asked at each scrape. */
export interface QueueMeasurements {
  counts: () => Promise<QueueCounts>;
  /** How many documents this worker has taken. */
  taken: () => number;
}

/**
 * Collects what docs/telemetry.md lists for Prometheus, whose names have underscores and end in `_total` for counters:
 * `unsiloed.parse.calls` becomes `unsiloed_parse_calls_total`.
 *
 * @throws UnsiloedError `MISSING_PACKAGE`
 */
export const openPrometheus = async (queue: QueueMeasurements): Promise<PrometheusMetrics> => {
  const [{ ProxyTracerProvider }, { MeterProvider }, { PrometheusExporter }, { IngestTelemetry }] =
    await importOptional(
      () =>
        Promise.all([
          import("@opentelemetry/api"),
          import("@opentelemetry/sdk-metrics"),
          import("@opentelemetry/exporter-prometheus"),
          import("../../telemetry/ingest-telemetry.js"),
        ]),
      "/metrics",
      PACKAGES,
    );
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const meter = provider.getMeter("unsiloed-ingest");
  // Spans are for an SDK that the process was started with.
  const telemetry = new IngestTelemetry({ meter, tracer: new ProxyTracerProvider().getTracer("none") });
  meter
    .createObservableGauge("unsiloed.queue.documents", {
      unit: "{document}",
      description: "documents in the queue of all workers",
    })
    .addCallback(async (gauge) => {
      for (const [state, count] of Object.entries(await queue.counts())) gauge.observe(count, { state });
    });
  meter
    .createObservableGauge("unsiloed.worker.documents", {
      unit: "{document}",
      description: "documents that this worker has taken",
    })
    .addCallback((gauge) => gauge.observe(queue.taken()));
  return {
    onEvent: telemetry.onEvent,
    answer: (request, response) => exporter.getMetricsRequestHandler(request, response),
    close: async () => {
      telemetry.close();
      await provider.shutdown();
    },
  };
};
