import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasOpenApi } from "../../support/qdrant-double/openapi.js";
import { QdrantDouble } from "../../support/qdrant-double/server.js";
import { idOf } from "../../support/sink-data.js";

/** Answers as they are documented or were seen from a real server. */
let double: QdrantDouble;

const send = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(double.url + path, {
    method,
    ...(body !== undefined && {
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json" },
    }),
  });
  const text = await answer.text();
  return { status: answer.status, text, json: text.startsWith("{") ? JSON.parse(text) : undefined };
};
const result = async (method: string, path: string, body?: unknown) =>
  (await send(method, path, body)).json?.result;
const error = async (method: string, path: string, body?: unknown): Promise<[number, string]> => {
  const { status, json } = await send(method, path, body);
  expect(json).not.toHaveProperty("result");
  return [status, json.status.error];
};
const put = (points: object[]) => send("PUT", "/collections/c/points?wait=true", { points });

beforeEach(async () => {
  double = await QdrantDouble.start();
  await send("PUT", "/collections/c", {
    vectors: { size: 2, distance: "Cosine" },
    sparse_vectors: { bm25: { modifier: "idf" } },
  });
});
afterEach(() => double.close());

describe("requests to the double", () => {
  it("are answered in the server's envelope", async () => {
    expect((await send("GET", "/")).json).toMatchObject({ version: "1.19.0" });
    expect((await send("GET", "/collections")).json).toEqual({
      result: { collections: [{ name: "c" }] },
      status: "ok",
      time: expect.any(Number),
    });
    expect(await result("GET", "/collections/c/exists")).toEqual({ exists: true });
    expect((await result("GET", "/collections/c")).config.params.vectors).toEqual({
      size: 2,
      distance: "Cosine",
    });
  });

  it("are refused with the server's error messages", async () => {
    const vectors = { size: 2, distance: "Cosine" };
    expect(await error("PUT", "/collections/c", { vectors })).toEqual([
      409,
      "Wrong input: Collection `c` already exists!",
    ]);
    expect(await error("GET", "/collections/x")).toEqual([404, "Not found: Collection `x` doesn't exist!"]);
    expect(await error("PUT", "/collections/c/points", { points: [{ id: 1, vector: [1, 2, 3] }] })).toEqual([
      400,
      "Wrong input: Vector dimension error: expected dim: 2, got 3",
    ]);
    const [status, text] = await error("POST", "/collections/c/points/count", { exactly: true });
    expect([status, text.startsWith("Format error in JSON body")]).toEqual([400, true]);
    const [, id] = await error("PUT", "/collections/c/points", { points: [{ id: "one", vector: [1, 2] }] });
    expect(id).toContain("Format error in JSON body");
    const escaped = `{"points":[{"id":1,"vector":[1,2],"payload":{"a":"\\ud83d"}}]}`;
    expect(await error("PUT", "/collections/c/points", escaped)).toEqual([
      400,
      "Format error in JSON body: lone leading surrogate in hex escape",
    ]);
  });

  it("replace points whole, and keep Cosine vectors at length 1", async () => {
    await put([
      { id: 7, vector: { "": [3, 4], bm25: { text: "a word", model: "qdrant/bm25" } }, payload: { a: 1 } },
    ]);
    await put([{ id: 7, vector: [0, 5], payload: { b: 2 } }]);
    expect(await result("POST", "/collections/c/points", { ids: [7], with_vector: true })).toEqual([
      { id: 7, payload: { b: 2 }, vector: [0, 1] },
    ]);
  });

  it("store all points of a request or none", async () => {
    await put([
      { id: 1, vector: [1, 0] },
      { id: 2, vector: [1, 0, 0] },
    ]);
    expect(await result("POST", "/collections/c/points/count", {})).toEqual({ count: 0 });
  });

  it("scroll by id, numbers before UUIDs, with the next page's first id", async () => {
    await put(
      [idOf(2), 10, idOf(1).toUpperCase(), 9].map((id) => ({
        id,
        vector: [1, 0],
        payload: { m: { v: 1, w: 2 } },
      })),
    );
    const request = { limit: 3, with_payload: ["m.v"] };
    const page = await result("POST", "/collections/c/points/scroll", request);
    expect(page).toEqual({
      points: [9, 10, idOf(1)].map((id) => ({ id, payload: { m: { v: 1 } } })),
      next_page_offset: idOf(2),
    });
    const rest = await result("POST", "/collections/c/points/scroll", { ...request, offset: idOf(2) });
    expect(rest).toMatchObject({ points: [{ id: idOf(2) }], next_page_offset: null });
  });

  it("apply the operations of a batch in order", async () => {
    await send("POST", "/collections/c/points/batch?wait=true", {
      operations: [
        { upsert: { points: [1, 2, 3].map((id) => ({ id, vector: [1, 0] })) } },
        { delete: { points: [2] } },
        { delete: { filter: { must: [{ has_id: [3] }] } } },
      ],
    });
    expect(await result("POST", "/collections/c/points/count", {})).toEqual({ count: 1 });
  });

  it("change what an update names, and nothing else", async () => {
    await send("PATCH", "/collections/c", {
      optimizers_config: { indexing_threshold: 5000 },
      hnsw_config: { m: 8 },
      metadata: { a: 1, b: { c: 2 } },
    });
    const change = { indexing_threshold: null, deleted_threshold: 0.5 };
    await send("PATCH", "/collections/c", {
      optimizers_config: change,
      hnsw_config: null,
      metadata: { a: null, d: 3 },
    });
    expect((await result("GET", "/collections/c")).config).toMatchObject({
      optimizer_config: { indexing_threshold: 5000, deleted_threshold: 0.5 },
      hnsw_config: { m: 8, ef_construct: 100 },
      metadata: { b: { c: 2 }, d: 3 },
    });
    expect((await result("GET", "/collections/c")).config.metadata).not.toHaveProperty("a");
    expect(await error("PATCH", "/collections/x", {})).toEqual([
      404,
      "Not found: Collection `x` doesn't exist!",
    ]);
  });

  it("follow aliases", async () => {
    const actions = [{ create_alias: { collection_name: "c", alias_name: "live" } }];
    expect(await result("POST", "/collections/aliases", { actions })).toBe(true);
    await put([{ id: 1, vector: [1, 0] }]);
    expect(await result("POST", "/collections/live/points/count", {})).toEqual({ count: 1 });
  });
});

