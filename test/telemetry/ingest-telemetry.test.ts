import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { SpanStatusCode } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import type { DocumentSource } from "../../src/documents/source.js";
import { PackedOpenAIEmbeddings } from "../../src/embeddings/openai/openai-embeddings.js";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { ingest } from "../../src/ingest/ingest.js";
import type { IngestEvent } from "../../src/ingest/run/events.js";
import { parseCalls } from "../../src/internal/measurements.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { IngestTelemetry } from "../../src/telemetry/ingest-telemetry.js";
import { COUNTERS, HISTOGRAMS } from "../../src/telemetry/instruments.js";
import { OpenAIServer } from "../support/openai/server.js";
import { smallResult } from "../support/parse-service.js";

const ROOT = path.resolve(import.meta.dirname, "../..");
const pdf = (name: string) => ({ name, data: new TextEncoder().encode(`%PDF-1.7 ${name}`) });

describe("telemetry of a run", () => {
  let directory: string;
  let sink: LanceDbSink;
  let emulator: Emulator;
  let openai: OpenAIServer;
  const spans = new InMemorySpanExporter();
  let measured: InMemoryMetricExporter;
  let tracing: BasicTracerProvider;
  let measuring: MeterProvider;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-telemetry-"));
    sink = new LanceDbSink({ directory });
    [emulator, openai] = await Promise.all([
      startEmulator({ results: smallResult(2, 3) }),
      OpenAIServer.start({ dimensions: 8 }),
    ]);
    spans.reset();
    measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
    measuring = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: measured })] });
  });

  afterEach(async () => {
    await Promise.all([sink.close(), emulator.close(), openai.close(), measuring.shutdown()]);
    await rm(directory, { recursive: true, force: true });
  });

  const open = () =>
    new IngestTelemetry({ tracer: tracing.getTracer("test"), meter: measuring.getMeter("test") });

  const run = async (sources: AsyncIterable<DocumentSource>, onEvent: (event: IngestEvent) => void) =>
    ingest(sources, {
      sink,
      embeddings: new PackedOpenAIEmbeddings({ apiKey: "k", baseURL: openai.baseURL }),
      splitter: new SegmentSplitter(),
      onEvent,
    });

  const sourcesOf = (...names: string[]) => {
    const client = new UnsiloedClient({ apiKey: "k", baseUrl: emulator.url });
    const wait = { pollIntervalMs: 20 };
    return new UnsiloedFileLoader(names.map(pdf), { client, wait }).sources();
  };

  /** Sums of counters, and numbers of values in histograms, by name and attributes. */
  const sums = async (): Promise<Record<string, number>> => {
    await measuring.forceFlush();
    const last = measured.getMetrics().at(-1);
    const points = last?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
    return Object.fromEntries(
      points.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [
          [descriptor.name, ...Object.values(attributes)].join(" "),
          typeof value === "number" ? value : value.count,
        ]),
      ),
    );
  };

  it("has a span of each document with one of each stage below it", async () => {
    const telemetry = open();
    await run(sourcesOf("a.pdf"), telemetry.onEvent);
    telemetry.close();
    const ended = spans.getFinishedSpans();
    const document = ended.find(({ name }) => name === "unsiloed.document");
    expect(document?.attributes).toMatchObject({
      "unsiloed.doc_id": "a.pdf",
      "unsiloed.outcome": "stored",
      "unsiloed.segments": 6,
    });
    const below = ended.filter(
      ({ parentSpanContext }) => parentSpanContext?.spanId === document?.spanContext().spanId,
    );
    expect(below.map(({ name }) => name)).toEqual([
      "unsiloed.parse",
      "unsiloed.split",
      "unsiloed.embed",
      "unsiloed.store",
    ]);
    expect(below[0]?.events.map(({ name }) => name)).toContain("submitted");
  });

  it("counts documents, calls, points and tokens, and measures durations", async () => {
    const telemetry = open();
    await run(sourcesOf("a.pdf", "b.pdf"), telemetry.onEvent);
    telemetry.close();
    const found = await sums();
    expect(found).toMatchObject({
      "unsiloed.documents stored": 2,
      "unsiloed.segments": 12,
      "unsiloed.document.duration stored": 2,
      "unsiloed.stage.duration parse": 2,
      "unsiloed.stage.duration store": 2,
      "unsiloed.parse.calls submit 200": 2,
      "unsiloed.job.detection_delay": 2,
    });
    for (const name of [
      "unsiloed.pages",
      "unsiloed.credits",
      "unsiloed.points upserted",
      "unsiloed.texts embedded",
      "unsiloed.embedding.calls 200",
      "unsiloed.embedding.tokens",
    ])
      expect(found[name], name).toBeGreaterThan(0);
  });

  it("marks the span of a document that failed, and counts refused calls by their status", async () => {
    const telemetry = open();
    openai.faults.push({ kind: "error", status: 429 });
    async function* sources(): AsyncGenerator<DocumentSource> {
      const read = () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("broken")) }),
      });
      yield { docId: "broken.pdf", source: "broken.pdf", read };
      yield* sourcesOf("a.pdf");
    }
    await run(sources(), telemetry.onEvent);
    telemetry.close();
    const failed = spans
      .getFinishedSpans()
      .find(({ attributes }) => attributes["unsiloed.outcome"] === "failed");
    expect(failed).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: "UNEXPECTED" } });
    expect(failed?.events.map(({ name }) => name)).toEqual(["failure"]);
    expect(await sums()).toMatchObject({
      "unsiloed.documents failed UNEXPECTED": 1,
      "unsiloed.documents stored": 1,
      "unsiloed.embedding.calls 429": 1,
    });
  });

  it("listens to nothing any more after it was closed", () => {
    open().close();
    expect(parseCalls.isObserved).toBe(false);
  });

  it("is described in docs/telemetry.md, name by name with unit", () => {
    const documented = readFileSync(path.join(ROOT, "docs/telemetry.md"), "utf8");
    for (const [name, { unit }] of Object.entries({ ...COUNTERS, ...HISTOGRAMS }))
      expect(documented).toContain(`| \`${name}\` | ${unit.replace(/[{}]/g, "")} |`);
  });
});
