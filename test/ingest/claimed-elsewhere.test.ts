import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { DocumentSource } from "../../src/documents/source.js";
import { ingest } from "../../src/ingest/ingest.js";
import type { IngestEvent } from "../../src/ingest/run/events.js";
import { type Clock, systemClock } from "../../src/internal/async/clock.js";
import { newOwner } from "../../src/ledger/claims.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

const SAMPLE = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");
const ROUNDS = 5;

describe("a document that another run has claimed", () => {
  let directory: string;
  let sink: LanceDbSink;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-claimed-"));
    sink = new LanceDbSink({ directory });
  });

  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("is reported once and hashed once while the run waits for it", async () => {
    const ledger = new MemoryLedger();
    const owner = newOwner();
    await ledger.claim("report", owner);
    let waits = 0;
    const clock: Clock = {
      now: systemClock.now,
      delay: async (ms, signal) => {
        // Only the wait for other runs is short; claims are renewed in real time.
        if (ms > 1_000) return systemClock.delay(ms, signal);
        waits += 1;
        if (waits === ROUNDS) await ledger.release("report", owner);
      },
    };
    const events: IngestEvent[] = [];
    let hashed = 0;
    const counting = async function* (): AsyncGenerator<DocumentSource> {
      for await (const source of new UnsiloedResultLoader(SAMPLE, { docId: "report" }).sources())
        yield {
          docId: source.docId,
          source: source.source,
          identify: async (options) => {
            if (!source.identify) throw new Error("a saved result has an identity");
            hashed += 1;
            return source.identify(options);
          },
          read: (options) => source.read(options),
        };
    };
    const report = await ingest(counting(), {
      sink,
      embeddings: new HashedEmbeddings(),
      splitter: new SegmentSplitter(),
      ledger,
      clock,
      onEvent: (event) => events.push(event),
    });
    expect(report.sources).toMatchObject({ total: 1, succeeded: 1 });
    expect(waits).toBe(ROUNDS);
    expect(events.filter(({ type }) => type === "source-claimed-elsewhere")).toHaveLength(1);
    // Before it was found to be claimed, and when it was free.
    expect(hashed).toBe(2);
    expect(events.filter(({ type }) => type === "source-started")).toHaveLength(2);
  });
});
