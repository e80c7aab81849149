// Options as users type them. hover.test.ts asks TypeScript's language server about every option on a line of its own.

import {
  type IngestOptions,
  MemoryLedger,
  SegmentSplitter,
  UnsiloedClient,
  UnsiloedFileLoader,
} from "unsiloed-ingest";
import { StaticEmbeddings } from "unsiloed-ingest/embeddings/local";
import { PackedOpenAIEmbeddings } from "unsiloed-ingest/embeddings/openai";
import { startEmulator } from "unsiloed-ingest/emulator";
import { SegmentRetriever } from "unsiloed-ingest/retrieval";
import { LanceDbSink } from "unsiloed-ingest/stores/lancedb";
import { QdrantSink } from "unsiloed-ingest/stores/qdrant";
import { CachedEmbeddings } from "../../../src/embeddings/cache/cached-embeddings.js";
import { HashedEmbeddings } from "../hashed-embeddings.js";

/** A name that the user chooses, which no option explains. */
const PICTURE = "Picture";
const embeddings = new HashedEmbeddings("model", 8);

export const client = new UnsiloedClient({
  apiKey: "key",
  baseUrl: "http://localhost:1",
  requestTimeoutMs: 60_000,
  retry: {
    attempts: 4,
    baseDelayMs: 500,
  },
  limits: {
    bytes: 1_000_000,
    depth: 64,
  },
});

export const loader = new UnsiloedFileLoader("contracts/", {
  root: "contracts",
  words: true,
  concurrency: 4,
  filter: {
    pageHeaders: true,
    pageFooters: true,
    empty: true,
    policies: {
      [PICTURE]: {
        minConfidence: 0.5,
        below: "drop",
        unknown: "flag",
      },
    },
  },
  wait: {
    pollIntervalMs: 5_000,
    timeoutMs: 900_000,
  },
  limits: {
    segments: 1_000,
    words: 1_000,
  },
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
  bm25: {
    language: "german",
  },
});

export const lancedb = new LanceDbSink({
  directory: "points",
  maintenance: {
    keepVersionsBytes: 0,
  },
});

export const openai = new PackedOpenAIEmbeddings({
  model: "text-embedding-3-small",
  timeoutMs: 60_000,
});

export const local = new StaticEmbeddings({
  directory: "model",
});

export const cached = new CachedEmbeddings(embeddings, {
  directory: "vectors",
});

export const retriever = new SegmentRetriever({
  sink: lancedb,
  k: 5,
  filter: {
    segmentTypes: ["Table"],
    pages: {
      from: 2,
      to: 9,
    },
  },
  fusion: {
    denseShare: 0.3,
  },
  rerank: "words",
  expand: {
    to: "neighbours",
    maxTokens: 4_000,
  },
});

export const emulator = () =>
  startEmulator({
    results: {
      byFileName: {},
      default: { fail: "no" },
    },
    rateLimit: {
      requests: 10,
      windowMs: 1_000,
    },
    faults: [
      {
        on: "submit",
        fault: "queue_full",
        times: 3,
        skip: 1,
      },
    ],
    delays: {
      processingMs: 2_000,
    },
  });

export const options: IngestOptions = {
  splitter,
  sink: lancedb,
  embeddings,
  ledger: new MemoryLedger(),
  filter: {
    pageHeaders: true,
    pageFooters: true,
    policies: {
      [PICTURE]: {
        minConfidence: 0.5,
        below: "drop",
      },
    },
  },
  concurrency: {
    parse: 64,
    embed: 8,
  },
};
