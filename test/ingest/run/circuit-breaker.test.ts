import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../../loaders/file-loader.js";
import type { Emulator } from "../../../src/emulator/emulator.js";
import type { FaultInfo } from "../../../src/emulator/fault-rules.js";
import type { EmulatorOptions } from "../../../src/emulator/options.js";
import { startEmulator } from "../../../src/emulator/server.js";
import { UnsiloedError } from "../../../src/errors.js";
import { ingest } from "../../../src/ingest/ingest.js";
import type { IngestOptions } from "../../../src/ingest/options.js";
import { CircuitBreaker } from "../../../src/ingest/run/circuit-breaker.js";
import { MemoryLedger } from "../../../src/ledger/memory-ledger.js";
import { UnsiloedClient } from "../../../src/parse-api/client.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../../support/hashed-embeddings.js";
import { smallResult } from "../../support/parse-service.js";

const outage = () => new UnsiloedError("STORE_UNREACHABLE", "no answer", { retryable: true });

describe("CircuitBreaker", () => {
  it("opens after five outages of one service in a row, not before", () => {
    const breaker = new CircuitBreaker();
    for (let failures = 1; failures <= 4; failures++) breaker.failed("store", outage());
    expect(breaker.isOpen).toBe(false);
    breaker.failed("store", outage());
    expect(breaker.stop).toEqual({ stage: "store", error: outage() });
  });

  it("counts documents that failed with one shared request once", () => {
    const breaker = new CircuitBreaker();
    for (let request = 1; request <= 4; request++) {
      const error = outage();
      for (let document = 1; document <= 100; document++) breaker.failed("embed", error);
    }
    expect(breaker.isOpen).toBe(false);
    breaker.failed("embed", outage());
    expect(breaker.isOpen).toBe(true);
  });

  it("starts from zero when a document succeeds, and counts each service separately", () => {
    const breaker = new CircuitBreaker();
    for (let round = 0; round < 3; round++) {
      for (let failures = 1; failures <= 4; failures++) breaker.failed("store", outage());
      breaker.failed("embed", new UnsiloedError("RATE_LIMITED", "too fast", { retryable: true }));
      breaker.succeeded("store");
    }
    expect(breaker.isOpen).toBe(false);
  });

  it("never opens for faults of single documents", () => {
    const breaker = new CircuitBreaker();
    for (let failures = 1; failures <= 100; failures++) {
      breaker.failed("parse", new UnsiloedError("JOB_FAILED", "no such font"));
      breaker.failed("parse", new UnsiloedError("JOB_TIMEOUT", "too slow", { retryable: true }));
      breaker.failed("embed", new UnsiloedError("INPUT_TOO_LONG", "too long"));
    }
    expect(breaker.stop).toBeUndefined();
  });

  it("stops only submissions after five unknown outcomes in a row", () => {
    const breaker = new CircuitBreaker();
    const unknown = () => new UnsiloedError("SUBMISSION_UNKNOWN", "502: Bad Gateway");
    for (let round = 0; round < 3; round++) {
      for (let failures = 1; failures <= 4; failures++) breaker.failed("submit", unknown());
      breaker.succeeded("submit");
    }
    for (let failures = 1; failures <= 4; failures++) breaker.failed("submit", unknown());
    // A result that can be read does not prove that submissions succeed.
    breaker.succeeded("parse");
    expect(() => breaker.assertMaySubmit()).not.toThrow();
    breaker.failed("submit", unknown());
    expect(() => breaker.assertMaySubmit()).toThrow(expect.objectContaining({ code: "ABORTED" }));
    expect(breaker.isOpen).toBe(false);
    breaker.failed("submit", new UnsiloedError("UNAUTHORIZED", "no such key"));
    expect(breaker.isOpen).toBe(true);
  });

  it("stops only submissions when the account has no credits", () => {
    const breaker = new CircuitBreaker();
    breaker.failed("submit", new UnsiloedError("OUT_OF_CREDITS", "none left"));
    expect(breaker.isOpen).toBe(false);
    expect(() => breaker.assertMaySubmit()).toThrow(expect.objectContaining({ code: "ABORTED" }));
  });
});

