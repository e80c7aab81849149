import type { StoreEntry } from "../store-entry.js";

export const qdrantEntry: StoreEntry = {
  name: "qdrant",
  target: "URL",
  variable: "QDRANT_URL",
  secrets: ["QDRANT_API_KEY"],
  variables: {
    QDRANT_URL: "address of a Qdrant server, which becomes the default store",
    QDRANT_API_KEY: "key of that server",
  },
  packages: ["@qdrant/js-client-rest"],
  accepts: ["bulk", "storeBatch", "sparse"],
  open: async ({ target, collection, bulk, storeBatch, sparse, readOnly, onProblem, environment }) => {
    const { QdrantSink } = await import("./qdrant-sink.js");
    return new QdrantSink({
      url: target,
      apiKey: environment["QDRANT_API_KEY"],
      collection,
      bulk,
      batchCount: storeBatch,
      sparse: sparse === false ? false : undefined,
      readOnly,
      onProblem,
    });
  },
};
