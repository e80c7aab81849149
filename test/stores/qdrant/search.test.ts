import { FakeEmbeddings } from "@langchain/core/utils/testing";
import { QdrantVectorStore } from "@langchain/qdrant";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SearchFilter } from "../../../src/stores/filter.js";
import { QdrantSink } from "../../../src/stores/qdrant/index.js";
import type { Point } from "../../../src/stores/sink.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { QdrantDouble } from "../../support/qdrant-double/server.js";
import { idOf } from "../../support/sink-data.js";

const points: Point[] = [
  samplePoint(1, {
    vector: [1, 0, 0, 0],
    content: "Net debt fell to 1.2 times EBITDA.",
    metadata: {
      page_number: 3,
      boxes: [3, 5].map((page_number) => ({ page_number, bbox: null })),
      confidence: 1,
    },
  }),
  samplePoint(2, {
    vector: [0.9, 0.1, 0, 0],
    content: "Revenue by region",
    lexical: "Europe Asia",
    metadata: {
      segment_type: "Table",
      page_number: 4,
      boxes: [{ page_number: 4, bbox: null }],
      confidence: 0.5,
    },
  }),
  samplePoint(3, {
    vector: [0, 1, 0, 0],
    content: "The board approved the dividend.",
    metadata: { doc_id: "minutes.pdf", page_number: 9, boxes: [], confidence: null, version: "v2" },
  }),
  samplePoint(4, {
    vector: [0, 0, 1, 0],
    content: "Debt covenants",
    metadata: { doc_id: "minutes.pdf", page_number: 10, boxes: [], confidence: 0.7 },
  }),
];

let double: QdrantDouble;
let sink: QdrantSink;
const open = (options: object = {}): QdrantSink =>
  new QdrantSink({ url: double.url, collection: "c", clock: new AutoAdvanceClock(), ...options });
const numbers = (hits: readonly { id: string }[]): number[] =>
  hits.map(({ id }) => Number.parseInt(id.slice(-12), 16));

beforeAll(async () => {
  double = await QdrantDouble.start();
  sink = open();
  await sink.prepare({ dimensions: 4, model: "model-a" });
  await sink.upsert(points);
});
afterAll(async () => {
  expect(double.violations).toEqual([]);
  await sink.close();
  await double.close();
});