describe("a run that ends early", () => {
  let directory: string;
  let sink: LanceDbSink;
  let emulator: Emulator;
  let ledger: MemoryLedger;
  const splitter = new SegmentSplitter();
  let embeddings: HashedEmbeddings;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-breaker-"));
    sink = new LanceDbSink({ directory });
    ledger = new MemoryLedger();
    embeddings = new HashedEmbeddings();
  });

  afterEach(async () => {
    await Promise.all([sink.close(), emulator.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  const sources = async (count: number, options: Partial<EmulatorOptions> = {}) => {
    emulator = await startEmulator({ results: smallResult(), ...options });
    const client = new UnsiloedClient({
      apiKey: "k",
      baseUrl: emulator.url,
      rateLimit: { requests: 1_000 },
    });
    const files = Array.from({ length: count }, (_, index) => ({
      data: new TextEncoder().encode(`%PDF ${index}`),
      name: `${index}.pdf`,
    }));
    return () => new UnsiloedFileLoader(files, { client, wait: { pollIntervalMs: 10 } }).sources();
  };

  const run = async (from: ReturnType<UnsiloedFileLoader["sources"]>, options: Partial<IngestOptions> = {}) =>
    ingest(from, { sink, embeddings, splitter, ledger, ...options });

  it("still reads the paid jobs when the account has no credits left", async () => {
    // Three jobs at 10 credits each.
    const of = await sources(6, { quota: 30 });
    const first = await run(of(), { concurrency: { parse: 1 } });
    expect(first.stopped).toMatchObject({ stage: "submit", code: "OUT_OF_CREDITS" });
    expect(first.sources).toEqual({
      total: 6,
      succeeded: 3,
      unchanged: 0,
      reused: 0,
      failed: 1,
      unfinished: 2,
    });
    const again = await run(of(), {
      concurrency: { parse: 1 },
      splitter: new SegmentSplitter({ chunkSize: 50 }),
    });
    expect(again.sources).toMatchObject({ succeeded: 3, failed: 1, unfinished: 2 });
    expect(emulator.submissions).toBe(3);
  });

  for (const fault of ["forbidden", "not_found"] as const)
    it(`fails the one job that the service does not open to the key, and ingests the others: ${fault}`, async () => {
      const of = await sources(5);
      const match = ({ jobId }: FaultInfo) => emulator.jobs[1]?.jobId === jobId;
      emulator.addFault({ on: "result", fault, match });
      const report = await run(of(), { concurrency: { parse: 1 } });
      expect(report).toMatchObject({ stopped: null, sources: { succeeded: 4, failed: 1, unfinished: 0 } });
      const code = fault === "forbidden" ? "JOB_FORBIDDEN" : "JOB_NOT_FOUND";
      expect(report.failures).toMatchObject([{ stage: "parse", code }]);
      expect(emulator.submissions).toBe(5);
    });

  it.each([
    ["status", "unauthorized"],
    ["submit", "forbidden"],
  ] as const)("ends when the key is refused: %s %s", async (on, fault) => {
    const of = await sources(5);
    emulator.addFault({ on, fault });
    const report = await run(of(), { concurrency: { parse: 1 } });
    expect(report.stopped).toMatchObject({ code: "UNAUTHORIZED" });
    expect(report.sources).toMatchObject({ failed: 1, unfinished: 4 });
  });

  for (const fault of ["bad_gateway", "timeout"] as const) {
    it(`does not send a thousand documents to a failing gateway: ${fault}`, async () => {
      const of = await sources(16);
      emulator.addFault({ on: "submit", fault, times: Number.POSITIVE_INFINITY });
      const report = await run(of(), { concurrency: { parse: 2 } });
      expect(report.stopped).toMatchObject({ stage: "submit", code: "SUBMISSION_UNKNOWN" });
      const { failed, unfinished } = report.sources;
      expect(failed).toBeGreaterThanOrEqual(5);
      expect(failed).toBeLessThan(8);
      expect(failed + unfinished).toBe(16);
      expect(emulator.requests).toHaveLength(failed);
      // The next run leaves documents of unknown outcome alone, and submits the others.
      emulator.clearFaults();
      const healed = await run(of());
      expect(healed.stopped).toBeNull();
      expect(healed.sources).toMatchObject({ succeeded: 16 - failed, failed, unfinished: 0 });
      expect(emulator.submissions).toBe(16 - failed);
    });
  }

  it("does not stop when splitting fails for some documents and succeeds for others", async () => {
    const from = await sources(12);
    let calls = 0;
    const crashing = {
      transformDocuments: async (...given: Parameters<SegmentSplitter["transformDocuments"]>) => {
        calls += 1;
        if (calls % 2 === 0)
          throw new UnsiloedError("UNEXPECTED", `the thread ended in call ${calls}`, { retryable: true });
        return splitter.transformDocuments(...given);
      },
    };
    const report = await run(from(), { splitter: crashing });
    expect(report.stopped).toBeNull();
    expect(report.sources).toMatchObject({ total: 12, succeeded: 6, failed: 6, unfinished: 0 });
    expect(new Set(report.failures.map(({ stage }) => stage))).toEqual(new Set(["split"]));
  });

  it("does not fail a thousand documents when the embeddings are down", async () => {
    const of = await sources(20);
    embeddings.onBatch = () => {
      throw new UnsiloedError("SERVICE_UNAVAILABLE", "down", { retryable: true });
    };
    const report = await run(of(), { concurrency: { parse: 2, embed: 1, store: 1 } });
    expect(report.stopped).toMatchObject({ stage: "embed", code: "SERVICE_UNAVAILABLE" });
    expect(report.sources.failed).toBeGreaterThanOrEqual(5);
    expect(report.sources.failed).toBeLessThan(15);
    expect(report.sources.failed + report.sources.unfinished).toBe(20);
    const submitted = emulator.submissions;
    expect(submitted).toBeLessThan(15);
    embeddings.onBatch = () => undefined;
    const healed = await run(of());
    expect(healed.sources).toMatchObject({ succeeded: 20 });
    expect(emulator.submissions).toBe(20);
  });

  it("finishes documents in flight when it is drained, and waits for no job", async () => {
    const drain = new AbortController();
    const of = await sources(5, {
      states: ({ fileName }) => (fileName === "0.pdf" ? undefined : ["Processing"]),
    });
    const stored: string[] = [];
    const report = await run(of(), {
      drain: drain.signal,
      concurrency: { parse: 2 },
      onEvent: (event) => {
        // The result of the first document was kept when the run is stopped; the second is waited for.
        if (event.type === "source-parsed") drain.abort();
        if (event.type === "source-stored") stored.push(event.source);
      },
    });
    expect(stored).toEqual(["0.pdf"]);
    expect(report.sources).toEqual({
      total: 5,
      succeeded: 1,
      unchanged: 0,
      reused: 0,
      failed: 0,
      unfinished: 4,
    });
    const submitted = emulator.submissions;
    expect(submitted).toBeLessThan(5);
    const states: Record<string, number> = {};
    for await (const { record } of ledger.list())
      if (record) states[record.state] = (states[record.state] ?? 0) + 1;
    expect(states).toEqual({ stored: 1, submitted: submitted - 1 });
  });
});
