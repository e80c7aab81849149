import path from "node:path";
import { UnsiloedResultLoader } from "../../loaders/result-loader.js";
import type { EmbeddingModel } from "../../src/embeddings/model.js";
import { ingest } from "../../src/ingest/ingest.js";
import { searchSegments } from "../../src/retrieval/search.js";
import type { SearchMode } from "../../src/retrieval/search-choices.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import type { SearchHit, VectorSink } from "../../src/stores/sink.js";
import type { CorpusSet } from "./sets.js";
import { ingestStock } from "./stock.js";

/** The splits that are searched: those of this package, or the stock splitter's. */
export type Splitting = "own" | "stock";

/** A way to search that is measured: how the documents were split, and the mode. */
export interface Way {
  splitting: Splitting;
  mode: SearchMode;
}

/** Names a way as the tables do: `hybrid`, `stock text`. */
export const nameOf = ({ splitting, mode }: Way): string =>
  splitting === "own" ? mode : `${splitting} ${mode}`;

/** A set in a store, split both ways. */
export interface Collection {
  /** How many splits there are. */
  counts: Record<Splitting, number>;
  search(way: Way, question: string, k: number): Promise<SearchHit[]>;
  close(): Promise<void>;
}

/** Ingests all documents of a set with the defaults of the package. */
const ingestOwn = async (
  { name, directory, files }: CorpusSet,
  sink: VectorSink,
  embeddings: EmbeddingModel,
): Promise<void> => {
  const sources = new UnsiloedResultLoader(files, { root: directory }).sources();
  const { failures } = await ingest(sources, { sink, embeddings, splitter: new SegmentSplitter() });
  const [failure] = failures;
  if (failure) throw new Error(`${name}: ${failure.source}: ${failure.code}: ${failure.message}`);
};

/** Stores a set in LanceDB, once by each splitting. */
export const openCollection = async (
  set: CorpusSet,
  embeddings: EmbeddingModel,
  directory: string,
): Promise<Collection> => {
  const open = (collection: Splitting) =>
    new LanceDbSink({ directory: path.join(directory, set.name), collection });
  const [own, stock] = [open("own"), open("stock")];
  await ingestOwn(set, own, embeddings);
  await ingestStock(set.files, stock, embeddings);
  // Closing merges the small files of so many documents, as at the end of every run.
  await Promise.all([own.close(), stock.close()]);
  const sinks: Record<Splitting, VectorSink> = { own: open("own"), stock: open("stock") };
  return {
    counts: { own: await sinks.own.count(), stock: await sinks.stock.count() },
    search: ({ splitting, mode }, question, k) =>
      searchSegments({ sink: sinks[splitting], embeddings }, question, { mode, k }),
    close: async () => {
      await Promise.all([sinks.own.close(), sinks.stock.close()]);
    },
  };
};