describe("filters of the double", () => {
  beforeEach(() =>
    put([
      { id: 1, vector: [1, 0], payload: { a: { n: 5, tags: ["x", "y"], boxes: [{ p: 1 }, { p: 4 }] } } },
      { id: 2, vector: [1, 0], payload: { a: { n: null } } },
      { id: 3, vector: [1, 0], payload: {} },
    ]),
  );
  const one = { key: "a.tags", match: { value: "x" } };
  it.each([
    ["an element of an array", { must: [{ key: "a.tags", match: { value: "y" } }] }, [1]],
    ["any of several", { must: { key: "a.tags", match: { any: ["q", "x"] } } }, [1]],
    ["a range", { must: [{ key: "a.n", range: { gte: 5, lt: 6 } }] }, [1]],
    ["a path through an array", { must: [{ key: "a.boxes[].p", range: { gte: 2, lte: 4 } }] }, [1]],
    ["bounds that no one element meets", { must: [{ key: "a.boxes[].p", range: { gt: 1, lt: 4 } }] }, []],
    ["an array of objects without []", { must: [{ key: "a.boxes.p", match: { value: 1 } }] }, []],
    ["missing fields under must_not", { must_not: [one] }, [2, 3]],
    ["either of two", { should: [one, { has_id: [3] }] }, [1, 3]],
    [
      "a filter in a filter",
      { must: [{ should: [one, { has_id: [2] }] }], must_not: [{ has_id: [2] }] },
      [1],
    ],
    ["empty fields", { must: [{ is_empty: { key: "a.n" } }] }, [2, 3]],
    ["null fields", { must: [{ is_null: { key: "a.n" } }] }, [2]],
  ])("%s", async (_name, filter, ids) => {
    const { points } = await result("POST", "/collections/c/points/scroll", { filter });
    expect(points.map(({ id }: { id: number }) => id)).toEqual(ids);
  });
});

