/** Stores points in LanceDB. Importing this loads no database; the first call does. */

export { LanceDbSink } from "./lancedb-sink.js";
export type { FullTextOptions, LanceDbSinkOptions, MaintenanceOptions, Stemmer } from "./options.js";
