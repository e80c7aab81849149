/** Stores points in Qdrant. Importing this loads no client; the first call does. */

export type { Bm25Options, QdrantCreation, QdrantSinkOptions } from "./options.js";
export type { PayloadLayout } from "./points/layouts.js";
export type { IndexProfile } from "./points/payload-fields.js";
export { QdrantSink } from "./qdrant-sink.js";
