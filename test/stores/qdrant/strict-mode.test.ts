import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UnsiloedError } from "../../../src/errors.js";
import type { QdrantSink, QdrantSinkOptions } from "../../../src/stores/qdrant/index.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { many, WRITE, WrittenCollection } from "../../support/qdrant-double/written-collection.js";
import { collect, idOf } from "../../support/sink-data.js";

let qdrant: WrittenCollection;

beforeEach(() => {
  qdrant = new WrittenCollection();
});
afterEach(() => qdrant.close());

const strict = (limits: Record<string, unknown>, options: QdrantSinkOptions = {}): Promise<QdrantSink> =>
  qdrant.prepared({ strictMode: limits }, options);

/** Changes the strict mode of a collection that a sink has open. */
const change = async (limits: Record<string, unknown>): Promise<void> => {
  const answer = await fetch(`${qdrant.double.url}/collections/c`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ strict_mode_config: { enabled: true, ...limits } }),
  });
  expect(answer.status).toBe(200);
};

const ids = (count: number): string[] => many(count).map(({ id }) => id);

/** Writes, reads, searches and deletes 250 points in every way that a sink has. */
const useAll = async (sink: QdrantSink): Promise<void> => {
  expect(await sink.upsert(many(250))).toBe(250);
  expect((await collect(sink.listPoints("report.pdf"))).map(({ id }) => id)).toEqual(ids(250));
  const withVectors = await collect(sink.listPoints("report.pdf", { vectors: true }));
  expect(withVectors.filter(({ vector }) => vector?.length === 4)).toHaveLength(250);
  expect(await collect(sink.readPoints({ segmentTypes: ["Text"] }))).toHaveLength(250);
  expect(await sink.count({ docIds: ["report.pdf"], version: "v1" })).toBe(250);
  const hits = await sink.search({ mode: "dense", k: 240, vector: [1, 0, 0, 0] });
  expect(new Set(hits.map(({ id }) => id)).size).toBe(240);
  expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
  expect(await sink.search({ mode: "text", k: 150, text: "passage" })).toHaveLength(150);
  await sink.deletePoints(ids(249));
  expect([...qdrant.stored().keys()]).toEqual([idOf(249)]);
};

