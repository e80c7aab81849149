import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FakeVectorStore } from "@langchain/core/utils/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { SegmentDocument } from "../../src/documents/metadata.js";
import type { DocumentSource } from "../../src/documents/source.js";
import { startEmulator } from "../../src/emulator/server.js";
import { UnsiloedError } from "../../src/errors.js";
import { ingest } from "../../src/ingest/ingest.js";
import type { IngestEvent } from "../../src/ingest/run/events.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { LangChainSink } from "../../src/stores/langchain/langchain-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

const SAMPLE = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");

interface TestSegment {
  segment_type?: string;
  content: string;
  page_number?: number;
}

const result = (segments: TestSegment[]) => ({
  chunks: segments.map((segment, index) => ({
    chunk_id: `c${index}`,
    segments: [
      {
        segment_type: "Text",
        page_number: 1,
        bbox: { left: 0, top: index * 10, width: 100, height: 8 },
        confidence: 0.9,
        segment_id: `${Math.random()}`,
        ...segment,
      },
    ],
  })),
});

/** Segments that are too different in kind to be packed into one split. */
const tables = (...contents: string[]): TestSegment[] =>
  contents.map((content) => ({ segment_type: "Table", content: `| key |\n| --- |\n| ${content} |` }));

const sourcesOf = (segments: TestSegment[], docId = "doc") =>
  new UnsiloedResultLoader(result(segments), { docId }).sources();

const balance = ({ segments }: Awaited<ReturnType<typeof ingest>>): number =>
  segments.stored +
  segments.failed +
  Object.values(segments.filtered).reduce((total, count) => total + count, 0);

