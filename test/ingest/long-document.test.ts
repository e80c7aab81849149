import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { CachedEmbeddings } from "../../src/embeddings/cache/cached-embeddings.js";
import { UnsiloedError } from "../../src/errors.js";
import { ingest } from "../../src/ingest/ingest.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import type { VectorSink } from "../../src/stores/sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

const SPLITS = 2_600;
/** Splits that are embedded and written together. */
const PART = 1_000;

/** Makes one split of each section, each with a different text. */
const result = {
  job_id: "job",
  chunks: Array.from({ length: SPLITS }, (_, index) => ({
    chunk_id: `c-${index}`,
    segments: [
      { segment_type: "SectionHeader", page_number: 1, markdown: `# Section ${index}` },
      { segment_type: "Text", page_number: 1, markdown: `What stands in section ${index}.` },
    ],
  })),
};

describe("a document of thousands of splits", () => {
  let directory: string;
  let sink: LanceDbSink;
  let embeddings: HashedEmbeddings;
  const run = () =>
    ingest(new UnsiloedResultLoader(result, { docId: "long" }).sources(), {
      sink,
      embeddings,
      splitter: new SegmentSplitter(),
    });

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-long-"));
    sink = new LanceDbSink({ directory });
    embeddings = new HashedEmbeddings();
  });

  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("is embedded and written in parts, and no text is left out or embedded twice", async () => {
    const parts: number[] = [];
    embeddings.onBatch = (texts) => void parts.push(texts.length);
    const report = await run();
    expect(report).toMatchObject({ failures: [], documents: SPLITS, points: { upserted: SPLITS } });
    expect(report.segments).toMatchObject({ total: 2 * SPLITS, stored: 2 * SPLITS });
    expect(parts.toSorted((a, b) => b - a)).toEqual([PART, PART, SPLITS - 2 * PART]);
    expect(new Set(embeddings.embedded).size).toBe(SPLITS);
    expect(await sink.count({ docIds: ["long"] })).toBe(SPLITS);
    expect((await run()).points).toMatchObject({ upserted: 0, unchanged: SPLITS });
  });

  it("passes Float32Arrays only to stores that accept them, for embeddings that return either form", async () => {
    const given = new Set<string>();
    const watch = (store: VectorSink, takesFloats: boolean): VectorSink =>
      new Proxy(store, {
        get: (target, key) => {
          if (key === "takesFloats") return takesFloats;
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== "function") return value;
          return (...args: unknown[]) => {
            if (key === "upsert" && Array.isArray(args[0]))
              for (const { vector } of args[0]) given.add(Object.prototype.toString.call(vector));
            return value.apply(target, args);
          };
        },
      });
    const cached = new CachedEmbeddings(embeddings, { directory: path.join(directory, "cache") });
    for (const [model, takesFloats, expected] of [
      [embeddings, false, "Array"],
      [embeddings, true, "Float32Array"],
      [cached, false, "Array"],
      [cached, true, "Float32Array"],
    ] as const) {
      const docId = `${model === cached} ${takesFloats}`;
      const sources = new UnsiloedResultLoader(result, { docId }).sources();
      const report = await ingest(sources, {
        sink: watch(sink, takesFloats),
        embeddings: model,
        model: "hashed",
        splitter: new SegmentSplitter(),
      });
      expect(report.failures).toEqual([]);
      expect([...given]).toEqual([`[object ${expected}]`]);
      given.clear();
    }
    await cached.close();
  });

  it("keeps the parts that succeeded when another fails, and the next run embeds only the rest", async () => {
    let begun = 0;
    embeddings.onBatch = () => {
      begun += 1;
      if (begun === 2) throw new UnsiloedError("SERVICE_UNAVAILABLE", "down", { retryable: true });
    };
    const { failures, segments } = await run();
    expect(failures).toMatchObject([{ stage: "embed", code: "SERVICE_UNAVAILABLE" }]);
    expect(segments).toMatchObject({ total: 2 * SPLITS, stored: 0, failed: 2 * SPLITS });
    const paid = embeddings.embedded.length;
    expect(paid).toBe(SPLITS - PART);
    expect(await sink.count({ docIds: ["long"] })).toBe(paid);
    const report = await run();
    expect(report).toMatchObject({ failures: [], points: { upserted: SPLITS, deleted: 0 } });
    expect(embeddings.embedded).toHaveLength(SPLITS);
    expect(new Set(embeddings.embedded).size).toBe(SPLITS);
  });

  it("fails only the refused text of a part, not the whole part", async () => {
    embeddings.onBatch = (texts) => {
      if (texts.some((text) => text.includes("section 1500.")))
        throw new UnsiloedError("EMBEDDING_FAILED", "refused");
    };
    const report = await run();
    expect(report.failures).toMatchObject([
      { stage: "embed", code: "EMBEDDING_FAILED", message: "page 1, segment 3000: refused" },
    ]);
    expect(report.points.upserted).toBe(SPLITS - 1);
    expect(report.segments).toMatchObject({ stored: 2 * SPLITS - 2, failed: 2 });
    expect(await sink.count({ docIds: ["long"] })).toBe(SPLITS - 1);
  });
});
