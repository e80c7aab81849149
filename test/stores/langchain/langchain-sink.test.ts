import { setImmediate } from "node:timers/promises";
import { Document } from "@langchain/core/documents";
import { FakeEmbeddings, FakeVectorStore } from "@langchain/core/utils/testing";
import { VectorStore } from "@langchain/core/vectorstores";
import { QdrantVectorStore } from "@langchain/qdrant";
import { describe, expect, it } from "vitest";
import type { SearchFilter } from "../../../src/stores/filter.js";
import { LangChainSink } from "../../../src/stores/langchain/langchain-sink.js";
import type { LangChainSinkOptions } from "../../../src/stores/langchain/options.js";
import { toQdrantFilter } from "../../../src/stores/qdrant/points/payload-fields.js";
import { describeSink } from "../../contract/sink.js";
import { QdrantDouble } from "../../support/qdrant-double/server.js";
import { atAngle, cosine, idOf, pointOf, pointsOf, SPEC } from "../../support/sink-data.js";

type Test = (document: Document) => boolean;

/** A store in memory that replaces by id. It answers in a later turn of the event loop, like every store. */
class MapStore extends VectorStore {
  declare FilterType: Test;
  readonly stored = new Map<string, { vector: number[]; document: Document }>();
  readonly calls: string[] = [];

  constructor() {
    super(new FakeEmbeddings(), {});
  }

  _vectorstoreType(): string {
    return "map";
  }

  async addVectors(
    vectors: number[][],
    documents: Document[],
    { ids }: { ids: string[] },
  ): Promise<string[]> {
    this.calls.push(`add ${ids.length}`);
    await setImmediate();
    for (const [index, document] of documents.entries()) {
      this.stored.set(ids[index] ?? "", { vector: vectors[index] ?? [], document });
    }
    return ids;
  }

  async addDocuments(): Promise<string[]> {
    throw new Error("vectors only");
  }

  override async delete({ ids }: { ids: string[] }): Promise<void> {
    this.calls.push(`delete ${ids.length}`);
    await setImmediate();
    for (const id of ids) this.stored.delete(id);
  }

  async similaritySearchVectorWithScore(query: number[], k: number, filter: Test = () => true) {
    await setImmediate();
    return [...this.stored.values()]
      .filter(({ document }) => filter(document))
      .map(({ vector, document }): [Document, number] => [document, cosine(query, vector) || 0])
      .sort(([, a], [, b]) => b - a)
      .slice(0, k);
  }
}

const toTest =
  ({
    docIds,
    segmentTypes,
    pages,
    sections,
    segments,
    segmentIds,
    minConfidence,
    version,
    all = [],
  }: SearchFilter): Test =>
  ({ metadata, ...document }) =>
    all.every((further) => toTest(further)({ metadata, ...document })) &&
    (docIds?.includes(metadata["doc_id"]) ?? true) &&
    (segmentIds?.includes(metadata["segment_id"]) ?? true) &&
    (sections?.some((heading) => metadata["section_path"].includes(heading)) ?? true) &&
    (!segments ||
      metadata["segment_indices"].some((index: number) => index >= segments.from && index <= segments.to)) &&
    (segmentTypes?.includes(metadata["segment_type"]) ?? true) &&
    (minConfidence === undefined ||
      (metadata["confidence"] !== null && metadata["confidence"] >= minConfidence)) &&
    (version === undefined || metadata["version"] === version) &&
    (!pages ||
      metadata["boxes"].some(
        ({ page_number: page }: { page_number: number }) => page >= pages.from && page <= pages.to,
      ));

describeSink(
  "a LangChain store in memory",
  async () => {
    const store = new MapStore();
    return { sink: new LangChainSink(store, { toFilter: toTest }), close: async () => {} };
  },
  { modes: ["dense"], lists: false, persists: false },
);

describeSink(
  "LangChain's Qdrant store",
  async () => {
    const double = await QdrantDouble.start();
    const embeddings = { embedDocuments: async () => [], embedQuery: async () => atAngle(0) };
    const store = new QdrantVectorStore(embeddings, { url: double.url, collectionName: "c" });
    return {
      sink: new LangChainSink(store, { toFilter: (filter) => toQdrantFilter(filter) ?? {} }),
      close: () => double.close(),
    };
  },
  { modes: ["dense"], lists: false, persists: false },
);

