import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../../loaders/file-loader.js";
import { CachedEmbeddings } from "../../../src/embeddings/cache/cached-embeddings.js";
import { PackedOpenAIEmbeddings } from "../../../src/embeddings/openai/openai-embeddings.js";
import type { Emulator } from "../../../src/emulator/emulator.js";
import { startEmulator } from "../../../src/emulator/server.js";
import { ingest } from "../../../src/ingest/ingest.js";
import { MemoryLedger } from "../../../src/ledger/memory-ledger.js";
import { UnsiloedClient } from "../../../src/parse-api/client.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../../src/stores/lancedb/lancedb-sink.js";
import { OpenAIServer } from "../../support/openai/server.js";
import { smallResult } from "../../support/parse-service.js";

describe("embeddings behind a cache", () => {
  let directory: string;
  let sink: LanceDbSink;
  let emulator: Emulator;
  let openai: OpenAIServer;
  let ledger: MemoryLedger;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-trial-"));
    sink = new LanceDbSink({ directory: path.join(directory, "store") });
    ledger = new MemoryLedger();
    emulator = await startEmulator({ results: smallResult() });
    openai = await OpenAIServer.start({ apiKey: "right", dimensions: 8 });
  });

  afterEach(async () => {
    await Promise.all([sink.close(), emulator.close(), openai.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs with separate embeddings, like another process. */
  const run = async (names: readonly string[], apiKey: string) => {
    const requests = openai.requests.length;
    const client = new UnsiloedClient({ apiKey: "k", baseUrl: emulator.url, rateLimit: { requests: 1_000 } });
    // Of one title, which is embedded with each text.
    const files = names.map((name) => ({
      data: new TextEncoder().encode(`%PDF ${name}`),
      name: `${name}/report.pdf`,
    }));
    const model = new PackedOpenAIEmbeddings({ apiKey, baseURL: openai.baseURL, maxRetries: 0 });
    const embeddings = new CachedEmbeddings(model, { directory: path.join(directory, "embeddings") });
    try {
      const sources = new UnsiloedFileLoader(files, { client, wait: { pollIntervalMs: 10 } }).sources();
      const report = await ingest(sources, { sink, embeddings, splitter: new SegmentSplitter(), ledger });
      return { report, requests: openai.requests.length - requests };
    } finally {
      await embeddings.close();
    }
  };

  it("are checked once per run before any payment, and not when nothing is submitted", async () => {
    await run(["first"], "right");
    const { submissions } = emulator;

    const refused = await run(["first", "a", "b", "c", "d", "e", "f"], "revoked");
    expect(emulator.submissions).toBe(submissions);
    expect(refused.report.stopped).toMatchObject({ stage: "embed", code: "UNAUTHORIZED" });
    expect(refused.report.sources).toMatchObject({ unchanged: 1, succeeded: 1 });
    expect(refused.requests).toBe(1);

    const unchanged = await run(["first"], "revoked");
    expect(unchanged.report.sources).toMatchObject({ unchanged: 1, failed: 0 });
    expect(unchanged.requests).toBe(0);

    // All their texts are in the cache, so that the check is the only request.
    const mended = await run(["first", "a", "b", "c", "d", "e", "f"], "right");
    expect(mended.report.sources).toMatchObject({ succeeded: 7, unchanged: 1, failed: 0 });
    expect(emulator.submissions).toBe(submissions + 6);
    expect(mended.requests).toBe(1);
  });

  it("leave no unhandled rejection when the store fails at once", async () => {
    const model = new PackedOpenAIEmbeddings({ apiKey: "revoked", baseURL: openai.baseURL, maxRetries: 0 });
    const connect = () => {
      throw new Error("no store");
    };
    const broken = new Proxy(sink, {
      get: (target, key) => (key === "connect" ? connect : Reflect.get(target, key)),
    });
    const run = ingest([], { sink: broken, embeddings: model, splitter: new SegmentSplitter() });
    await expect(run).rejects.toThrow("no store");
    // The refusal arrives while the store fails; an unhandled rejection would fail this file.
    while (openai.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await model.embedQuery("x").catch(() => undefined);
  });
});
