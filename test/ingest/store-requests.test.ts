import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { ingest } from "../../src/ingest/ingest.js";
import type { IngestOptions } from "../../src/ingest/options.js";
import { MemoryLedger } from "../../src/ledger/memory-ledger.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { QdrantSink } from "../../src/stores/qdrant/qdrant-sink.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";

/** A document of tables, each of which becomes one point. */
const resultOf = (texts: readonly string[]) => ({
  chunks: texts.map((text, index) => ({
    chunk_id: `chunk-${index}`,
    segments: [
      {
        segment_id: `segment-${index}`,
        segment_type: "Table",
        content: `| key |\n| --- |\n| ${text} |`,
        page_number: 1,
        bbox: { left: 0, top: index * 10, width: 100, height: 8 },
        confidence: 0.9,
      },
    ],
  })),
});

describe("what a run asks of Qdrant", () => {
  let double: QdrantDouble;
  let sink: QdrantSink;
  let ledger: MemoryLedger;

  beforeEach(async () => {
    double = await QdrantDouble.start();
    sink = new QdrantSink({ url: double.url, collection: "c" });
    ledger = new MemoryLedger();
  });

  afterEach(async () => {
    await sink.close();
    expect(double.violations).toEqual([]);
    await double.close();
  });

  type Changes = Partial<IngestOptions> & { hasLedger?: boolean };
  type Texts = Readonly<Record<string, readonly string[]>>;

  /** Ingests documents and returns the report with the requests for points, by kind. */
  const run = async (documents: Texts, { hasLedger = true, ...options }: Changes = {}) => {
    const from = double.requests.length;
    async function* sources() {
      for (const [docId, texts] of Object.entries(documents))
        yield* new UnsiloedResultLoader(resultOf(texts), { docId }).sources();
    }
    const embeddings = new HashedEmbeddings();
    const report = await ingest(sources(), {
      sink,
      ...(hasLedger && { ledger }),
      embeddings,
      splitter: new SegmentSplitter(),
      ...options,
    });
    const requests = double.requests.slice(from);
    const of = (kind: string) => requests.filter(({ path }) => path.endsWith(`/points/${kind}`));
    const vectors = of("scroll").filter(
      ({ body }) => (body as { with_vector: unknown }).with_vector !== false,
    );
    return { report, embedded: embeddings.embedded, listings: of("scroll"), counts: of("count"), vectors };
  };

  const textsOf = (docId: string) =>
    [...(double.store.collections.get("c")?.points.values() ?? [])]
      .filter(({ payload }) => (payload["metadata"] as { doc_id: string }).doc_id === docId)
      .map(({ payload }) => /\| (\w+) \|$/.exec(String(payload["content"]))?.[1])
      .sort();

  it.each([true, false])(
    "lists nothing of documents in an empty collection, with a ledger: %s",
    async (hasLedger) => {
      const { report, listings } = await run({ a: ["alpha", "beta"], b: ["gamma"] }, { hasLedger });
      expect(report).toMatchObject({ failures: [], points: { upserted: 3, unchanged: 0, deleted: 0 } });
      expect(listings).toEqual([]);
      expect(textsOf("a")).toEqual(["alpha", "beta"]);
    },
  );

  it("lists nothing of new documents in a collection that holds just what the ledger says", async () => {
    await run({ a: ["alpha"] });
    const { report, listings } = await run({ a: ["alpha"], b: ["gamma"] });
    expect(report).toMatchObject({ failures: [], points: { upserted: 1, unchanged: 1 } });
    expect(listings).toEqual([]);
  });

  it.each([
    ["the ledger does not know of its points", { hasLedger: false }],
    ["each document is to be verified", { verify: true }],
  ])("lists documents when %s", async (_name, options) => {
    await run({ a: ["alpha"] });
    const { report, listings } = await run({ a: ["beta"] }, options);
    expect(report).toMatchObject({ failures: [], points: { upserted: 1, deleted: 1 } });
    expect(listings).toHaveLength(1);
    expect(textsOf("a")).toEqual(["beta"]);
  });

  it("removes what another program run stored of a new document since this run began", async () => {
    let other: Promise<unknown> | undefined;
    const onEvent: IngestOptions["onEvent"] = ({ type }) => {
      if (type !== "source-split") return;
      other ??= run({ a: ["old", "alpha"] }, { hasLedger: false });
    };
    const embeddings = new HashedEmbeddings();
    embeddings.onBatch = async () => void (await other);
    const { report } = await run({ a: ["alpha", "beta"] }, { onEvent, embeddings });
    expect(report).toMatchObject({ failures: [], points: { upserted: 2, deleted: 1 } });
    expect(textsOf("a")).toEqual(["alpha", "beta"]);
  });

  it("reads the vectors of a changed document in its one listing when most texts stay", async () => {
    await run({ a: ["alpha", "beta", "gamma"] });
    const { report, embedded, listings, vectors } = await run({ a: ["alpha", "beta", "delta"] });
    expect(report).toMatchObject({ failures: [], points: { upserted: 3, deleted: 1 } });
    expect(embedded).toHaveLength(1);
    expect([listings.length, vectors.length]).toEqual([1, 1]);
    expect(textsOf("a")).toEqual(["alpha", "beta", "delta"]);
  });

  it("reads only the vectors that stay when most texts change, and none when all do", async () => {
    await run({ a: ["alpha", "beta", "gamma"] });
    const some = await run({ a: ["alpha", "delta", "epsilon"] });
    expect(some.embedded).toHaveLength(2);
    expect(some.vectors.map(({ body }) => body)).toMatchObject([
      { filter: { must: [{}, { has_id: [expect.any(String)] }] } },
    ]);
    const all = await run({ a: ["zeta", "eta"] });
    expect(all.report).toMatchObject({ failures: [], points: { upserted: 2, deleted: 3 } });
    expect([all.listings.length, all.vectors.length]).toEqual([1, 0]);
    expect(textsOf("a")).toEqual(["eta", "zeta"]);
  });
});
