import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { WRITE, WrittenCollection } from "../../support/qdrant-double/written-collection.js";
import { idOf } from "../../support/sink-data.js";

const DOCUMENTS = 40;
let qdrant: WrittenCollection;

beforeEach(() => {
  qdrant = new WrittenCollection();
});
afterEach(() => qdrant.close());

const numbers = Array.from({ length: DOCUMENTS }, (_, number) => number);
const docIdOf = (number: number) => `document ${number}`;
const pointOf = (number: number) =>
  samplePoint(number, { metadata: { doc_id: docIdOf(number), version: `v${number}` } });

describe("small documents that are ready together", () => {
  it("share a write, a count and a deletion", async () => {
    const sink = await qdrant.prepared();
    await Promise.all(numbers.map((number) => sink.upsert([pointOf(number)])));
    expect(qdrant.stored().size).toBe(DOCUMENTS);
    expect(qdrant.writes().length).toBeLessThanOrEqual(4);

    const from = qdrant.double.requests.length;
    const counts = numbers.map((number) => sink.count({ docIds: [docIdOf(number)], version: `v${number}` }));
    expect(await Promise.all(counts)).toEqual(numbers.map(() => 1));
    const others = [sink.count({ docIds: [docIdOf(0)], version: "v1" }), sink.count({ docIds: ["none"] })];
    expect(await Promise.all([...others, sink.count({ docIds: [docIdOf(3)] })])).toEqual([0, 0, 1]);
    expect(qdrant.double.requests.length - from).toBeLessThanOrEqual(10);

    await Promise.all(numbers.map((number) => sink.deletePoints([idOf(number)])));
    expect(qdrant.stored().size).toBe(0);
    expect(qdrant.double.received("points/delete").length).toBeLessThanOrEqual(4);
  });

  it("keep within the limits of strict mode", async () => {
    const sink = await qdrant.prepared({
      strictMode: { upsert_max_batchsize: 4, condition_max_size: 3, max_query_limit: 5 },
    });
    await Promise.all(numbers.map((number) => sink.upsert([pointOf(number)])));
    expect(Math.max(...qdrant.sizes().map((size) => size ?? 0))).toBe(4);
    const counts = numbers.map((number) => sink.count({ docIds: [docIdOf(number)] }));
    expect(await Promise.all(counts)).toEqual(numbers.map(() => 1));
  });

  it("are written one by one where a shared request is refused, so that none fails for another", async () => {
    const sink = await qdrant.prepared();
    qdrant.double.faults.add({ fault: { kind: "status", status: 400 }, on: WRITE, after: 3 });
    const written = await Promise.allSettled(numbers.map((number) => sink.upsert([pointOf(number)])));
    expect(written.map(({ status }) => status)).toEqual(numbers.map(() => "fulfilled"));
    expect(qdrant.stored().size).toBe(DOCUMENTS);
  });

  it("are counted one by one where the server cannot group them", async () => {
    const sink = await qdrant.prepared({ version: "1.11.0" });
    await Promise.all(numbers.map((number) => sink.upsert([pointOf(number)])));
    const counts = numbers.map((number) => sink.count({ docIds: [docIdOf(number)] }));
    expect(await Promise.all(counts)).toEqual(numbers.map(() => 1));
    expect(qdrant.double.received("facet").length).toBeLessThanOrEqual(3);
  });

  it("are not stopped by one that is aborted", async () => {
    const sink = await qdrant.prepared();
    const controller = new AbortController();
    const writes = numbers.map((number) => {
      const options = number === 7 ? { signal: controller.signal } : {};
      return sink.upsert([pointOf(number)], options).catch(({ code }) => code);
    });
    controller.abort();
    const written = await Promise.all(writes);
    expect(written).toEqual(numbers.map((number) => (number === 7 ? "ABORTED" : 1)));
  });
});
