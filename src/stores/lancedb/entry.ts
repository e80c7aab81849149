import type { StoreEntry } from "../store-entry.js";

export const lanceDbEntry: StoreEntry = {
  name: "lancedb",
  target: "DIRECTORY",
  defaultTarget: ".unsiloed/lancedb",
  packages: ["@lancedb/lancedb", "apache-arrow"],
  open: async ({ target, collection }) => {
    const { LanceDbSink } = await import("./lancedb-sink.js");
    return new LanceDbSink({ directory: target, collection });
  },
};
