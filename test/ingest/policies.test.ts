import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { formatReport } from "../../src/cli/commands/ingest.js";
import { startEmulator } from "../../src/emulator/server.js";
import { ingest } from "../../src/ingest/ingest.js";
import type { IngestSettings } from "../../src/ingest/options.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

const segment = (segment_type: string, content: string, confidence: number | null) => ({
  segment_type,
  content,
  confidence,
  page_number: 1,
});

const RESULT = {
  status: "Succeeded",
  chunks: [
    {
      segments: [
        segment("Table", "| key |\n| --- |\n| alpha |", 0.9),
        segment("Table", "| key |\n| --- |\n| beta |", 0.3),
        segment("Picture", "a blur", 0.1),
        segment("Picture", "", 0.1),
        segment("Formula", "x = y", null),
        segment("PageFooter", "1", 0.1),
      ],
    },
  ],
};

const POLICIES: NonNullable<NonNullable<IngestSettings["filter"]>["policies"]> = {
  Table: { minConfidence: 0.5 },
  Picture: { minConfidence: 0.5, below: "drop" },
  "*": { unknown: "flag" },
};

describe("policies of an ingestion", () => {
  let directory: string;
  let sink: LanceDbSink;
  const embeddings = new HashedEmbeddings();
  const splitter = new SegmentSplitter();

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-policies-"));
    sink = new LanceDbSink({ directory });
  });

  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (policies: typeof POLICIES = {}) =>
    ingest(new UnsiloedResultLoader(RESULT, { docId: "d" }).sources(), {
      sink,
      embeddings,
      splitter,
      filter: { policies },
    });

  const marks = async () => {
    const found: Record<string, unknown> = {};
    for await (const { metadata } of sink.readPoints({}))
      found[`${metadata.segment_type} ${metadata.segment_index}`] = metadata.low_confidence ?? false;
    return found;
  };

  it("leave out and flag segments, and keep the counts balanced", async () => {
    const report = await run(POLICIES);
    expect(report.failures).toEqual([]);
    expect(report.segments).toEqual({
      total: 6,
      stored: 3,
      filtered: { low_confidence: 2, page_footer: 1 },
      flagged: { low_confidence: 1, unknown_confidence: 1 },
      unknown_pages: [],
      failed: 0,
    });
    expect(await marks()).toEqual({ "Table 0": false, "Table 1": true, "Formula 4": true });
  });

  it("take effect when they change, and cost no embedding when only the flag changes", async () => {
    const first = await run();
    expect(first.segments).toMatchObject({ stored: 4, filtered: { empty: 1, page_footer: 1 }, flagged: {} });
    embeddings.embedded.length = 0;
    const second = await run(POLICIES);
    expect(second.points).toEqual({ upserted: 3, unchanged: 0, deleted: 1 });
    expect(embeddings.embedded).toEqual([]);
    expect(await run(POLICIES)).toMatchObject({ points: { upserted: 0, unchanged: 3, deleted: 0 } });
  });

  it("count and name a segment without a page, and store it", async () => {
    const segments = [segment("Text", "one", 0.9), { ...segment("Text", "two", 0.9), page_number: null }];
    const source = new UnsiloedResultLoader({ status: "Succeeded", chunks: [{ segments }] }, { docId: "d" });
    const report = await ingest(source.sources(), { sink, embeddings, splitter });
    expect(report.segments).toMatchObject({ total: 2, stored: 2, flagged: { unknown_page: 1 } });
    expect(report.segments.unknown_pages).toEqual([expect.stringMatching(/: segment 1 \(Text\)$/)]);
    expect(formatReport(report)).toMatch(/page unknown: .*: segment 1 \(Text\)/);
  });

  it("do not count a flagged segment without anything to store", async () => {
    const report = await run({ Picture: { minConfidence: 0.5, below: "flag" } });
    expect(report.segments).toMatchObject({ filtered: { empty: 1 }, flagged: { low_confidence: 1 } });
  });

  it("are stored in the ledger with their counts", async () => {
    const emulator = await startEmulator({ results: RESULT });
    const client = new UnsiloedClient({ apiKey: "k", baseUrl: emulator.url });
    const ledger = new MemoryLedger();
    const pdf = { data: new TextEncoder().encode("%PDF"), name: "a.pdf" };
    const again = (policies: typeof POLICIES) => {
      const sources = new UnsiloedFileLoader(pdf, { client, wait: { pollIntervalMs: 10 } }).sources();
      return ingest(sources, { sink, embeddings, splitter, ledger, filter: { policies } });
    };
    const first = await again(POLICIES);
    const second = await again(POLICIES);
    const third = await again({});
    await emulator.close();
    expect(second.sources).toMatchObject({ succeeded: 1, unchanged: 1 });
    expect(second.segments).toEqual(first.segments);
    expect(third.sources).toMatchObject({ succeeded: 1, unchanged: 0 });
    expect(third.segments.flagged).toEqual({});
  });
});
