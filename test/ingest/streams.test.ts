import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { DocumentSource } from "../../src/documents/source.js";
import { ingest } from "../../src/ingest/ingest.js";
import type { IngestEvent, SourceEvent } from "../../src/ingest/run/events.js";
import { newOwner } from "../../src/ledger/claims.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

type Ended = Extract<SourceEvent, { type: "source-ended" }>;

const sourceOf = async (docId: string, words: string): Promise<DocumentSource> => {
  const result = { chunks: [{ segments: [{ segment_type: "Text", content: words, page_number: 1 }] }] };
  for await (const source of new UnsiloedResultLoader(result, { docId }).sources()) return source;
  throw new Error("no source");
};

describe("a stream of sources", () => {
  let directory: string;
  let sink: LanceDbSink;
  let ledger: MemoryLedger;
  let ended: Ended[];
  /** Resolves with the next end of a document. */
  let nextEnd: () => Promise<Ended>;
  let tell: (end: Ended) => void;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-stream-"));
    sink = new LanceDbSink({ directory });
    ledger = new MemoryLedger();
    ended = [];
    tell = () => undefined;
    nextEnd = () =>
      new Promise((resolve) => {
        tell = resolve;
      });
  });

  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (sources: AsyncIterable<DocumentSource> | DocumentSource[], options = {}) =>
    ingest(sources, {
      sink,
      embeddings: new HashedEmbeddings(),
      splitter: new SegmentSplitter(),
      ledger,
      onEvent: (event: IngestEvent) => {
        if (event.type !== "source-ended") return;
        ended.push(event);
        tell(event);
      },
      ...options,
    });

  const outcomes = () => ended.map(({ doc_id, outcome, code }) => `${doc_id} ${outcome} ${code}`);

  it("tells how each source ended, after everything else of it", async () => {
    const broken = new UnsiloedResultLoader({ chunks: [{ segments: [{ content: 5 }] }] }, { docId: "bad" });
    const sources = [await sourceOf("good", "text")];
    for await (const source of broken.sources()) sources.push(source);
    await run(sources);
    await run([sources[0] as DocumentSource]);
    expect(outcomes().sort()).toEqual([
      "bad failed INVALID_RESULT",
      "good stored null",
      "good unchanged null",
    ]);
    expect(ended.map(({ retryable }) => retryable)).toEqual([false, false, false]);
  });

  it("tells of sources that a stopped run left unfinished", async () => {
    await run([await sourceOf("late", "text")], { drain: AbortSignal.abort() });
    expect(ended).toMatchObject([{ outcome: "unfinished", code: "ABORTED", retryable: true }]);
  });

  it("ingests a document again that comes again after it has ended", async () => {
    async function* sources() {
      for (const words of ["first", "second", "second"]) {
        const end = nextEnd();
        yield await sourceOf("doc", words);
        await end;
      }
    }
    const report = await run(sources());
    expect(outcomes()).toEqual(["doc stored null", "doc stored null", "doc unchanged null"]);
    expect(report.sources).toMatchObject({ total: 3, succeeded: 3, unchanged: 1, failed: 0 });
    expect(await sink.count()).toBe(1);
  });

  it("ingests a document of a list once", async () => {
    const report = await run([await sourceOf("doc", "same"), await sourceOf("doc", "same")]);
    expect(report.sources.total).toBe(1);
  });

  it("comes back to a document of another run before the stream ends", async () => {
    const owner = newOwner();
    await ledger.claim("claimed", owner);
    async function* sources() {
      const end = nextEnd();
      yield await sourceOf("claimed", "text");
      yield await sourceOf("free", "text");
      expect((await end).doc_id).toBe("free");
      const second = nextEnd();
      await ledger.release("claimed", owner);
      expect((await second).doc_id).toBe("claimed");
    }
    await run(sources());
    expect(outcomes()).toEqual(["free stored null", "claimed stored null"]);
  });

  it("ends at once when the signal aborts while no source comes", async () => {
    const controller = new AbortController();
    let closed = false;
    const idle = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          controller.abort();
          return new Promise<never>(() => undefined);
        },
        return: async () => {
          closed = true;
          return { done: true as const, value: undefined };
        },
      }),
    };
    await expect(run(idle, { signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(closed).toBe(true);
  });
});
