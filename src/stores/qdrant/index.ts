/** Stores points in Qdrant. Importing this loads no client; the first call does. */

export type { Bm25Options, PayloadLayout, QdrantCreation, QdrantSinkOptions } from "./options.js";
export { QdrantSink } from "./qdrant-sink.js";
