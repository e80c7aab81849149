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

const open = async (work: Work) => {
  const { addresses, collection } = work;
  const embeddings = new OpenAIEmbeddings({ apiKey: KEY, configuration: { baseURL: addresses.embed } });
  const store = new QdrantVectorStore(embeddings, { url: addresses.store, collectionName: collection });
  // Documents that arrive at once would each try to create the collection.
  await store.ensureCollection();
  const splitter = new RecursiveCharacterTextSplitter({ chunkSize: 1000, chunkOverlap: 200 });
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
  const takeIn = await open(work);
  let points = 0;
  for (const file of work.files) points += await takeIn(file);
  return points;
};

/** All documents at once. */
export const stockAtOnce: Pipeline = async (work) => {
  const takeIn = await open(work);
  const points = await Promise.all(work.files.map(takeIn));
  return points.reduce((sum, count) => sum + count, 0);
};
