import { rm } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { DocumentSource } from "../../src/documents/source.js";
import { CachedEmbeddings } from "../../src/embeddings/cache/cached-embeddings.js";
import type { EmbeddingModel } from "../../src/embeddings/model.js";
import { PackedOpenAIEmbeddings } from "../../src/embeddings/openai/openai-embeddings.js";
import { weightOf } from "../../src/ingest/document/embed-splits.js";
import { ingest } from "../../src/ingest/ingest.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { QdrantSink } from "../../src/stores/qdrant/qdrant-sink.js";
import { GateClock } from "../support/clocks/gate-clock.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { OpenAIServer } from "../support/openai/server.js";
import { temporaryDirectory } from "../support/parse-service.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";

const DOCUMENTS = 40;
const CONCURRENCY = 2;

/** Two tables of this document, each one split, and one table that all documents have. */
const resultOf = (index: number) => ({
  chunks: [`own ${index}`, `more ${index}`, "the same"].map((cell, segment) => ({
    chunk_id: `chunk-${segment}`,
    segments: [
      {
        segment_id: `segment-${segment}`,
        segment_type: "Table",
        content: `| key |\n| --- |\n| ${cell} |`,
        page_number: 1,
        bbox: { left: 0, top: segment * 10, width: 100, height: 8 },
        confidence: 0.9,
      },
    ],
  })),
});

async function* sources(): AsyncGenerator<DocumentSource> {
  for (let index = 0; index < DOCUMENTS; index++)
    yield* new UnsiloedResultLoader(resultOf(index), { docId: `document ${index}` }).sources();
}

describe("ingesting many small documents", () => {
  let gate: GateClock;
  let openai: OpenAIServer;
  let qdrant: QdrantDouble;
  let sink: QdrantSink;

  beforeEach(async () => {
    gate = new GateClock();
    [openai, qdrant] = await Promise.all([
      OpenAIServer.start({ dimensions: 8, latency: { perRequestMs: 1 }, clock: gate, poison: "own 17" }),
      QdrantDouble.start(),
    ]);
    sink = new QdrantSink({ url: qdrant.url });
  });

  afterEach(async () => {
    await Promise.all([sink.close(), openai.close(), qdrant.close()]);
  });

  /** Delays all answers after the probe until all documents are being embedded. */
  const run = (embeddings: EmbeddingModel) => {
    let embedding = 0;
    gate.open();
    return ingest(sources(), {
      sink,
      embeddings,
      splitter: new SegmentSplitter(),
      onEvent: ({ type }) => {
        if (type === "ready") gate.shut();
        if (type === "source-embedding" && ++embedding === DOCUMENTS) gate.open();
      },
    });
  };

  const packed = () =>
    new PackedOpenAIEmbeddings({ apiKey: "sk", baseURL: openai.baseURL, concurrency: CONCURRENCY });
  const answered = () => openai.requests.filter(({ status }) => status === 200);

  it.each(["without a cache", "with a cache"])(
    "fills requests with texts of several documents, %s",
    async (cache) => {
      const directory = path.join(await temporaryDirectory(), "cache");
      const cached = cache === "with a cache" ? new CachedEmbeddings(packed(), { directory }) : undefined;
      const report = await run(cached ?? packed());
      await cached?.close();
      await rm(directory, { recursive: true, force: true });

      expect(report.sources).toMatchObject({ succeeded: DOCUMENTS - 1, failed: 1 });
      expect(report.failures).toMatchObject([
        { doc_id: "document 17", stage: "embed", code: "EMBEDDING_FAILED" },
      ]);
      expect(report.points.upserted).toBe(3 * DOCUMENTS - 1);

      const texts = answered().flatMap(({ inputs }) => inputs);
      const different = 1 + 2 * DOCUMENTS - 1 + 1;
      expect(new Set(texts).size).toBe(different);
      // Only the cache sends equal texts once.
      expect(texts.length).toBe(cached ? different : 1 + 3 * DOCUMENTS - 1);
      // The probe; what was there when the first places in flight were free; the rest, of which the document with the
      // bad text is found by halving the documents and then its texts: six and two refusals, and a good half of each.
      const refused = openai.requests.length - answered().length;
      expect(refused).toBeLessThanOrEqual(8);
      expect(answered().length).toBeLessThanOrEqual(1 + CONCURRENCY + 1 + refused);
    },
  );

  it("embeds at most `concurrency.embed` documents at once when each needs its own requests", async () => {
    const embeddings = new HashedEmbeddings();
    let running = 0;
    let most = 0;
    embeddings.onBatch = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    const splitter = new SegmentSplitter();
    const report = await ingest(sources(), { sink, embeddings, splitter, concurrency: { embed: 2 } });
    expect(report.sources.succeeded).toBe(DOCUMENTS);
    expect(most).toBe(2);
  });
});

describe("weightOf", () => {
  const splits = (count: number, length: number) =>
    Array.from({ length: count }, () => ({ pageContent: "x".repeat(length) }));
  const sharing = { sharesRequests: true };

  it.each([
    [1, 1, 1 / 64],
    [8, 1, 1 / 64],
    [64, 1, 1 / 8],
    [512, 1, 1],
    [5_000, 1, 1],
    [2, 32_768, 1 / 4],
    [8, 32_768, 1],
  ])("of %i splits of %i characters is %d", (count, length, expected) => {
    expect(weightOf(splits(count, length), sharing)).toBe(expected);
  });

  it("is that of a whole document when documents do not share requests", () => {
    expect(weightOf(splits(1, 1), { sharesRequests: undefined })).toBe(1);
  });
});