describe("a collection in strict mode", () => {
  const limits = { max_query_limit: 100, upsert_max_batchsize: 10, search_allow_exact: false };

  it("is written, read and searched within the limits that it tells", async () => {
    const sink = await strict(limits);
    await useAll(sink);
    expect(Math.max(...qdrant.sizes().map(Number))).toBe(10);
    expect(qdrant.writes()).toHaveLength(25);
    expect(qdrant.double.received("/count")).toEqual([]);
  });

  it("is written, read and searched within limits that were set while it was open", async () => {
    const sink = await qdrant.prepared();
    await change(limits);
    await useAll(sink);
  });

  it("is used again within limits that became tighter in the middle", async () => {
    const sink = await strict({ max_query_limit: 100, upsert_max_batchsize: 64 });
    await sink.upsert(many(100));
    await change({ max_query_limit: 7, upsert_max_batchsize: 3 });
    await useAll(sink);
  });

  it("is used as without limits while strict mode is off", async () => {
    const sink = await strict({ ...limits, enabled: false });
    await useAll(sink);
    expect(qdrant.sizes()).toEqual([128, 122]);
  });

  it.each([3, 1, 0])("divides a condition that may have %i values", async (condition_max_size) => {
    const sink = await strict({ condition_max_size });
    const docs = many(20).map((point, n) => ({
      ...point,
      metadata: { ...point.metadata, doc_id: `doc-${n}` },
    }));
    await sink.upsert(docs);
    const filter = { docIds: docs.slice(0, 11).map(({ metadata }) => metadata.doc_id) };
    expect(await sink.count(filter)).toBe(11);
    expect(await collect(sink.readPoints(filter))).toHaveLength(11);
    expect(await sink.search({ mode: "dense", k: 20, vector: [1, 0, 0, 0], filter })).toHaveLength(11);
    await change({ condition_max_size: 2 });
    expect(await sink.count(filter)).toBe(11);
  });

  it("takes as long as its rate of writes says, without losing a point", async () => {
    const sink = await strict({ write_rate_limit: 100 });
    const started = qdrant.clock.now();
    const documents = [0, 1, 2, 3].map((part) =>
      sink.upsert(many(150).map((point, n) => ({ ...point, id: idOf(part * 150 + n) }))),
    );
    expect(await Promise.all(documents)).toEqual([150, 150, 150, 150]);
    expect(qdrant.stored().size).toBe(600);
    // A bucket of 100 is full at the start; the other 500 take five minutes.
    expect(qdrant.clock.now() - started).toBeLessThan(7 * 60_000);
    await sink.deletePoints(ids(600));
    expect(qdrant.stored().size).toBe(0);
  });

  it("divides a deletion for a rate that was set while it was open", async () => {
    const sink = await qdrant.prepared();
    await sink.upsert(many(700));
    await change({ write_rate_limit: 100 });
    await sink.deletePoints(ids(700));
    expect(qdrant.stored().size).toBe(0);
  });

  it("is read as slowly as its rate of reads says", async () => {
    const sink = await strict({ read_rate_limit: 5, max_query_limit: 10 });
    await sink.upsert(many(100));
    const lists = await Promise.all([1, 2, 3].map(() => collect(sink.listPoints("report.pdf"))));
    expect(lists.map((list) => list.length)).toEqual([100, 100, 100]);
  });

  it.each([
    ["max_points_count", 20, /Max points count limit of 20 reached/],
    ["max_collection_vector_size_bytes", 64, /Max vector storage size limit of .* reached/],
    ["max_collection_payload_size_bytes", 64, /Max payload storage size limit of .* reached/],
  ])("says that it is full: %s", async (name, limit, message) => {
    const sink = await strict({ [name]: limit, upsert_max_batchsize: 10 }, { concurrency: 1 });
    await expect(sink.upsert(many(100))).rejects.toMatchObject({
      code: "STORE_FULL",
      retryable: false,
      message: expect.stringMatching(message),
    });
    await sink.deletePoints(ids(100));
    expect(qdrant.stored().size).toBe(0);
  });

  it("names the limit that allows no write at all", async () => {
    const sink = await strict({ upsert_max_batchsize: 0 });
    await expect(sink.upsert(many(10))).rejects.toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringContaining('Limit exceeded 1 > 0 for "upsert limit"'),
    });
    expect(qdrant.writes().length).toBeLessThan(5);
  });

  it("is not taken for a wrong key where it is refused with 403", async () => {
    const sink = await qdrant.prepared();
    const message = 'Forbidden: Limit exceeded 10 > 4 for "upsert limit". Help: Reduce it.';
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "status", status: 403, message } });
    expect(await sink.upsert(many(10))).toBe(10);
    expect(qdrant.sizes()).toEqual([10, 4, 4, 2]);
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "status", status: 403, message } });
    await expect(sink.upsert([samplePoint(1)])).rejects.toMatchObject({ code: "STORE_REFUSED" });
  });
});

describe("payload indexes in strict mode", () => {
  const problems: UnsiloedError[] = [];
  const onProblem = (problem: UnsiloedError) => problems.push(problem);
  beforeEach(() => void problems.splice(0));

  it("are created as far as allowed, the most needed first, and the rest is reported", async () => {
    const sink = await strict({ max_payload_index_count: 3 }, { onProblem });
    expect([...(qdrant.double.store.collections.get("c")?.indexes.keys() ?? [])]).toEqual([
      "metadata.doc_id",
      "metadata.version",
      "metadata.segment_type",
    ]);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/no payload index for metadata\.segment_id, .*max_payload_index_count.*are slow/),
    ]);
    expect(await sink.upsert(many(3))).toBe(3);
    expect(await sink.count({ docIds: ["report.pdf"], version: "v1" })).toBe(3);
  });

  it("are too few where documents could not be found without them", async () => {
    const limits = { max_payload_index_count: 1, unindexed_filtering_retrieve: false };
    await expect(strict(limits, { onProblem })).rejects.toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringMatching(/no payload index for metadata\.version.*raise it to 9/),
    });
  });
});
