import { Document } from "@langchain/core/documents";
import { OpenAIEmbeddings } from "@langchain/openai";
import { QdrantVectorStore } from "@langchain/qdrant";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { ingest, SegmentSplitter, UnsiloedClient, UnsiloedFileLoader } from "unsiloed-ingest";
import { PackedOpenAIEmbeddings } from "unsiloed-ingest/embeddings/openai";
import { QdrantSink } from "unsiloed-ingest/stores/qdrant";
import type { Latencies } from "./latencies.js";

export interface Addresses {
  parse: string;
  embed: string;
  store: string;
}

export interface Work {
  addresses: Addresses;
  pace: Latencies;
  /** Names of the files to parse. */
  names: readonly string[];
  collection: string;
}

const KEY = "bench";
const bytesOf = (name: string): Buffer => Buffer.from(`%PDF-1.7 ${name}`);

/** Runs the package with the limits of the services: no limit of calls, and a number of embeddings in flight. */
const own = async ({ addresses, pace, names, collection }: Work): Promise<number> => {
  const client = new UnsiloedClient({
    apiKey: KEY,
    baseUrl: addresses.parse,
    rateLimit: { requests: 1_000_000, windowMs: 1_000 },
  });
  const loader = new UnsiloedFileLoader(
    names.map((name) => ({ name, data: bytesOf(name) })),
    { client, words: true, wait: { pollIntervalMs: pace.pollMs, maxPollIntervalMs: pace.pollMs } },
  );
  const sink = new QdrantSink({ url: addresses.store, collection });
  const embeddings = new PackedOpenAIEmbeddings({
    apiKey: KEY,
    baseURL: addresses.embed,
    concurrency: pace.embedInFlight,
  });
  const splitter = new SegmentSplitter();
  const concurrency = { parse: names.length };
  const report = await ingest(loader.sources(), { sink, embeddings, splitter, concurrency });
  await sink.close();
  if (report.sources.succeeded !== names.length) throw new Error(JSON.stringify(report.failures.slice(0, 3)));
  return report.points.upserted;
};

interface StockResult {
  status: string;
  chunks: { embed: string; segments: { page_number: number }[] }[];
}

const parseStock = async (name: string, { addresses, pace }: Work): Promise<StockResult> => {
  const headers = { "api-key": KEY };
  const form = new FormData();
  form.append("file", new Blob([bytesOf(name)], { type: "application/pdf" }), name);
  const submitted = await fetch(`${addresses.parse}/parse`, { method: "POST", headers, body: form });
  const { job_id } = Object(await submitted.json());
  for (;;) {
    const answer = await fetch(`${addresses.parse}/parse/${job_id}`, { headers });
    const result: StockResult = Object(await answer.json());
    if (result.status === "Succeeded") return result;
    if (result.status === "Failed") throw new Error(`${name} failed`);
    await new Promise((resolve) => setTimeout(resolve, pace.pollMs));
  }
};

/** Polls, reads the result, and makes, splits and stores Documents as LangChain's documentation shows. */
const openStock = async (work: Work) => {
  const { addresses, collection } = work;
  const embeddings = new OpenAIEmbeddings({ apiKey: KEY, configuration: { baseURL: addresses.embed } });
  const store = new QdrantVectorStore(embeddings, { url: addresses.store, collectionName: collection });
  // Documents that arrive at once would each try to create the collection.
  await store.ensureCollection();
  const splitter = new RecursiveCharacterTextSplitter({ chunkSize: 1000, chunkOverlap: 200 });
  return async (name: string): Promise<number> => {
    const { chunks } = await parseStock(name, work);
    const documents = chunks.map(({ embed, segments }) => {
      const metadata = { source: name, page: segments[0]?.page_number };
      return new Document({ pageContent: embed, metadata });
    });
    const splits = await splitter.splitDocuments(documents);
    await store.addDocuments(splits);
    return splits.length;
  };
};

const stock = async (work: Work): Promise<number> => {
  const takeIn = await openStock(work);
  let points = 0;
  for (const name of work.names) points += await takeIn(name);
  return points;
};

const stockAtOnce = async (work: Work): Promise<number> => {
  const takeIn = await openStock(work);
  const points = await Promise.all(work.names.map(takeIn));
  return points.reduce((sum, count) => sum + count, 0);
};

/** The pipelines, each of which ingests all documents and returns how many points it stored. */
export const PIPELINES = { own, "stock-at-once": stockAtOnce, stock };

export type PipelineName = keyof typeof PIPELINES;
export const isPipeline = (text: string | undefined): text is PipelineName =>
  text !== undefined && text in PIPELINES;
