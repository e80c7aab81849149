// LangChain's own classes, put together as its documentation shows.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Document } from "@langchain/core/documents";
import { OpenAIEmbeddings } from "@langchain/openai";
import { QdrantVectorStore } from "@langchain/qdrant";
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters";
import { KEY, type Pipeline, type Work } from "./work.js";

interface StockResult {
  status: string;
  chunks: { embed: string; segments: { page_number: number }[] }[];
}

const parse = async (file: string, { addresses, pace }: Work): Promise<StockResult> => {
  const headers = { "api-key": KEY };
  const form = new FormData();
  form.append("file", new Blob([await readFile(file)], { type: "application/pdf" }), path.basename(file));
  const submitted = await fetch(`${addresses.parse}/parse`, { method: "POST", headers, body: form });
  const { job_id } = Object(await submitted.json());
  for (;;) {
    const answer = await fetch(`${addresses.parse}/parse/${job_id}`, { headers });
    const result: StockResult = Object(await answer.json());
    if (result.status === "Succeeded") return result;
    if (result.status === "Failed") throw new Error(`${file} failed`);
    await new Promise((resolve) => setTimeout(resolve, pace.pollMs));
  }
};

/** Sizes of pieces in characters. */
type PieceSizes = Pick<RecursiveCharacterTextSplitter, "chunkSize" | "chunkOverlap">;

/** As in LangChain's documentation. */
const DOCUMENTED: PieceSizes = { chunkSize: 1_000, chunkOverlap: 200 };
/** About the 400 tokens of this package, so that about as many points are embedded and stored. */
const AS_OURS: PieceSizes = { chunkSize: 1_600, chunkOverlap: 0 };

const open = async (work: Work, sizes: PieceSizes) => {
  const { addresses, collection } = work;
  const embeddings = new OpenAIEmbeddings({ apiKey: KEY, configuration: { baseURL: addresses.embed } });
  const store = new QdrantVectorStore(embeddings, { url: addresses.store, collectionName: collection });
  // Documents that arrive at once would each try to create the collection.
  await store.ensureCollection();
  const splitter = new RecursiveCharacterTextSplitter(sizes);
  return async (file: string): Promise<number> => {
    const { chunks } = await parse(file, work);
    const documents = chunks.map(({ embed, segments }) => {
      const metadata = { source: file, page: segments[0]?.page_number };
      return new Document({ pageContent: embed, metadata });
    });
    const splits = await splitter.splitDocuments(documents);
    await store.addDocuments(splits);
    return splits.length;
  };
};

/** One document after the other. */
export const stock: Pipeline = async (work) => {
  const takeIn = await open(work, DOCUMENTED);
  let points = 0;
  for (const file of work.files) points += await takeIn(file);
  return points;
};

const allAtOnce = async (work: Work, sizes: PieceSizes): Promise<number> => {
  const takeIn = await open(work, sizes);
  const points = await Promise.all(work.files.map(takeIn));
  return points.reduce((sum, count) => sum + count, 0);
};

/** All documents at once. */
export const stockAtOnce: Pipeline = (work) => allAtOnce(work, DOCUMENTED);

/** All documents at once, in pieces about as long as those of this package. */
export const stockAtOnce1600: Pipeline = (work) => allAtOnce(work, AS_OURS);