describe("queries of the double", () => {
  const bm25 = (text: string) => ({ text, model: "qdrant/bm25" });
  beforeEach(() =>
    put([
      { id: 1, vector: { "": [1, 0], bm25: bm25("report report profit") } },
      { id: 2, vector: { "": [1, 1], bm25: bm25("report") } },
      { id: 3, vector: { "": [0, 1], bm25: bm25("report losses") } },
    ]),
  );
  const query = async (body: object): Promise<[number, number][]> =>
    (await result("POST", "/collections/c/points/query", body)).points.map(
      ({ id, score }: { id: number; score: number }) => [id, Number(score.toFixed(4))],
    );
  const prefetch = [{ query: [1, 0] }, { query: bm25("loss report"), using: "bm25" }];

  it("weigh rare words more than common ones", async () => {
    const ids = (await query({ query: bm25("the losses in reports"), using: "bm25" })).map(([id]) => id);
    expect(ids[0]).toBe(3);
    expect(ids).toHaveLength(3);
  });

  it("return no payload unless asked", async () => {
    const { points } = await result("POST", "/collections/c/points/query", { query: [1, 0], limit: 1 });
    expect(points).toEqual([{ id: 1, score: 1, version: expect.any(Number) }]);
  });

  it("fuse ranks as 1 / (rank / weight + k − 1)", async () => {
    const lists = [{ query: [1, 0] }, { query: [0, 1], limit: 1 }];
    expect(await query({ prefetch: lists, query: { fusion: "rrf" } })).toEqual([
      [3, 0.75],
      [1, 0.5],
      [2, 0.3333],
    ]);
    expect(await query({ prefetch: lists, query: { rrf: { k: 1, weights: [4, 1] } } })).toEqual([
      [1, 4],
      [3, 2.3333],
      [2, 2],
    ]);
    expect(
      await error("POST", "/collections/c/points/query", {
        prefetch: lists,
        query: { rrf: { weights: [1] } },
      }),
    ).toEqual([422, expect.stringContaining("got 1, expected 2")]);
  });

  it("fuse scores by their distribution", async () => {
    const fused = await query({ prefetch, query: { fusion: "dbsf" } });
    expect(fused).toHaveLength(3);
    for (const [, score] of fused) expect(score).toBeGreaterThan(0);
  });
});

describe("checks of the double", () => {
  it.skipIf(!hasOpenApi())(
    "record what the published schema does not allow (skipped where that file is absent)",
    async () => {
      const { status } = await send("POST", "/collections/c/points/count", { filter: { key: "a" } });
      expect(status).toBe(400);
      expect(double.violations).toEqual([
        expect.stringContaining("POST /collections/{collection_name}/points/count"),
      ]);
    },
  );

  it("need the API key, and refuse in plain text", async () => {
    await double.close();
    double = await QdrantDouble.start({ apiKey: "k" });
    expect(await send("GET", "/collections")).toMatchObject({ status: 401, json: undefined });
  });

  it("refuse features that are newer than the version", async () => {
    await double.close();
    double = await QdrantDouble.start({ version: "1.14.0" });
    const body = { vectors: { size: 2, distance: "Cosine" }, sparse_vectors: { bm25: { modifier: "idf" } } };
    expect((await error("PUT", "/collections/c", { ...body, metadata: { a: 1 } }))[1]).toContain(
      "unknown field `metadata`",
    );
    await send("PUT", "/collections/c", body);
    const vector = { "": [1, 0], bm25: { text: "x", model: "qdrant/bm25" } };
    expect((await error("PUT", "/collections/c/points", { points: [{ id: 1, vector }] }))[1]).toContain(
      "InferenceService",
    );
  });
});
