import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { typeset } from "../../bench/boxes/typesetter.js";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { DocumentSource } from "../../src/documents/source.js";
import type { DocumentSplitter } from "../../src/documents/splitter.js";
import { ingest } from "../../src/ingest/ingest.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Makes a result of some pages, a new object each time. */
const result = () => ({
  chunks: [1, 2, 3].map((seed) => ({
    segments: [typeset({ seed, sentences: 30, hyphenation: 0.8 }).segment],
  })),
});

describe("word boxes in a run", () => {
  let directory: string;
  let sink: LanceDbSink;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-words-"));
    sink = new LanceDbSink({ directory });
  });

  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("become boxes of lines in the store, and are not stored themselves", async () => {
    const embeddings = new HashedEmbeddings();
    const sources = new UnsiloedResultLoader(result(), { docId: "doc", words: true }).sources();
    const report = await ingest(sources, { sink, embeddings, splitter: new SegmentSplitter() });
    expect(report.failures).toEqual([]);
    const hits = await sink.search({
      mode: "dense",
      k: 50,
      vector: await embeddings.embedQuery("financial review"),
    });
    expect(hits).toHaveLength(report.documents);
    for (const { metadata } of hits) {
      expect(metadata.bbox_precision).toBe("word");
      expect(metadata.boxes.length).toBeGreaterThan(5);
      expect(metadata.ocr_confidence?.min).toBeLessThan(metadata.ocr_confidence?.mean ?? 0);
      expect(metadata).not.toHaveProperty("ocr");
    }
  });

  it("are passed packed to splitters that support it and as objects to others, with the same points", async () => {
    const kinds = new Set<string>();
    const splitterOf = (takesPackedWords: boolean): DocumentSplitter => ({
      takesPackedWords,
      transformDocuments: async (documents) => {
        for (const { metadata } of documents)
          for (const key of ["ocr", "packed_ocr"] as const) if (metadata[key]) kinds.add(key);
        return new SegmentSplitter({ threads: 0 }).transformDocuments(documents);
      },
    });
    const stored = [];
    for (const takesPackedWords of [false, true]) {
      const docId = `doc ${takesPackedWords}`;
      const bytes = Buffer.from(JSON.stringify(result()));
      const sources = new UnsiloedResultLoader(bytes, { docId, words: true }).sources();
      const splitter = splitterOf(takesPackedWords);
      const report = await ingest(sources, { sink, embeddings: new HashedEmbeddings(), splitter });
      expect(report.failures).toEqual([]);
      expect([...kinds]).toEqual([takesPackedWords ? "packed_ocr" : "ocr"]);
      kinds.clear();
      const points: object[] = [];
      for await (const { content, metadata } of sink.readPoints({ docIds: [docId] })) {
        const { doc_id: _, source: __, version: ___, ...rest } = metadata;
        expect(metadata.bbox_precision).toBe("word");
        points.push({ content, ...rest });
      }
      stored.push(points.map((point) => JSON.stringify(point)).toSorted());
    }
    expect(stored[0]).toEqual(stored[1]);
  });

  it("are released before the first text is embedded", async () => {
    const seen: WeakRef<object>[] = [];
    const source: DocumentSource = {
      docId: "doc",
      source: "doc",
      async *read() {
        const loader = new UnsiloedResultLoader(result(), { docId: "doc", words: true });
        for await (const document of loader.lazyLoad()) {
          seen.push(new WeakRef(document.metadata.ocr ?? []));
          yield document;
        }
      },
    };
    const left: number[] = [];
    const embeddings = new HashedEmbeddings();
    embeddings.onBatch = async () => {
      // A weak reference holds what it refers to until the current turn of the event loop ends, and a frame of the
      // stack what it referred to last for some more.
      for (let turn = 0; turn < 5; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        collectGarbage();
      }
      left.push(seen.filter((ref) => ref.deref() !== undefined).length);
    };
    await ingest([source], { sink, embeddings, splitter: new SegmentSplitter() });
    expect(seen).toHaveLength(3);
    expect(left.length).toBeGreaterThan(0);
    expect(new Set(left)).toEqual(new Set([0]));
  });
});
