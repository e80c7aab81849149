import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SegmentSearchOptions, searchSegments } from "../../src/retrieval/search.js";
import { QdrantSink } from "../../src/stores/qdrant/index.js";
import type { SearchQuery, VectorSink } from "../../src/stores/sink.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";
import { SEARCHABLES, type Searchable } from "../support/retrieval/searchable.js";
import { atAngle, idOf, pointOf, pointsOf, SPEC } from "../support/sink-data.js";

const ZEROS = new Array<number>(SPEC.dimensions).fill(0);
const DIVIDEND = idOf(1);
const NAMES = idOf(2);
const OTHER_DIVIDEND = idOf(3);

describe.each(SEARCHABLES)("searching %s", (_name, open) => {
  let under: Searchable;
  let degrees = 0;
  let queries: SearchQuery[] = [];
  const embeddings = { embedQuery: async () => atAngle(degrees), embedDocuments: async () => [] };

  beforeAll(async () => {
    under = await open();
    await under.sink.prepare(SPEC);
    await under.sink.upsert([
      pointOf(1, { content: "dividend alpha", vector: atAngle(10) }),
      pointOf(2, { content: "Kowalczyk beta", vector: atAngle(20) }),
      pointOf(3, { content: "dividend gamma", vector: atAngle(30) }),
      ...pointsOf(60, (n) => ({ content: "filler", vector: atAngle(n) }), 100),
    ]);
  });
  afterAll(() => under.close());
  beforeEach(() => {
    queries = [];
  });

  /** The sink, with a note of what it is asked. */
  const watched = (): VectorSink =>
    new Proxy(under.sink, {
      get: (sink, key) => {
        if (key !== "search") {
          const value: unknown = Reflect.get(sink, key, sink);
          return typeof value === "function" ? value.bind(sink) : value;
        }
        return (...given: Parameters<VectorSink["search"]>) => {
          queries.push(given[0]);
          return sink.search(...given);
        };
      },
    });
  const search = (question: string, options: SegmentSearchOptions = {}) =>
    searchSegments({ sink: watched(), embeddings }, question, options);
  const ids = async (question: string, options: SegmentSearchOptions = {}) =>
    (await search(question, options)).map(({ id }) => id);

  it("finds what only the words find and what only the vector finds", async () => {
    degrees = 139;
    const found = await ids("Kowalczyk", { k: 100 });
    expect(found).toContain(NAMES);
    expect(found).toContain(idOf(139));
    expect(new Set(found).size).toBe(found.length);
  });

  it("orders hits of the same words by the vector", async () => {
    degrees = 10;
    expect((await ids("dividend")).slice(0, 2)).toEqual([DIVIDEND, OTHER_DIVIDEND]);
    degrees = 30;
    expect((await ids("dividend")).slice(0, 2)).toEqual([OTHER_DIVIDEND, DIVIDEND]);
  });

  it("gives scores from 0 to 1, best first", async () => {
    degrees = 10;
    for (const mode of ["dense", "text", "hybrid"] as const) {
      const rerank = "words";
      const scores = (await search("dividend filler", { k: 40, mode, rerank })).map(({ score }) => score);
      expect(scores).toHaveLength(40);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    }
  });

  it("ranks the hits of hybrid search by words, and others only when asked to", async () => {
    degrees = 150;
    const best = async (options: SegmentSearchOptions) => (await ids("dividend", { ...options, k: 1 }))[0];
    const byVector = { fusion: { denseShare: 0.8 } };
    expect(await best(byVector)).toBe(DIVIDEND);
    expect(await best({ ...byVector, rerank: "none" })).toBe(idOf(150));
    expect(await best({ mode: "dense" })).toBe(idOf(150));
    expect(await best({ mode: "text", rerank: async (_, texts) => texts.map((_text, n) => n) })).toBe(
      OTHER_DIVIDEND,
    );
  });

  it("asks a reranker about the best 50 hits, or as many as are wanted", async () => {
    degrees = 10;
    const counts: number[] = [];
    const rerank = async (_question: string, texts: string[]) => {
      counts.push(texts.length);
      return texts.map(() => 0);
    };
    await search("dividend filler", { k: 2, rerank });
    await search("dividend filler", { k: 60, rerank });
    await search("dividend filler", { k: 2, mode: "dense", rerank });
    expect(counts).toEqual([50, 60, 50]);
  });

  it("weighs words and vector as asked for", async () => {
    degrees = 150;
    const order = async (denseShare: number) =>
      (await ids("dividend", { k: 1, fusion: { denseShare }, rerank: "none" }))[0];
    expect(await order(0.05)).toBe(DIVIDEND);
    expect(await order(0.95)).toBe(idOf(150));
  });

  it.each(["?!", "xylophone"])("has the order of the vectors for %j", async (question) => {
    degrees = 31;
    expect(await ids(question, { k: 3 })).toEqual(await ids(question, { k: 3, mode: "dense" }));
  });

  it("answers the same question in the same way", async () => {
    degrees = 45;
    expect(await search("dividend filler", { k: 20 })).toEqual(await search("dividend filler", { k: 20 }));
  });

  it.each([
    [4, 50],
    [60, 60],
  ])("for %i hits asks for %i of each kind, with the filter", async (k, asked) => {
    const filter = { docIds: ["report.pdf"] };
    const found = await search("filler", { k, filter });
    expect(found).toHaveLength(k);
    expect(queries.map(({ mode }) => mode).sort()).toEqual(["dense", "text"]);
    for (const query of queries) expect(query).toMatchObject({ k: asked, filter });
  });

  it("asks one search for one mode", async () => {
    await search("dividend", { mode: "text", k: 2 });
    await search("dividend", { mode: "dense", k: 3 });
    expect(queries.map(({ mode, k }) => [mode, k])).toEqual([
      ["text", 2],
      ["dense", 3],
    ]);
  });

  it("needs embeddings for every mode but text", async () => {
    expect(await searchSegments({ sink: under.sink }, "Kowalczyk", { mode: "text" })).toHaveLength(1);
    await expect(searchSegments({ sink: under.sink }, "Kowalczyk")).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining('for mode "hybrid", got none'),
    });
  });

  it("finds by words alone what has no vector", async () => {
    const zeros = { ...embeddings, embedQuery: async () => ZEROS };
    const found = (mode: "dense" | "hybrid") =>
      searchSegments({ sink: under.sink, embeddings: zeros }, "Kowalczyk", { mode });
    expect(await found("dense")).toEqual([]);
    expect((await found("hybrid")).map(({ id }) => id)).toEqual([NAMES]);
  });

  it("refuses a vector of another model", async () => {
    const other = { ...embeddings, embedQuery: async () => [1, 0] };
    await expect(searchSegments({ sink: under.sink, embeddings: other }, "dividend")).rejects.toMatchObject({
      code: "STORE_MISMATCH",
      message: expect.stringContaining("has 2 dimensions"),
    });
  });

  it.each([
    [{ k: 0 }, "searchSegments: k: expected a number ≥ 1, got 0 (number)"],
    [
      { fusion: { denseShare: 2 } },
      "searchSegments: fusion.denseShare: expected a number ≤ 1, got 2 (number)",
    ],
  ])("refuses %j", async (options, message) => {
    await expect(search("dividend", options)).rejects.toMatchObject({ code: "INVALID_OPTION", message });
    expect(queries).toEqual([]);
  });

  it.each(["", " \n"])("refuses the question %j in every mode", async (question) => {
    for (const mode of ["dense", "text", "hybrid", undefined] as const) {
      await expect(search(question, { mode })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: `question: expected a question, got ${JSON.stringify(question)}`,
      });
    }
    expect(queries).toEqual([]);
  });

  it("stops when it is aborted", async () => {
    await expect(search("dividend", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(queries).toEqual([]);
  });
});

describe("a store that searches by vector only", () => {
  it("is searched by vector, and says so when words are asked for", async () => {
    const double = await QdrantDouble.start();
    const sink = new QdrantSink({ url: double.url, sparse: false });
    await sink.prepare(SPEC);
    await sink.upsert(pointsOf(3, (n) => ({ content: "filler", vector: atAngle(n) })));
    const embeddings = { embedQuery: async () => atAngle(0), embedDocuments: async () => [] };
    const hits = await searchSegments({ sink, embeddings }, "filler", { k: 2 });
    expect(hits.map(({ id }) => id)).toEqual([idOf(0), idOf(1)]);
    await expect(searchSegments({ sink, embeddings }, "filler", { mode: "hybrid" })).rejects.toMatchObject({
      code: "UNSUPPORTED_SEARCH",
      message: expect.stringContaining('in mode "hybrid"; it supports: dense'),
    });
    await sink.close();
    await double.close();
  });
});
