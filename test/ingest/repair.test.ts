import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import type { Emulator } from "../../src/emulator/emulator.js";
import { startEmulator } from "../../src/emulator/server.js";
import { ingest } from "../../src/ingest/ingest.js";
import { repairLedger } from "../../src/ingest/repair.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { failingAt } from "../support/failing-at.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { smallResult } from "../support/parse-service.js";

/** Makes a file whose result has so many pages. */
const fileOf = (pages: number, name: string) => ({ data: Buffer.from("%PDF".padEnd(4 + pages)), name });

describe("repair", () => {
  let directory: string;
  let sink: LanceDbSink;
  let emulator: Emulator;
  let results: KeptResults;
  const splitter = new SegmentSplitter({ chunkSize: 20, chunkOverlap: 0 });
  const embeddings = new HashedEmbeddings();

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-repair-"));
    sink = new LanceDbSink({ directory });
    results = new KeptResults({ directory: path.join(directory, "results") });
    emulator = await startEmulator({
      results: ({ fileName, bytes }) => smallResult(bytes - "%PDF".length, fileName.length),
    });
  });

  afterEach(async () => {
    await Promise.all([sink.close(), emulator.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  const run = (
    name: string,
    bytes: number,
    ledger: MemoryLedger,
    keep: KeptResults | undefined = results,
  ) => {
    const client = new UnsiloedClient({ apiKey: "k", baseUrl: emulator.url });
    const loader = new UnsiloedFileLoader(fileOf(bytes, name), { client });
    return ingest(loader.sources(), { sink, embeddings, splitter, ledger, ...(keep && { results: keep }) });
  };

  const pointsOf = async (docId: string): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { id } of sink.listPoints(docId)) ids.push(id);
    return ids.sort();
  };

  it("recognizes a document that is completely stored", async () => {
    const before = new MemoryLedger();
    await run("a.pdf", 3, before);
    const after = new MemoryLedger();
    expect(await repairLedger({ sink, ledger: after, results })).toEqual({
      left: [],
      stored: ["a.pdf"],
      unfinished: [],
    });
    const [was, is] = [await before.get("a.pdf"), await after.get("a.pdf")];
    expect(is).toMatchObject({
      state: "stored",
      content_hash: was?.content_hash,
      parse_hash: was?.parse_hash,
      options_hash: was?.options_hash,
      job_id: was?.job_id,
      version: was?.version,
    });
    expect(is?.point_ids.toSorted()).toEqual(was?.point_ids.toSorted());
    const report = await run("a.pdf", 3, after);
    expect(report.sources).toMatchObject({ unchanged: 1 });
    const stored = was?.segments?.stored ?? 0;
    expect(stored).toBeGreaterThan(0);
    expect(report.segments).toMatchObject({ total: stored, stored, filtered: {}, failed: 0 });
    expect(emulator.submissions).toBe(1);
  });

  it("does not mistake a part of a document for the whole", async () => {
    const before = new MemoryLedger();
    await run("a.pdf", 3, before, undefined);
    const [first = ""] = await pointsOf("a.pdf");
    await sink.deletePoints([first]);
    const ledger = new MemoryLedger();
    expect(await repairLedger({ sink, ledger })).toMatchObject({ stored: [], unfinished: ["a.pdf"] });
    const report = await run("a.pdf", 3, ledger, undefined);
    expect(report.sources).toMatchObject({ succeeded: 1, unchanged: 0 });
    expect(await pointsOf("a.pdf")).toContain(first);
    expect(emulator.submissions).toBe(1);
  });

  it("continues an interrupted replacement from the kept result", async () => {
    const ledger = new MemoryLedger();
    await run("a.pdf", 2, ledger);
    const old = await pointsOf("a.pdf");
    const failing = failingAt(sink, "deletePoints");
    const client = new UnsiloedClient({ apiKey: "k", baseUrl: emulator.url });
    const changed = new UnsiloedFileLoader(fileOf(1, "a.pdf"), { client });
    await ingest(changed.sources(), { sink: failing, embeddings, splitter, ledger, results });
    expect((await pointsOf("a.pdf")).length).toBeGreaterThanOrEqual(old.length);
    const rebuilt = new MemoryLedger();
    expect(await repairLedger({ sink, ledger: rebuilt, results })).toMatchObject({ unfinished: ["a.pdf"] });
    const report = await run("a.pdf", 1, rebuilt);
    expect(report.sources).toMatchObject({ succeeded: 1 });
    expect(emulator.submissions).toBe(2);
    expect(await sink.count({ docIds: ["a.pdf"] })).toBe((await rebuilt.get("a.pdf"))?.point_ids.length);
  });

  it("finds a document that was parsed but never stored", async () => {
    const ledger = new MemoryLedger();
    const failing = failingAt(sink, "upsert");
    const client = new UnsiloedClient({ apiKey: "k", baseUrl: emulator.url });
    const loader = new UnsiloedFileLoader(fileOf(2, "a.pdf"), { client });
    await ingest(loader.sources(), { sink: failing, embeddings, splitter, ledger, results });
    const rebuilt = new MemoryLedger();
    expect(await repairLedger({ sink, ledger: rebuilt, results })).toMatchObject({ unfinished: ["a.pdf"] });
    expect((await run("a.pdf", 2, rebuilt)).sources).toMatchObject({ succeeded: 1 });
    expect(emulator.submissions).toBe(1);
  });
});
