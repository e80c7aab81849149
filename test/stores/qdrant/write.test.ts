import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Random } from "../../../bench/support/random.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { many, WRITE, WrittenCollection } from "../../support/qdrant-double/written-collection.js";
import { idOf } from "../../support/sink-data.js";

const SEED = 7;
let qdrant: WrittenCollection;

beforeEach(() => {
  qdrant = new WrittenCollection();
});
afterEach(() => qdrant.close());

describe("writing points", () => {
  it("sends a dense and a BM25 vector and the payload LangChain reads", async () => {
    const sink = await qdrant.prepared();
    const point = samplePoint(1, { vector: [0.1, 0.2, 1 / 3, -1e-7], content: "Seen", lexical: "searched" });
    expect(await sink.upsert([point])).toBe(1);
    expect(qdrant.writes()[0]).toMatchObject({
      query: "wait=true",
      body: {
        points: [
          {
            id: point.id,
            vector: {
              "": [0.1, 0.2, 0.33333334, -1e-7],
              bm25: { text: "searched", model: "qdrant/bm25" },
            },
            payload: { content: "Seen", metadata: point.metadata },
          },
        ],
      },
    });
  });

  it("writes short numbers without losing a bit of a float32", async () => {
    const sink = await qdrant.prepared();
    const vector = [
      Math.fround(0.123456789),
      Math.fround(-7.3e-12),
      Math.fround(16777217.5),
      Math.fround(1e30),
    ];
    await sink.upsert([samplePoint(1, { vector })]);
    const sent = qdrant
      .writes()
      .flatMap(({ body }) => (body as { points: { vector: { "": number[] } }[] }).points);
    const numbers = sent.flatMap((point) => point.vector[""]);
    expect(numbers.map(Math.fround)).toEqual(vector);
    expect(Math.max(...numbers.map((value) => String(value).length))).toBeLessThan(16);
  });

  it(`writes any component of a unit vector with at most 9 digits, seed ${SEED}`, async () => {
    const sink = await qdrant.prepared();
    const random = new Random(SEED);
    const component = () => Math.fround((random.next() * 2 - 1) * 10 ** -random.between(0, 13));
    const edges = [0.1, 0.099999994, 0.99999994, 1e-12].map(Math.fround);
    const vectors = [edges, ...Array.from({ length: 100 }, () => Array.from({ length: 4 }, component))];
    await sink.upsert(vectors.map((vector, index) => samplePoint(index + 1, { vector })));
    const sent = qdrant
      .writes()
      .flatMap(({ body }) => (body as { points: { vector: { "": number[] } }[] }).points);
    const numbers = sent.flatMap((point) => point.vector[""]);
    expect(numbers.map(Math.fround)).toEqual(vectors.flat());
    const digits = numbers.map((value) => value.toExponential().replace(/e.*|\D/g, "").length);
    expect(Math.max(...digits)).toBeLessThanOrEqual(9);
  });

  it("writes the payload of LangChain Python when asked to", async () => {
    const sink = await qdrant.prepared({}, { payload: "langchain-python" });
    await sink.upsert([samplePoint(1)]);
    expect(qdrant.writes()[0]?.body).toMatchObject({
      points: [
        {
          vector: { "langchain-sparse": { text: "passage number 1" } },
          payload: { page_content: "passage number 1" },
        },
      ],
    });
    const [hit] = await sink.search({ mode: "text", k: 1, text: "passage" });
    expect(hit).toMatchObject({ content: "passage number 1", metadata: { doc_id: "report.pdf" } });
  });

  it("makes batches by count, with few requests at a time", async () => {
    const sink = await qdrant.prepared({}, { batchCount: 10, concurrency: 2 });
    const upserts = [0, 1, 2].map((part) =>
      sink.upsert(many(25).map((point, n) => ({ ...point, id: idOf(part * 25 + n) }))),
    );
    expect(await Promise.all(upserts)).toEqual([25, 25, 25]);
    expect(qdrant.sizes().sort()).toEqual([10, 10, 10, 10, 10, 10, 5, 5, 5]);
    expect(qdrant.stored().size).toBe(75);
    expect(qdrant.double.concurrent).toBeLessThanOrEqual(2);
  });

  it("sends several batches of one document at once", async () => {
    let arrived = 0;
    let meet = (): void => {};
    const together = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const sink = await qdrant.prepared(
      {
        beforeAnswer: async ({ method, path }) => {
          if (`${method} /${path}` !== WRITE) return;
          if (++arrived === 3) meet();
          await together;
        },
      },
      { batchCount: 10 },
    );
    expect(await sink.upsert(many(30))).toBe(30);
    expect(qdrant.double.concurrent).toBe(3);
  });

  it("makes batches by bytes, exact to the byte", async () => {
    const sink = await qdrant.prepared({}, { batchBytes: 20_000, batchCount: 1000 });
    await sink.upsert(many(40, { content: "é".repeat(1000) }));
    expect(qdrant.writes().length).toBeGreaterThan(3);
    for (const { bytes } of qdrant.writes()) expect(bytes).toBeLessThanOrEqual(20_000);
    expect(qdrant.stored().size).toBe(40);
  });

  it("writes an id once, with the last of its points", async () => {
    const sink = await qdrant.prepared({}, { batchCount: 1 });
    expect(await sink.upsert([samplePoint(1), samplePoint(2), samplePoint(1, { content: "later" })])).toBe(2);
    expect(qdrant.stored().get(idOf(1))?.payload["content"]).toBe("later");
  });

  it.each([
    ["NaN", [1, Number.NaN, 0, 0], "STORE_REFUSED", /number 1 of its vector is NaN/],
    ["more than a float32 holds", [1, 0, 1e39, 0], "STORE_REFUSED", /number 2 .* is 1e\+39/],
    ["another length", [1, 0, 0], "STORE_MISMATCH", /has 3 dimensions, expected 4/],
  ])("refuses a vector with %s before sending anything", async (_name, vector, code, message) => {
    const sink = await qdrant.prepared();
    await expect(sink.upsert([samplePoint(1), samplePoint(2, { vector })])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(qdrant.writes()).toEqual([]);
  });

  it("replaces lone surrogates, because the server refuses a whole request for one", async () => {
    const sink = await qdrant.prepared();
    const broken = "cut \ud83d here";
    await sink.upsert([samplePoint(1, { content: broken, metadata: { section_path: [broken] } })]);
    expect(qdrant.stored().get(idOf(1))?.payload).toMatchObject({
      content: "cut \ufffd here",
      metadata: { section_path: ["cut \ufffd here"] },
    });
  });

  it("omits the BM25 vector of a point without words", async () => {
    const sink = await qdrant.prepared();
    expect(await sink.upsert([samplePoint(1, { content: "x", lexical: " — " })])).toBe(1);
    expect(qdrant.stored().get(idOf(1))?.sparse.size).toBe(0);
  });
});

describe("listing, counting and deleting", () => {
  it("lists every point of a document over several pages, with the requested fields", async () => {
    const sink = await qdrant.prepared();
    const other = samplePoint(5000, { metadata: { doc_id: "other.pdf" } });
    await sink.upsert([...many(1203, { vector: [3, 4, 0, 0] }), other]);
    const ids = [];
    for await (const point of sink.listPoints("report.pdf")) {
      expect(point).toEqual({ id: point.id, version: "v1" });
      ids.push(point.id);
    }
    expect(ids).toEqual(many(1203).map(({ id }) => id));
    expect(qdrant.double.received("/scroll")).toHaveLength(2);
    for await (const { vector } of sink.listPoints("report.pdf", { vectors: true })) {
      expect(vector).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 0]);
    }
  });

  it("deletes by id, in batches, and waits for the end", async () => {
    const sink = await qdrant.prepared();
    await sink.upsert(many(5));
    await sink.deletePoints([idOf(1), idOf(3), idOf(99)]);
    expect([...qdrant.stored().keys()]).toEqual([idOf(0), idOf(2), idOf(4)]);
    await sink.deletePoints([]);
    const deletions = qdrant.double.received("/points/delete");
    expect(deletions.map(({ query, body }) => [query, Object.keys(body as object)])).toEqual([
      ["wait=true", ["points"]],
    ]);
    await sink.deletePoints(Array.from({ length: 2500 }, (_, n) => idOf(n)));
    expect(qdrant.stored().size).toBe(0);
    expect(qdrant.double.received("/points/delete")).toHaveLength(4);
  });
});
