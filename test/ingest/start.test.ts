import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingest } from "../../src/ingest/ingest.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

/** Tells when it is read. */
class WatchedLedger extends MemoryLedger {
  #onRead: () => void = () => undefined;
  readonly read = new Promise<void>((resolve) => {
    this.#onRead = resolve;
  });

  override countPoints(...args: Parameters<MemoryLedger["countPoints"]>): Promise<number> {
    this.#onRead();
    return super.countPoints(...args);
  }
}

/** Answers the first question once the ledger is being read. */
class WaitingEmbeddings extends HashedEmbeddings {
  readonly #ledger: WatchedLedger;

  constructor(ledger: WatchedLedger) {
    super();
    this.#ledger = ledger;
  }

  override async embedQuery(text: string): Promise<number[]> {
    await this.#ledger.read;
    return super.embedQuery(text);
  }
}

describe("the start of a run", () => {
  let directory: string;
  let sink: LanceDbSink;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-start-"));
    sink = new LanceDbSink({ directory });
  });

  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("reads the ledger while the model answers", async () => {
    const ledger = new WatchedLedger();
    const embeddings = new WaitingEmbeddings(ledger);
    const report = await ingest([], { sink, embeddings, splitter: new SegmentSplitter(), ledger });
    expect(report.sources.total).toBe(0);
  });
});
