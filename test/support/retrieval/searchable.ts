import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DocumentSource } from "../../../src/documents/source.js";
import { ingest } from "../../../src/ingest/ingest.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { LanceDbSink } from "../../../src/stores/lancedb/index.js";
import { QdrantSink } from "../../../src/stores/qdrant/index.js";
import type { VectorSink } from "../../../src/stores/sink.js";
import { HashedEmbeddings } from "../hashed-embeddings.js";
import { QdrantDouble } from "../qdrant-double/server.js";
import { type Part, segmentsOf } from "../splitters/segments.js";

/** A store to search. */
export interface Searchable {
  sink: VectorSink;
  embeddings: HashedEmbeddings;
  /** Stores a document of these segments. @param origin what the user named, by default the id */
  add(docId: string, parts: readonly Part[], chunkSize?: number, origin?: string): Promise<void>;
  close(): Promise<void>;
}

const searchable = (sink: VectorSink, close: () => Promise<void>): Searchable => {
  const embeddings = new HashedEmbeddings();
  return {
    sink,
    embeddings,
    add: async (docId, parts, chunkSize = 60, origin = docId) => {
      const segments = segmentsOf(parts, docId);
      for (const { metadata } of segments) metadata.source = origin;
      const source: DocumentSource = {
        docId,
        source: origin,
        read: async function* () {
          yield* segments;
        },
      };
      const splitter = new SegmentSplitter({ chunkSize });
      const { failures } = await ingest([source], { sink, embeddings, splitter });
      if (failures[0]) throw new Error(failures[0].message);
    },
    close: async () => {
      await sink.close();
      await close();
    },
  };
};

/** The stores on which retrieval must behave the same, each opened empty. */
export const SEARCHABLES: [string, () => Promise<Searchable>][] = [
  [
    "LanceDB",
    async () => {
      const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-retrieval-"));
      return searchable(new LanceDbSink({ directory }), () =>
        rm(directory, { recursive: true, force: true }),
      );
    },
  ],
  [
    "Qdrant's double",
    async () => {
      const double = await QdrantDouble.start({ strictMode: true });
      return searchable(new QdrantSink({ url: double.url }), () => double.close());
    },
  ],
];
