/** LanceDB as a place for points. Importing this loads no database; the first call does. */

export { LanceDbSink } from "./lancedb-sink.js";
export type { LanceDbSinkOptions } from "./options.js";