describe("ingest", () => {
  let directory: string;
  let sink: LanceDbSink;
  let embeddings: HashedEmbeddings;
  const splitter = new SegmentSplitter();

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-ingest-"));
    sink = new LanceDbSink({ directory });
    embeddings = new HashedEmbeddings();
  });

  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (sources: Iterable<DocumentSource> | AsyncIterable<DocumentSource>, options = {}) =>
    ingest(sources, { sink, embeddings, splitter, ...options });

  const storedIds = async (docId: string): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { id } of sink.listPoints(docId)) ids.push(id);
    return ids.sort();
  };

  it("stores the sample and accounts for every segment", async () => {
    const report = await run(new UnsiloedResultLoader(SAMPLE, { root: path.dirname(SAMPLE) }).sources());
    expect(report.failures).toEqual([]);
    expect(report.segments.total).toBe(54);
    expect(report.segments.filtered).toEqual({ page_footer: 5, page_header: 5 });
    expect(balance(report)).toBe(report.segments.total);
    expect(report.points).toEqual({ upserted: report.documents, unchanged: 0, deleted: 0 });
    expect(await sink.count()).toBe(report.documents);
    expect(await sink.count({ docIds: ["annual-report.json"] })).toBe(report.documents);
  });

  it("finds nothing to do in a second run, although every parse creates new ids", async () => {
    const emulator = await startEmulator({ results: SAMPLE, renewIds: true });
    const client = new UnsiloedClient({ apiKey: "k", baseUrl: emulator.url });
    const loader = () =>
      new UnsiloedFileLoader({ data: new TextEncoder().encode("%PDF"), name: "a.pdf" }, { client }).sources();
    const first = await run(loader());
    const before = await storedIds("a.pdf");
    const embedded = embeddings.embedded.length;
    const second = await run(loader());
    await emulator.close();
    expect(first.points.upserted).toBeGreaterThan(20);
    expect(second.points).toEqual({ upserted: 0, unchanged: first.points.upserted, deleted: 0 });
    expect(await storedIds("a.pdf")).toEqual(before);
    expect(embeddings.embedded.length).toBe(embedded);
  });

  it("embeds only the new text of a changed document and deletes exactly the removed text", async () => {
    await run(sourcesOf(tables("alpha", "beta", "gamma")));
    embeddings.embedded.length = 0;
    const report = await run(sourcesOf(tables("alpha", "gamma", "delta")));
    expect(embeddings.embedded).toHaveLength(1);
    expect(embeddings.embedded[0]).toContain("delta");
    expect(report.points).toEqual({ upserted: 3, unchanged: 0, deleted: 1 });
    expect(await storedIds("doc")).toHaveLength(3);
  });

  it("advises to replace the saved result of a failed job, with its reason in plain words", async () => {
    for (const status of ["failed", "cancelled"]) {
      const saved = { job_id: "j", status, message: '{"error":{"code":"FONT","message":"no such font"}}' };
      const { failures } = await run(new UnsiloedResultLoader(saved, { docId: "doc" }).sources());
      expect(failures).toMatchObject([
        {
          code: status === "failed" ? "JOB_FAILED" : "JOB_CANCELLED",
          message: expect.stringMatching(/: no such font; replace the saved file by the result of a job/),
        },
      ]);
      expect(failures[0]?.message).not.toContain("retry");
    }
  });

  it.each([
    ["no segments", []],
    ["no text", [{ content: " " }, { segment_type: "PageHeader", content: "Report" }]],
  ])("fails a result with %s, and leaves what is stored of the document", async (_name, segments) => {
    await run(sourcesOf(tables("alpha")));
    const report = await run(sourcesOf(segments));
    expect(report.failures).toMatchObject([{ stage: "parse", code: "EMPTY_RESULT" }]);
    expect(balance(report)).toBe(segments.length);
    expect(report.points).toEqual({ upserted: 0, unchanged: 0, deleted: 0 });
    expect(await storedIds("doc")).toHaveLength(1);
  });

  it("reports a failure on one line, even when the service sent several", async () => {
    const failed = new UnsiloedResultLoader({ status: "Failed", message: "bad\n  file" }, { docId: "f" });
    const report = await run(failed.sources());
    expect(report.failures[0]?.message).toMatch(/failed: bad file; replace [^\n]*$/);
  });

  it("keeps the other sources when one fails, and names it with stage and code", async () => {
    const broken = new UnsiloedResultLoader(
      { chunks: [{ segments: [{ segment_type: "Text", content: 5 }] }] },
      { docId: "bad" },
    );
    async function* sources() {
      yield* sourcesOf(tables("one"), "a");
      yield* broken.sources();
      yield* sourcesOf(tables("two"), "b");
    }
    const report = await run(sources());
    expect(report.sources).toMatchObject({ total: 3, succeeded: 2, failed: 1 });
    expect(report.failures).toMatchObject([{ stage: "parse", code: "INVALID_RESULT" }]);
    expect(await sink.count()).toBe(2);
  });

  it("counts the segments as failed when a result breaks off in the middle", async () => {
    const segments = [...tables("one"), { segment_type: "Text", content: {} }];
    const report = await run(
      new UnsiloedResultLoader(result(segments as TestSegment[]), { docId: "d" }).sources(),
    );
    expect(report.sources.failed).toBe(1);
    expect(balance(report)).toBe(report.segments.total);
    expect(await sink.count()).toBe(0);
  });

  it("fails only the text that the model refuses, and keeps its old version", async () => {
    await run(sourcesOf(tables("alpha", "beta")));
    embeddings.onBatch = (texts) => {
      if (texts.some((text) => text.includes("poison"))) {
        throw new UnsiloedError("EMBEDDING_FAILED", "refused for its content");
      }
    };
    const report = await run(sourcesOf(tables("alpha", "poison", "delta")));
    expect(report.segments).toMatchObject({ total: 3, stored: 2, failed: 1 });
    expect(report.failures).toMatchObject([{ stage: "embed", code: "EMBEDDING_FAILED" }]);
    expect(report.points).toMatchObject({ upserted: 2, deleted: 0 });
    embeddings.onBatch = () => undefined;
    const healed = await run(sourcesOf(tables("alpha", "poison", "delta")));
    expect(healed.segments).toMatchObject({ stored: 3, failed: 0 });
    expect(await storedIds("doc")).toHaveLength(3);
  });

  it("counts segments without text as left out, but stores a picture with only a caption", async () => {
    const segments = [
      ...tables("one"),
      { content: " " },
      { segment_type: "Picture", content: "" },
      { segment_type: "Caption", content: "Figure 1: Org chart" },
      { segment_type: "PageFooter", content: "Page 1" },
    ];
    const report = await run(sourcesOf(segments));
    expect(report.failures).toEqual([]);
    expect(report.segments).toEqual({
      total: 5,
      stored: 3,
      filtered: { empty: 1, page_footer: 1 },
      flagged: {},
      unknown_pages: [],
      failed: 0,
    });
    expect(await sink.count({ segmentTypes: ["Picture"] })).toBe(1);
    const kept = await run(sourcesOf(segments), { filter: { pageFooters: true } });
    expect(kept.segments).toMatchObject({ stored: 4, filtered: { empty: 1 } });
  });

  it("fails a source whose splitter loses a segment", async () => {
    const forgetful = { transformDocuments: async () => [] };
    const report = await run(sourcesOf(tables("one")), { splitter: forgetful });
    expect(report.failures).toMatchObject([{ stage: "split", code: "INVARIANT" }]);
    expect(report.segments).toMatchObject({ total: 1, stored: 0, failed: 1 });
  });

  it("checks model and store before it reads the first source", async () => {
    await run(sourcesOf(tables("one")));
    let read = 0;
    async function* counted(): AsyncGenerator<DocumentSource> {
      for await (const source of sourcesOf(tables("two"), "x")) {
        read += 1;
        yield source;
      }
    }
    const other = new HashedEmbeddings("hashed", 16);
    await expect(run(counted(), { embeddings: other })).rejects.toMatchObject({ code: "STORE_MISMATCH" });
    await expect(run(counted(), { model: "another" })).rejects.toMatchObject({ code: "STORE_MISMATCH" });
    expect(read).toBe(0);
  });

  it("submits nothing more after a failure that would affect every other source", async () => {
    const emulator = await startEmulator({ results: SAMPLE, apiKey: "right" });
    const client = new UnsiloedClient({ apiKey: "wrong", baseUrl: emulator.url });
    const files = Array.from({ length: 30 }, (_, index) => ({
      data: new TextEncoder().encode("%PDF"),
      name: `${index}.pdf`,
    }));
    const report = await run(new UnsiloedFileLoader(files, { client }).sources(), {
      concurrency: { parse: 1 },
    });
    await emulator.close();
    expect(report.sources).toEqual({
      total: 30,
      succeeded: 0,
      unchanged: 0,
      reused: 0,
      failed: 1,
      unfinished: 29,
    });
    expect(report.failures.map(({ code }) => code)).toEqual(["UNAUTHORIZED"]);
    expect(report.stopped).toMatchObject({ stage: "submit", code: "UNAUTHORIZED" });
    expect(emulator.requests).toHaveLength(1);
  });

  it("fails a source whose splitter adds a segment", async () => {
    const inventive = {
      transformDocuments: async (documents: SegmentDocument[]) => {
        const splits = await splitter.transformDocuments(documents);
        for (const { metadata } of splits) metadata.segment_indices.push(99);
        return splits;
      },
    };
    const report = await run(sourcesOf(tables("one")), { splitter: inventive });
    expect(report.failures).toMatchObject([{ stage: "split", code: "INVARIANT" }]);
    expect(report.segments).toMatchObject({ total: 1, stored: 0, failed: 1 });
    expect(await sink.count()).toBe(0);
  });

  it("writes to any LangChain vector store, the same points on every run", async () => {
    const store = new FakeVectorStore(embeddings);
    const target = new LangChainSink(store);
    const first = await run(sourcesOf(tables("one", "two")), { sink: target });
    expect(first.points).toEqual({ upserted: 2, unchanged: 0, deleted: 0 });
    expect(first.segments).toMatchObject({ total: 2, stored: 2 });
    const [found] = await store.similaritySearch("two", 1);
    expect(found?.pageContent).toContain("two");
    expect(found?.metadata).toMatchObject({ page_number: 1, segment_type: "Table", confidence: 0.9 });
  });

  it("ingests a document once, and refuses two with the same id", async () => {
    const one = new UnsiloedResultLoader(SAMPLE, { docId: "same" });
    async function* sources() {
      yield* one.sources();
      yield* one.sources();
      yield* sourcesOf(tables("other"), "same");
    }
    const report = await run(sources());
    expect(report.sources).toMatchObject({ total: 2, succeeded: 1, failed: 1 });
    expect(report.failures).toMatchObject([{ code: "INVALID_OPTION" }]);
  });

  it("reports each step, in order", async () => {
    const events: IngestEvent[] = [];
    await run(sourcesOf(tables("one")), { onEvent: (event: IngestEvent) => events.push(event) });
    expect(events.map(({ type }) => type)).toEqual([
      "ready",
      "source-started",
      "source-parsed",
      "source-split",
      "source-embedding",
      "source-embedded",
      "source-stored",
      "source-ended",
    ]);
  });

  it("names source and document in each event of a source, including failures", async () => {
    const broken = new UnsiloedResultLoader({ chunks: [{ segments: [{ content: 5 }] }] }, { docId: "bad" });
    async function* sources() {
      yield* sourcesOf(tables("one"), "good");
      yield* broken.sources();
    }
    const events: IngestEvent[] = [];
    await run(sources(), { onEvent: (event: IngestEvent) => events.push(event) });
    const named = events.flatMap((event) =>
      event.type === "ready" ? [] : [`${event.type} ${event.doc_id} ${event.source}`],
    );
    expect(named).toHaveLength(events.length - 1);
    expect(named.sort()).toEqual([
      "source-embedded good result",
      "source-embedding good result",
      "source-ended bad result",
      "source-ended good result",
      "source-failed bad result",
      "source-parsed good result",
      "source-split good result",
      "source-started bad result",
      "source-started good result",
      "source-stored good result",
    ]);
  });

  it("reports a failure in its own stage, even when several stages are running", async () => {
    const failing = (method: "upsert" | "count" | "deletePoints" | "listPoints") =>
      new Proxy(sink, {
        get: (target, name) => {
          if (name === method)
            return (filter?: unknown) => {
              // All points are counted before the first document.
              if (method === "count" && filter === undefined) return target.count();
              throw new Error(`${method} failed`);
            };
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    for (const method of ["upsert", "count", "deletePoints", "listPoints"] as const) {
      // What the store holds of a new document is listed only to verify it.
      const options = { sink: failing(method), verify: method === "listPoints" };
      const { failures } = await run(sourcesOf(tables(method)), options);
      const message = `${method} failed`;
      expect(failures).toMatchObject([{ stage: "store", code: "UNEXPECTED", message }]);
    }
    const broken = { transformDocuments: () => Promise.reject(new Error("cannot split")) };
    const { failures } = await run(sourcesOf(tables("one")), { splitter: broken });
    expect(failures).toMatchObject([{ stage: "split", code: "UNEXPECTED", message: "cannot split" }]);
  });

  it("stops when its signal aborts, and leaves a store that the next run completes", async () => {
    const controller = new AbortController();
    embeddings.onBatch = () => controller.abort();
    await expect(run(sourcesOf(tables("one")), { signal: controller.signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
    embeddings.onBatch = () => undefined;
    const report = await run(sourcesOf(tables("one")));
    expect(report.points.upserted + report.points.unchanged).toBe(1);
  });
});
