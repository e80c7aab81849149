import { describe, expect, it, onTestFinished } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { CachedEmbeddings } from "../../src/embeddings/cache/cached-embeddings.js";
import { ingest } from "../../src/ingest/ingest.js";
import { planIngest } from "../../src/ingest/plan.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { temporaryDirectory } from "../support/parse-service.js";

const table = (word: string, index: number) => ({
  segment_id: `segment-${index}`,
  segment_type: "Table",
  content: `| key |\n| --- |\n| ${word} |`,
  page_number: 1,
});

describe("a plan", () => {
  it("counts equal texts once, because a run embeds them once", async () => {
    const results = [
      { job_id: "one", chunks: [{ segments: ["same", "same", "other", "same"].map(table) }] },
      { job_id: "two", chunks: [{ segments: ["same", "third"].map(table) }] },
    ];
    const inner = new HashedEmbeddings();
    const embeddings = new CachedEmbeddings(inner, {
      directory: await temporaryDirectory(),
      model: "hashed",
    });
    const sink = new LanceDbSink({ directory: await temporaryDirectory() });
    onTestFinished(async () => {
      await Promise.all([sink.close(), embeddings.close()]);
    });
    const options = { sink, embeddings, splitter: new SegmentSplitter() };
    const loader = () => new UnsiloedResultLoader(results).sources();
    const planned: unknown[] = [];
    for await (const { action, embed, points } of planIngest(loader(), options))
      planned.push([action, embed?.texts, points?.add]);
    expect(planned).toEqual([
      ["store", 2, 4],
      ["store", 1, 2],
    ]);
    const report = await ingest(loader(), options);
    expect(report.points.upserted).toBe(6);
    // The probe for the length of vectors is one more text.
    expect(embeddings.counts.misses).toBe(3 + 1);
  });
});
