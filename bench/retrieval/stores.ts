import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { LanceDbSink } from "../../src/stores/lancedb/lancedb-sink.js";
import { QdrantSink } from "../../src/stores/qdrant/qdrant-sink.js";
import type { VectorSink } from "../../src/stores/sink.js";
import { QdrantDouble } from "../../test/support/qdrant-double/server.js";

export const STORES = ["lancedb", "qdrant-double"] as const;
export type StoreKind = (typeof STORES)[number];

/** Collections of one kind of store, which are removed when it is closed. */
export interface BenchStore {
  open(collection: string): VectorSink;
  close(): Promise<void>;
}

/** Opens a LanceDB directory, or a double of a Qdrant server whose BM25 only resembles that of the server. */
export const startStore = async (kind: StoreKind): Promise<BenchStore> => {
  const sinks: VectorSink[] = [];
  const opened = (sink: VectorSink): VectorSink => {
    sinks.push(sink);
    return sink;
  };
  const closeSinks = () => Promise.all(sinks.map((sink) => sink.close()));
  if (kind === "qdrant-double") {
    const double = await QdrantDouble.start();
    return {
      open: (collection) => opened(new QdrantSink({ url: double.url, collection })),
      close: async () => {
        await closeSinks();
        await double.close();
      },
    };
  }
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-bench-"));
  return {
    open: (collection) => opened(new LanceDbSink({ directory, collection })),
    close: async () => {
      await closeSinks();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
