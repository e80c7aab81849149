import { FakeEmbeddings } from "@langchain/core/utils/testing";
import { QdrantVectorStore } from "@langchain/qdrant";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatCitations } from "../../../src/retrieval/citations.js";
import { SegmentRetriever } from "../../../src/retrieval/segment-retriever.js";
import { QdrantSink, type QdrantSinkOptions } from "../../../src/stores/qdrant/index.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { QdrantDouble } from "../../support/qdrant-double/server.js";
import { collect, idOf } from "../../support/sink-data.js";

class FixedEmbeddings extends FakeEmbeddings {
  override async embedQuery(): Promise<number[]> {
    return [1, 0, 0, 0];
  }
}

const spec = { dimensions: 4, model: "model-a" };
const cosine = { size: 4, distance: "Cosine" };
const uuid = (n: number) => `aaaaaaaa-0000-4000-8000-${String(n).padStart(12, "0")}`;

let double: QdrantDouble;
let problems: string[];

beforeEach(async () => {
  problems = [];
  double = await QdrantDouble.start();
});
afterEach(async () => {
  expect(double.violations).toEqual([]);
  await double.close();
});

const sinkOf = (options: QdrantSinkOptions = {}): QdrantSink =>
  new QdrantSink({
    url: double.url,
    collection: "c",
    clock: new AutoAdvanceClock(),
    onProblem: ({ message }) => problems.push(message),
    ...options,
  });

