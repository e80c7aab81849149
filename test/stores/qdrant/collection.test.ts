import { afterEach, describe, expect, it } from "vitest";
import { QdrantSink, type QdrantSinkOptions } from "../../../src/stores/qdrant/index.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { QdrantDouble, type QdrantDoubleOptions } from "../../support/qdrant-double/server.js";

const spec = { dimensions: 4, model: "model-a" };
let double: QdrantDouble;

const start = async (options: QdrantDoubleOptions = {}): Promise<void> => {
  double = await QdrantDouble.start(options);
};
const sinkOf = (options: QdrantSinkOptions = {}): QdrantSink =>
  new QdrantSink({ url: double.url, collection: "c", clock: new AutoAdvanceClock(), ...options });
/** Creates a collection without the sink. */
const create = async (body: object): Promise<void> => {
  const answer = await fetch(`${double.url}/collections/c`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
};
const created = (): Record<string, unknown> => double.store.collections.get("c")?.config ?? {};

afterEach(async () => {
  expect(double.violations).toEqual([]);
  await double.close();
});

describe("preparing a collection", () => {
  it("creates the vectors, the model's record and every index before a point is written", async () => {
    await start();
    await sinkOf().prepare(spec);
    expect(created()).toMatchObject({
      vectors: { size: 4, distance: "Cosine" },
      sparse_vectors: { bm25: { modifier: "idf" } },
      metadata: { embedding_model: "model-a", bm25: {} },
    });
    expect(Object.fromEntries(double.store.collections.get("c")?.indexes ?? [])).toEqual({
      "metadata.doc_id": "keyword",
      "metadata.version": "keyword",
      "metadata.segment_type": "keyword",
      "metadata.section_path": "keyword",
      "metadata.page_number": "integer",
      "metadata.boxes[].page_number": "integer",
      "metadata.segment_id": "keyword",
      "metadata.segment_indices": "integer",
      "metadata.confidence": "float",
    });
    expect(double.received("/index").every(({ query }) => query === "wait=true")).toBe(true);
  });

  it("creates the indexes of a profile, and leaves others that are there", async () => {
    await start();
    const names = () =>
      [...(double.store.collections.get("c")?.indexes.keys() ?? [])].map((key) => key.slice(9));
    await sinkOf({ indexes: "ingestion" }).prepare(spec);
    expect(names()).toEqual(["doc_id", "version"]);
    await sinkOf({ indexes: "expansion" }).prepare(spec);
    const expansion = ["doc_id", "version", "segment_id", "section_path", "segment_indices"];
    expect(names().sort()).toEqual(expansion.sort());
    await sinkOf({ indexes: "ingestion" }).prepare(spec);
    expect(names()).toHaveLength(5);
  });

  it("adds only what is missing in a second prepare", async () => {
    await start();
    await sinkOf().prepare(spec);
    double.store.collections.get("c")?.indexes.delete("metadata.confidence");
    double.requests.length = 0;
    await sinkOf().prepare(spec);
    expect(double.requests.filter(({ method }) => method !== "GET").map(({ body }) => body)).toEqual([
      { field_name: "metadata.confidence", field_schema: "float" },
    ]);
  });

  it("passes the settings of a new collection on", async () => {
    await start();
    await sinkOf({
      creation: { shard_number: 2, hnsw_config: { m: 0 }, vectors: { on_disk: true } },
    }).prepare(spec);
    expect(created()).toMatchObject({
      shard_number: 2,
      hnsw_config: { m: 0 },
      vectors: { size: 4, distance: "Cosine", on_disk: true },
    });
  });

  it("accepts a collection that another run makes at the same time", async () => {
    await start();
    await Promise.all([sinkOf().prepare(spec), sinkOf().prepare(spec)]);
    expect(double.store.collections.size).toBe(1);
    expect(double.received("PUT /collections/c").filter(({ path }) => path === "/collections/c").length).toBe(
      2,
    );
  });

  it("continues when the answer to the creation is lost", async () => {
    await start();
    double.faults.add({ on: "PUT /collections/c", fault: { kind: "reset", applied: true } });
    await sinkOf().prepare(spec);
    expect(created()["metadata"]).toMatchObject({ embedding_model: "model-a" });
  });

  it.each([
    [
      "another size",
      { vectors: { size: 3, distance: "Cosine" } },
      /an unknown model \(3 dimensions\), expected those of model "model-a" \(4 dimensions\)/,
    ],
    ["another distance", { vectors: { size: 4, distance: "Dot" } }, /distance is Dot, expected Cosine/],
    [
      "several named vectors",
      {
        vectors: { title: { size: 4, distance: "Cosine" }, body: { size: 4, distance: "Cosine" } },
      },
      /dense vectors are: title, body, expected one, or the option vector/,
    ],
    [
      "another model",
      {
        vectors: { size: 4, distance: "Cosine" },
        sparse_vectors: { bm25: { modifier: "idf" } },
        metadata: { embedding_model: "model-b" },
      },
      /model "model-b" .*, expected those of model "model-a"/,
    ],
    [
      "other BM25 options",
      {
        vectors: { size: 4, distance: "Cosine" },
        sparse_vectors: { bm25: { modifier: "idf" } },
        metadata: { embedding_model: "model-a", bm25: { language: "german" } },
      },
      /BM25 options are \{"language":"german"\}, expected \{\}/,
    ],
  ])("refuses a collection with %s before writing anything", async (_name, body, message) => {
    await start();
    await create(body);
    double.requests.length = 0;
    await expect(sinkOf().prepare(spec)).rejects.toMatchObject({
      code: "STORE_MISMATCH",
      message: expect.stringMatching(message),
    });
    expect(double.requests.every(({ method }) => method === "GET")).toBe(true);
  });

  it.each([
    ["no", undefined, /sparse vectors are: none, expected "bm25" with modifier idf/],
    ["one without idf", { bm25: {} }, /"bm25" has modifier none, expected "bm25" with modifier idf/],
  ])(
    "does without full-text search where the BM25 vector is not there: %s",
    async (_name, sparse, message) => {
      await start();
      await create({ vectors: { size: 4, distance: "Cosine" }, ...(sparse && { sparse_vectors: sparse }) });
      const problems: string[] = [];
      const onProblem = (problem: Error) => problems.push(problem.message);
      const named = sinkOf({ sparse: "bm25", onProblem });
      await expect(named.prepare(spec)).rejects.toMatchObject({
        code: "STORE_MISMATCH",
        message: expect.stringMatching(message),
      });
      expect(problems).toEqual([]);
      const sink = sinkOf({ onProblem });
      await sink.prepare(spec);
      expect(problems).toEqual([expect.stringMatching(message)]);
      expect(await sink.upsert([samplePoint(1)])).toBe(1);
      expect(await sink.open()).toEqual({ spec, modes: ["dense"] });
    },
  );

  it("records the model in a collection that names none", async () => {
    await start();
    await create({
      vectors: { size: 4, distance: "Cosine" },
      sparse_vectors: { bm25: { modifier: "idf" } },
      metadata: { owner: "someone" },
    });
    await sinkOf().prepare(spec);
    expect(created()["metadata"]).toEqual({ owner: "someone", embedding_model: "model-a", bm25: {} });
  });

  it("works without full-text search when told to", async () => {
    await start();
    await create({ vectors: { size: 4, distance: "Cosine" } });
    const sink = sinkOf({ sparse: false });
    await sink.prepare(spec);
    await sink.upsert([samplePoint(1)]);
    expect(await sink.open()).toEqual({ spec, modes: ["dense"] });
    await expect(sink.search({ mode: "text", k: 1, text: "passage" })).rejects.toMatchObject({
      code: "UNSUPPORTED_SEARCH",
      message: expect.stringContaining("the option sparse is false"),
    });
  });
});

describe("older servers", () => {
  it("stores vectors alone before 1.15.3 and says what full-text search needs", async () => {
    await start({ version: "1.14.0" });
    const sink = sinkOf();
    await sink.prepare(spec);
    expect(created()).not.toHaveProperty("sparse_vectors");
    expect(created()).not.toHaveProperty("metadata");
    expect(await sink.upsert([samplePoint(1)])).toBe(1);
    expect(await sink.open()).toEqual({ spec: { dimensions: 4, model: "unknown" }, modes: ["dense"] });
    await expect(sink.search({ mode: "text", k: 1, text: "a" })).rejects.toMatchObject({
      code: "UNSUPPORTED_SEARCH",
      message: expect.stringContaining("1.15.3"),
    });
  });
});

describe("opening a collection", () => {
  it("says how to create a missing one", async () => {
    await start();
    await expect(sinkOf().open()).rejects.toMatchObject({
      code: "COLLECTION_NOT_FOUND",
      message: expect.stringMatching(/no collection "c" at http:\/\/127\.0\.0\.1:\d+: ingest/),
    });
    await expect(sinkOf().upsert([samplePoint(1)])).rejects.toMatchObject({ code: "COLLECTION_NOT_FOUND" });
    await expect(sinkOf().count()).rejects.toMatchObject({ code: "COLLECTION_NOT_FOUND" });
  });

  it("searches with the BM25 options that the collection was filled with", async () => {
    await start();
    const writer = sinkOf({ bm25: { language: "german", lowercase: false } });
    await writer.prepare(spec);
    const reader = sinkOf();
    expect(await reader.open()).toEqual({ spec, modes: ["dense", "text"] });
    await reader.search({ mode: "text", k: 1, text: "Bilanz" });
    expect(double.received("/query")[0]?.body).toMatchObject({
      query: { text: "Bilanz", model: "qdrant/bm25", options: { language: "german", lowercase: false } },
    });
  });

  it("works under strict mode, which refuses fields without an index", async () => {
    await start({ strictMode: true });
    const sink = sinkOf();
    await sink.prepare(spec);
    await sink.upsert([samplePoint(1)]);
    const filter = {
      docIds: ["report.pdf"],
      segmentTypes: ["Text"],
      pages: { from: 1, to: 2 },
      minConfidence: 0.5,
      version: "v1",
    };
    expect(await sink.count(filter)).toBe(1);
    expect(await sink.search({ mode: "text", k: 1, text: "passage", filter })).toHaveLength(1);
    for await (const point of sink.listPoints("report.pdf")) expect(point.version).toBe("v1");
    double.store.collections.get("c")?.indexes.delete("metadata.version");
    await expect(sink.count({ version: "v1" })).rejects.toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringContaining("Index required"),
    });
  });
});
