// Spans and measurements of a run, by OpenTelemetry's exporters for the console. A collector takes them likewise.
// In real projects, the SDK is registered by a file that is loaded first: node --import ./otel.js.
import { metrics, trace } from "@opentelemetry/api";
import {
  ConsoleMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { ingest, SegmentSplitter } from "unsiloed-ingest";
import { StaticEmbeddings } from "unsiloed-ingest/embeddings/local";
import { UnsiloedFileLoader } from "unsiloed-ingest/loaders";
import { LanceDbSink } from "unsiloed-ingest/stores/lancedb";
import { IngestTelemetry } from "unsiloed-ingest/telemetry";
import { startParseApi, withDirectory } from "./support/offline.js";

const tracing = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())],
});
trace.setGlobalTracerProvider(tracing);
const reader = new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() });
const measuring = new MeterProvider({ readers: [reader] });
metrics.setGlobalMeterProvider(measuring);

await withDirectory(async (directory) => {
  const { client, emulator } = await startParseApi();
  const file = { name: "annual-report.pdf", data: new TextEncoder().encode("%PDF-1.7") };
  const sink = new LanceDbSink({ directory });
  const embeddings = new StaticEmbeddings();
  const telemetry = new IngestTelemetry();

  await ingest(new UnsiloedFileLoader(file, { client }).sources(), {
    sink,
    embeddings,
    splitter: new SegmentSplitter(),
    onEvent: telemetry.onEvent,
  });
  telemetry.close();
  await Promise.all([sink.close(), embeddings.close(), emulator.close()]);
});
await Promise.all([tracing.shutdown(), measuring.shutdown()]);
