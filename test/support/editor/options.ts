// Options as users type them. hover.test.ts asks TypeScript's language server about every option on a line of its own.

import {
  type IngestOptions,
  MemoryLedger,
  SegmentSplitter,
  UnsiloedClient,
  UnsiloedFileLoader,
} from "unsiloed-ingest";
import { PackedOpenAIEmbeddings } from "unsiloed-ingest/embeddings/openai";
import { startEmulator } from "unsiloed-ingest/emulator";
import { SegmentRetriever } from "unsiloed-ingest/retrieval";
import { LanceDbSink } from "unsiloed-ingest/stores/lancedb";
import { QdrantSink } from "unsiloed-ingest/stores/qdrant";
import { CachedEmbeddings } from "../../../src/embeddings/cache/cached-embeddings.js";
import { HashedEmbeddings } from "../hashed-embeddings.js";

const embeddings = new HashedEmbeddings("model", 8);

export const client = new UnsiloedClient({
  apiKey: "key",
  baseUrl: "http://localhost:1",
  requestTimeoutMs: 60_000,
});

export const loader = new UnsiloedFileLoader("contracts/", {
  root: "contracts",
  words: true,
  concurrency: 4,
  parse: {
    segment_analysis: {
      Table: { html: "LLM" },
    },
    output_fields: {
      chart_data: false,
    },
  },
});

export const splitter = new SegmentSplitter({
  chunkSize: 400,
  chunkOverlap: 40,
});

export const qdrant = new QdrantSink({
  url: "http://localhost:6333",
  collection: "contracts",
});

export const lancedb = new LanceDbSink({
  directory: "points",
});

export const openai = new PackedOpenAIEmbeddings({
  model: "text-embedding-3-small",
  timeoutMs: 60_000,
});

export const cached = new CachedEmbeddings(embeddings, {
  directory: "vectors",
});

export const retriever = new SegmentRetriever({
  sink: lancedb,
  k: 5,
});

export const emulator = () =>
  startEmulator({
    results: { fail: "no" },
    rateLimit: { requests: 10, windowMs: 1_000 },
  });

export const options: IngestOptions = {
  splitter,
  sink: lancedb,
  embeddings,
  ledger: new MemoryLedger(),
  filter: {
    pageHeaders: true,
    policies: {},
  },
};
