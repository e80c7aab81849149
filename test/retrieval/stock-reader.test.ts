import path from "node:path";
import { QdrantVectorStore } from "@langchain/qdrant";
import { expect, it } from "vitest";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import { ingest } from "../../src/ingest/ingest.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { QdrantSink } from "../../src/stores/qdrant/index.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";
import { QdrantDouble } from "../support/qdrant-double/server.js";

const SAMPLE = path.resolve(import.meta.dirname, "../../examples/data/annual-report.json");

it("a collection that was ingested into is read by LangChain's own QdrantVectorStore, with its filters", async () => {
  const double = await QdrantDouble.start();
  try {
    const embeddings = new HashedEmbeddings();
    const sink = new QdrantSink({ url: double.url, collection: "reports" });
    const sources = new UnsiloedResultLoader(SAMPLE, { docId: "report.pdf" }).sources();
    const { failures, points } = await ingest(sources, { sink, embeddings, splitter: new SegmentSplitter() });
    expect(failures).toEqual([]);

    const store = await QdrantVectorStore.fromExistingCollection(embeddings, {
      url: double.url,
      collectionName: "reports",
    });
    const question = "revenue from energy trading";
    const everything = await store.similaritySearch(question, 1000);
    expect(everything).toHaveLength(points.upserted);
    const own = await sink.search({ mode: "dense", k: 3, vector: await embeddings.embedQuery(question) });
    expect(
      everything.slice(0, 3).map(({ id, pageContent, metadata }) => ({ id, pageContent, metadata })),
    ).toEqual(own.map(({ id, content, metadata }) => ({ id, pageContent: content, metadata })));

    const filter = {
      must: [
        { key: "metadata.segment_type", match: { value: "Table" } },
        { key: "metadata.boxes[].page_number", range: { gte: 1, lte: 1 } },
      ],
    };
    const tables = await store.similaritySearch(question, 1000, filter);
    expect(tables.length).toBe(await sink.count({ segmentTypes: ["Table"], pages: { from: 1, to: 1 } }));
    expect(tables.length).toBeGreaterThan(0);
    expect(tables[0]?.pageContent).toContain("| Energy trading |");
    await sink.close();
  } finally {
    await double.close();
  }
});