describe("LangChainSink", () => {
  const prepared = async (options: LangChainSinkOptions = {}) => {
    const store = new MapStore();
    const sink = new LangChainSink(store, options);
    await sink.prepare(SPEC);
    return { store, sink };
  };
  const nearest = { mode: "dense" as const, k: 1, vector: atAngle(0) };

  it("says which store it writes to, and that it cannot list", async () => {
    const { sink } = await prepared();
    expect(sink.description).toBe("langchain:map");
    expect(sink.canList).toBe(false);
    await expect(sink.count()).rejects.toMatchObject({ code: "UNSUPPORTED_SEARCH" });
    const listing = async () => {
      for await (const _ of sink.listPoints("report.pdf")) expect.unreachable();
    };
    await expect(listing()).rejects.toMatchObject({ code: "UNSUPPORTED_SEARCH" });
  });

  it("writes text and metadata to the fields that LangChain's retrievers read", async () => {
    const { sink, store } = await prepared();
    const point = pointOf(1, { content: "What is read", lexical: "not stored" });
    await sink.upsert([point]);
    const [document] = [...store.stored.values()].map((entry) => entry.document);
    expect(document).toMatchObject({ id: idOf(1), pageContent: "What is read", metadata: point.metadata });
    const [hit] = await sink.search(nearest);
    expect(hit).toMatchObject({ id: idOf(1), content: "What is read" });
    expect(hit?.metadata).toEqual(point.metadata);
  });

  it("writes and deletes in batches, and sends nothing when there is nothing to do", async () => {
    const { sink, store } = await prepared({ batchCount: 100 });
    await sink.upsert(pointsOf(250));
    await sink.deletePoints(pointsOf(150).map(({ id }) => id));
    await sink.upsert([]);
    await sink.deletePoints([]);
    expect(store.calls).toEqual(["add 100", "add 100", "add 50", "delete 100", "delete 50"]);
    expect(store.stored.size).toBe(100);
  });

  it("deletes before it writes when the store only adds", async () => {
    const { sink, store } = await prepared({ replacesById: false, batchCount: 2 });
    await sink.upsert(pointsOf(3));
    expect(store.calls).toEqual(["delete 2", "add 2", "delete 1", "add 1"]);
  });

  it("refuses a store that assigns its own ids", async () => {
    class OwnIds extends MapStore {
      override async addVectors(): Promise<string[]> {
        return ["its-own"];
      }
    }
    const sink = new LangChainSink(new OwnIds());
    await sink.prepare(SPEC);
    await expect(sink.upsert([pointOf(1)])).rejects.toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringContaining('"its-own"'),
    });
  });

  it("fails clearly when the store cannot delete", async () => {
    const sink = new LangChainSink(new FakeVectorStore(new FakeEmbeddings()), { replacesById: false });
    await sink.prepare(SPEC);
    await expect(sink.upsert([pointOf(1)])).rejects.toMatchObject({
      code: "STORE_REFUSED",
      message: "langchain:memory: deleting points failed: Not implemented.",
    });
  });

  it("returns the id of a point even when the store's Documents have none", async () => {
    const sink = new LangChainSink(new FakeVectorStore(new FakeEmbeddings()));
    await sink.prepare(SPEC);
    await sink.upsert([pointOf(1), pointOf(2)]);
    const hits = await sink.search({ ...nearest, vector: pointOf(2).vector });
    expect(hits.map(({ id }) => id)).toEqual([idOf(2)]);
  });

  it("turns distances into scores", async () => {
    const { sink, store } = await prepared({ scores: "distance" });
    await sink.upsert([pointOf(1, { vector: atAngle(60) })]);
    store.similaritySearchVectorWithScore = async () =>
      [...store.stored.values()].map(({ document }): [Document, number] => [document, 0.25]);
    expect((await sink.search(nearest))[0]?.score).toBe(0.75);
  });

  it("refuses a filter that it cannot translate for the store", async () => {
    const { sink } = await prepared();
    await sink.upsert([pointOf(1)]);
    await expect(sink.search({ ...nearest, filter: { docIds: ["a"] } })).rejects.toMatchObject({
      code: "UNSUPPORTED_SEARCH",
      message: expect.stringContaining("toFilter"),
    });
    expect(await sink.search({ ...nearest, filter: {} })).toHaveLength(1);
  });

  it("searches the points of another run when told its settings", async () => {
    const { sink, store } = await prepared();
    await sink.upsert([pointOf(1)]);
    const later = new LangChainSink(store, { spec: SPEC });
    expect(await later.open()).toEqual({ spec: SPEC, modes: ["dense"] });
    expect(await later.search(nearest)).toHaveLength(1);
    await expect(later.prepare({ ...SPEC, model: "x" })).rejects.toMatchObject({ code: "STORE_MISMATCH" });
  });

  it("refuses documents that another program wrote", async () => {
    const { sink, store } = await prepared();
    await store.addVectors([atAngle(0)], [new Document({ pageContent: "x" })], { ids: ["1"] });
    await expect(sink.search(nearest)).rejects.toMatchObject({ code: "STORE_REFUSED" });
  });

  it("distinguishes an unreachable store from one that refuses", async () => {
    const double = await QdrantDouble.start();
    const { url } = double;
    await double.close();
    const embeddings = { embedDocuments: async () => [], embedQuery: async () => atAngle(0) };
    const sink = new LangChainSink(new QdrantVectorStore(embeddings, { url, collectionName: "c" }));
    await sink.prepare(SPEC);
    await expect(sink.upsert([pointOf(1)])).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      retryable: true,
    });
  });

  it("names an option that is wrong", () => {
    const make = () => new LangChainSink(new MapStore(), { batchCount: 0 });
    expect(make).toThrow("LangChainSink: batchCount: expected a number ≥ 1, got 0 (number)");
    const without = () => Reflect.construct(LangChainSink, [{}]);
    expect(without).toThrow("LangChainSink: store: expected a VectorStore of LangChain, got {} (object)");
  });
});
