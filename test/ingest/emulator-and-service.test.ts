import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { ingest } from "../../src/ingest/ingest.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { smallResult } from "../support/parse-service.js";

const SERVICE = "https://parse.example";

describe("one ledger for the emulator and the service", () => {
  let directory: string;
  let sink: LanceDbSink;
  let ledger: MemoryLedger;
  /** What plays the service answers at the address of the service, through a `fetch` of the client. */
  let servers: { emulator: Emulator; service: Emulator };

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-both-"));
    sink = new LanceDbSink({ directory });
    ledger = new MemoryLedger();
    const [emulator, service] = await Promise.all([
      startEmulator({ results: smallResult(2, 3) }),
      startEmulator({ results: smallResult(4, 3) }),
    ]);
    servers = { emulator, service };
  });

  afterEach(async () => {
    await Promise.all([sink.close(), servers.emulator.close(), servers.service.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  const clients = {
    emulator: () => new UnsiloedClient({ apiKey: "k", baseUrl: servers.emulator.url }),
    service: () =>
      new UnsiloedClient({
        apiKey: "k",
        baseUrl: SERVICE,
        fetch: (url, init) => fetch(String(url).replace(SERVICE, servers.service.url), init),
      }),
  };

  const run = (at: keyof typeof clients) =>
    ingest(
      new UnsiloedFileLoader(
        { data: Buffer.from("%PDF"), name: "a.pdf" },
        { client: clients[at]() },
      ).sources(),
      {
        sink,
        embeddings: new HashedEmbeddings(),
        splitter: new SegmentSplitter(),
        ledger,
        results: new KeptResults({ directory: path.join(directory, "results") }),
      },
    );

  it("parses at the service the documents that only the emulator has parsed", async () => {
    const tried = await run("emulator");
    expect((await run("emulator")).sources).toMatchObject({ unchanged: 1 });
    const report = await run("service");
    expect(report.failures).toEqual([]);
    expect(report.sources).toMatchObject({ succeeded: 1, unchanged: 0 });
    expect(report.segments.total).toBeGreaterThan(tried.segments.total);
    expect((await ledger.get("a.pdf"))?.job_id).toBe(servers.service.jobs[0]?.jobId);
    expect([servers.emulator.submissions, servers.service.submissions]).toEqual([1, 1]);
  });

  it("keeps the service's jobs when the emulator is used again", async () => {
    await run("service");
    const before = await ledger.get("a.pdf");
    expect((await run("emulator")).sources).toMatchObject({ unchanged: 1 });
    expect((await run("service")).sources).toMatchObject({ unchanged: 1 });
    expect(await ledger.get("a.pdf")).toEqual(before);
    expect([servers.emulator.submissions, servers.service.submissions]).toEqual([0, 1]);
  });
});