describe("searching", () => {
  it("finds points by vector, with their content", async () => {
    const hits = await sink.search({ mode: "dense", k: 2, vector: [2, 0, 0, 0] });
    expect(numbers(hits)).toEqual([1, 2]);
    expect(hits[0]).toEqual({
      id: idOf(1),
      score: 1,
      content: points[0]?.content,
      metadata: points[0]?.metadata,
    });
  });

  it("finds points of earlier versions by the words as they are printed", async () => {
    const earlier = open({ collection: "earlier" });
    await earlier.prepare({ dimensions: 4, model: "model-a" });
    const text = "Großstraße in İzmir";
    const { id, metadata } = samplePoint(1, { vector: [1, 0, 0, 0], content: text });
    const vector = { "": [1, 0, 0, 0], bm25: { text, model: "qdrant/bm25" } };
    const { ok } = await fetch(`${double.url}/collections/earlier/points?wait=true`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ points: [{ id, vector, payload: { content: text, metadata } }] }),
    });
    expect(ok).toBe(true);
    for (const question of ["Großstraße", "İzmir"])
      expect(numbers(await earlier.search({ mode: "text", k: 1, text: question })), question).toEqual([1]);
    expect(await earlier.search({ mode: "text", k: 1, text: "grossstrasse" })).toEqual([]);
    await earlier.upsert([samplePoint(1, { vector: [1, 0, 0, 0], content: text })]);
    expect(numbers(await earlier.search({ mode: "text", k: 1, text: "grossstrasse" }))).toEqual([1]);
  });

  it("keeps case where the collection tells it apart", async () => {
    const strict = open({ collection: "strict", bm25: { lowercase: false } });
    await strict.prepare({ dimensions: 4, model: "model-a" });
    await strict.upsert([
      samplePoint(1, { vector: [1, 0, 0, 0], content: "Kö ﬁle" }),
      samplePoint(2, { vector: [1, 0, 0, 0], content: "kö ﬁle" }),
    ]);
    expect(numbers(await strict.search({ mode: "text", k: 5, text: "Kö" }))).toEqual([1]);
    expect(numbers(await strict.search({ mode: "text", k: 5, text: "file" })).sort()).toEqual([1, 2]);
  });

  it("finds points by words of the lexical text, in any word form", async () => {
    expect(numbers(await sink.search({ mode: "text", k: 5, text: "debts" }))).toEqual([4, 1]);
    expect(numbers(await sink.search({ mode: "text", k: 5, text: "europe?" }))).toEqual([2]);
    expect(await sink.search({ mode: "text", k: 5, text: "region" })).toEqual([]);
  });

  it("sends no text query when a question has no words", async () => {
    double.requests.length = 0;
    expect(await sink.search({ mode: "text", k: 5, text: " — ?" })).toEqual([]);
    expect(double.requests).toEqual([]);
  });

  const filters: [string, SearchFilter, number[]][] = [
    ["documents", { docIds: ["minutes.pdf"] }, [3, 4]],
    ["several documents", { docIds: ["minutes.pdf", "report.pdf"] }, [1, 2, 3, 4]],
    ["no documents", { docIds: [] }, []],
    ["segment types", { segmentTypes: ["Table", "Title"] }, [2]],
    ["a page of a box", { pages: { from: 5, to: 8 } }, [1]],
    ["a page between those of the boxes", { pages: { from: 4, to: 4 } }, [2]],
    ["the page of a point without boxes", { pages: { from: 9, to: 10 } }, [3, 4]],
    ["confidence", { minConfidence: 0.7 }, [1, 4]],
    ["a version", { version: "v2" }, [3]],
    ["all at once", { docIds: ["report.pdf"], pages: { from: 1, to: 4 }, minConfidence: 0.6 }, [1]],
  ];
  it.each(filters)("filters by %s, in every mode and when counting", async (_name, filter, expected) => {
    expect(await sink.count(filter)).toBe(expected.length);
    const vector = [1, 1, 1, 0];
    const text = "debt europe dividend";
    for (const mode of ["dense", "text"] as const) {
      expect(numbers(await sink.search({ mode, k: 10, text, vector, filter })).sort()).toEqual(expected);
    }
  });

  it.each([
    ["dense", { text: "x" }, /vector: expected one for mode "dense"/],
    ["text", { vector: [1] }, /text: expected one for mode "text"/],
  ] as const)("says what mode %s lacks", async (mode, given, message) => {
    await expect(
      sink.search({ mode, k: 1, ...given } as Parameters<typeof sink.search>[0]),
    ).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(message),
    });
  });

  it("refuses a question of another size before it sends anything", async () => {
    const sent = double.requests.length;
    await expect(sink.search({ mode: "dense", k: 1, vector: [1, 2] })).rejects.toMatchObject({
      code: "STORE_MISMATCH",
      message: expect.stringContaining("has 2 dimensions, expected 4"),
    });
    expect(double.requests.slice(sent).filter(({ path }) => path.endsWith("/query"))).toEqual([]);
  });
});

describe("other readers", () => {
  class FixedEmbeddings extends FakeEmbeddings {
    override async embedQuery(): Promise<number[]> {
      return [0, 1, 0, 0];
    }
  }

  it("include LangChain's own QdrantVectorStore", async () => {
    const store = await QdrantVectorStore.fromExistingCollection(new FixedEmbeddings(), {
      url: double.url,
      collectionName: "c",
    });
    const [found] = await store.similaritySearchWithScore("dividend", 1);
    expect(found?.[0]).toMatchObject({
      id: idOf(3),
      pageContent: "The board approved the dividend.",
      metadata: points[2]?.metadata,
    });
    expect(found?.[1]).toBeCloseTo(1);
    const filter = { must: [{ key: "metadata.doc_id", match: { value: "report.pdf" } }] };
    const documents = await store.similaritySearch("dividend", 5, filter);
    expect(documents.map(({ metadata }) => metadata["doc_id"])).toEqual(["report.pdf", "report.pdf"]);
    const diverse = await store.maxMarginalRelevanceSearch("dividend", { k: 2, fetchK: 4, lambda: 0.5 });
    expect(diverse[0]?.pageContent).toBe("The board approved the dividend.");
  });

  it("reports a point whose text is under another key", async () => {
    const store = new QdrantVectorStore(new FixedEmbeddings(), {
      url: double.url,
      collectionName: "foreign",
      contentPayloadKey: "body",
    });
    await store.addVectors([[1, 0, 0, 0]], [{ pageContent: "elsewhere", metadata: {} }]);
    const foreign = open({ collection: "foreign", sparse: false });
    await expect(foreign.search({ mode: "dense", k: 1, vector: [1, 0, 0, 0] })).rejects.toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringContaining(
        "no text under any of content, page_content, text, document, _node_content",
      ),
    });
  });
});