const put = async (path: string, body: object): Promise<void> => {
  const answer = await fetch(`${double.url}/collections/${path}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
};

interface Written {
  id: string;
  vector: unknown;
  payload: Record<string, unknown>;
}
const collectionOf = async (config: object, points: Written[]): Promise<void> => {
  await put("c", config);
  await put("c/points?wait=true", { points });
};

/** What LlamaIndex Python (`node_to_metadata_dict`) writes for a node. */
const llamaIndexPayload = (id: string, text: string): Record<string, unknown> => ({
  file_name: "plan.pdf",
  file_path: "/data/plan.pdf",
  page_label: "7",
  _node_content: JSON.stringify({ id_: id, embedding: null, text, class_name: "TextNode" }),
  _node_type: "TextNode",
  document_id: "doc-of-plan",
  doc_id: "doc-of-plan",
  ref_doc_id: "doc-of-plan",
});

/** Collections as other programs write them, each with two texts, of which the first is nearer to the question. */
const PROGRAMS: [string, object, (n: number, text: string) => Written, object][] = [
  [
    "LangChain.js and n8n",
    { vectors: cosine },
    (n, pageContent) => ({
      id: uuid(n),
      vector: [1, n, 0, 0],
      payload: {
        content: pageContent,
        metadata: { source: "plan.pdf", loc: { pageNumber: 7, lines: { from: 1, to: 9 } } },
      },
    }),
    {
      source: "plan.pdf",
      doc_id: "plan.pdf",
      page_number: 7,
      loc: { pageNumber: 7, lines: { from: 1, to: 9 } },
    },
  ],
  [
    "LangChain Python",
    { vectors: cosine, sparse_vectors: { "langchain-sparse": { modifier: "idf" } } },
    (n, page_content) => ({
      id: uuid(n),
      vector: { "": [1, n, 0, 0], "langchain-sparse": { indices: [1], values: [1] } },
      payload: { page_content, metadata: { source: "plan.pdf", page: 6, _custom: [1] } },
    }),
    { source: "plan.pdf", doc_id: "plan.pdf", page_number: 7, page: 6, _custom: [1] },
  ],
  [
    "LangChain Python without metadata",
    { vectors: cosine },
    (n, page_content) => ({
      id: uuid(n),
      vector: [1, n, 0, 0],
      payload: { page_content, metadata: null },
    }),
    { source: uuid(0), doc_id: uuid(0), page_number: 0 },
  ],
  [
    "LlamaIndex",
    { vectors: cosine },
    (n, text) => ({ id: uuid(n), vector: [1, n, 0, 0], payload: llamaIndexPayload(uuid(n), text) }),
    { source: "plan.pdf", doc_id: "doc-of-plan", page_number: 7, file_name: "plan.pdf" },
  ],
  [
    "LlamaIndex with hybrid search",
    { vectors: { "text-dense": cosine }, sparse_vectors: { "text-sparse-new": {} } },
    (n, text) => ({
      id: uuid(n),
      vector: { "text-dense": [1, n, 0, 0], "text-sparse-new": { indices: [1], values: [1] } },
      payload: llamaIndexPayload(uuid(n), text),
    }),
    { source: "plan.pdf", doc_id: "doc-of-plan", page_number: 7 },
  ],
];

describe.each(PROGRAMS)("a collection of %s", (_program, config, pointOf, metadata) => {
  beforeEach(() => collectionOf(config, [pointOf(0, "Net debt fell."), pointOf(1, "The board met.")]));

  it("is searched, with Documents that can be cited and expanded", async () => {
    const embeddings = new FixedEmbeddings();
    const retriever = new SegmentRetriever({ sink: sinkOf(), embeddings, k: 2, mode: "dense" });
    const documents = await retriever.invoke("debt");
    expect(documents.map(({ pageContent }) => pageContent)).toEqual(["Net debt fell.", "The board met."]);
    expect(documents[0]).toMatchObject({
      id: uuid(0),
      metadata: { ...metadata, section_path: [], boxes: [] },
    });
    expect(formatCitations(documents)).toMatch(/\S/);
    const wide = new SegmentRetriever({
      sink: sinkOf(),
      embeddings,
      k: 1,
      mode: "dense",
      expand: { to: ["section"] },
    });
    expect((await wide.invoke("debt")).map(({ pageContent }) => pageContent)).toEqual(["Net debt fell."]);
  });

  it("gets points of its form, and keeps its own", async () => {
    const sink = sinkOf();
    await sink.prepare(spec);
    const own = [1, 2, 3].map((n) => samplePoint(n, { vector: [0, 0, 1, n] }));
    expect(await sink.upsert(own)).toBe(3);
    expect(await sink.count()).toBe(3);
    expect(
      (await collect(sink.listPoints("report.pdf", { vectors: true }))).map(({ vector }) => vector),
    ).toHaveLength(3);
    for (const { id, payload } of double.store.collections.get("c")?.points.values() ?? []) {
      const first = Object.keys(pointOf(0, "").payload).filter((key) => !/^file_|^page_l/.test(key));
      expect(Object.keys(payload), String(id)).toEqual(expect.arrayContaining(first));
    }
    const [hit] = await sink.search({ mode: "dense", k: 1, vector: [0, 0, 1, 1] });
    expect(hit).toEqual({
      id: idOf(1),
      content: own[0]?.content,
      metadata: own[0]?.metadata,
      score: expect.any(Number),
    });
    await sink.deletePoints(own.map(({ id }) => id));
    expect([...(double.store.collections.get("c")?.points.keys() ?? [])]).toEqual([uuid(0), uuid(1)]);
    // Opened again, when the collection has a record of the model.
    const later = sinkOf();
    await later.prepare(spec);
    await later.upsert(own);
    const points = double.store.collections.get("c")?.points;
    expect(Object.keys(points?.get(idOf(1))?.payload ?? {})).toEqual(
      expect.arrayContaining(
        Object.keys(pointOf(0, "").payload).filter((key) => !/^file_|^page_l/.test(key)),
      ),
    );
  });

  it("is refused for another size, naming both", async () => {
    await expect(sinkOf().prepare({ ...spec, dimensions: 8 })).rejects.toMatchObject({
      code: "STORE_MISMATCH",
      message: expect.stringMatching(/\b4 dimensions.*\b8 dimensions/),
    });
  });
});

describe("points of other programs", () => {
  it("are not listed, counted or deleted, even if they name a document of ours", async () => {
    const sink = sinkOf();
    await sink.prepare(spec);
    await sink.upsert([samplePoint(1)]);
    const store = new QdrantVectorStore(new FixedEmbeddings(), { url: double.url, collectionName: "c" });
    await store.addDocuments([{ id: uuid(5), pageContent: "elsewhere", metadata: { doc_id: "report.pdf" } }]);
    expect(await collect(sink.listPoints("report.pdf"))).toEqual([{ id: idOf(1), version: "v1" }]);
    expect(await sink.count()).toBe(1);
    expect(await sink.count({ docIds: ["report.pdf"] })).toBe(1);
    const hits = await sink.search({ mode: "dense", k: 5, vector: [1, 0, 0, 0] });
    expect(hits.map(({ id }) => id).sort()).toEqual([idOf(1), uuid(5)].sort());
  });

  it("are read with boxes and types where a loader of this package made them", async () => {
    const { metadata } = samplePoint(1);
    const { version: _, ...split } = { ...metadata, segment_type: "Table", title: null };
    await collectionOf({ vectors: cosine }, [
      { id: uuid(1), vector: [1, 0, 0, 0], payload: { content: "rows", metadata: split } },
    ]);
    const [hit] = await sinkOf().search({ mode: "dense", k: 1, vector: [1, 0, 0, 0] });
    expect(hit?.metadata).toMatchObject({ segment_type: "Table", boxes: metadata.boxes, version: "" });
  });

  it("are written with another vector when it is named, and refused when several fit", async () => {
    const vectors = { title: cosine, body: { ...cosine, distance: "Dot" } };
    await put("c", { vectors });
    await expect(sinkOf().prepare(spec)).rejects.toMatchObject({
      code: "STORE_MISMATCH",
      message: expect.stringContaining("its dense vectors are: title, body, expected one"),
    });
    await expect(sinkOf({ vector: "body" }).prepare(spec)).rejects.toMatchObject({
      message: expect.stringContaining("its distance is Dot, expected Cosine"),
    });
    await expect(sinkOf({ vector: "none" }).prepare(spec)).rejects.toMatchObject({
      message: expect.stringContaining('title, body, expected "none"'),
    });
    const sink = sinkOf({ vector: "title" });
    await sink.prepare(spec);
    expect(await sink.upsert([samplePoint(1)])).toBe(1);
    expect(await sink.search({ mode: "dense", k: 1, vector: [1, 0, 0, 0] })).toHaveLength(1);
  });
});

describe("a collection with points in a form that this package does not know", () => {
  it("is refused before anything is written", async () => {
    await put("c", { vectors: cosine });
    const payload = { chunk: "Whales are mammals.", meta: 1 };
    await put("c/points?wait=true", { points: [{ id: uuid(1), vector: [1, 0, 0, 0], payload }] });
    const sink = sinkOf();
    await expect(sink.prepare(spec)).rejects.toMatchObject({
      code: "STORE_MISMATCH",
      message: expect.stringContaining("its points have no text under any of content"),
    });
    expect(double.store.collections.get("c")?.points.size).toBe(1);
    expect(double.store.collections.get("c")?.indexes.size).toBe(0);
    await sink.close();
  });
});
