import { STORE_OPTIONS, type StoreEntry } from "../store-entry.js";

export const qdrantEntry: StoreEntry = {
  name: "qdrant",
  target: "URL",
  variable: "QDRANT_URL",
  secrets: ["QDRANT_API_KEY"],
  variables: {
    QDRANT_URL:
      "address of a Qdrant server, or several of one cluster with commas between; it becomes the default store",
    QDRANT_API_KEY: "key of that server",
  },
  packages: ["@qdrant/js-client-rest"],
  accepts: STORE_OPTIONS,
  open: async ({
    target,
    collection,
    bulk,
    storeBatch,
    sparse,
    readOnly,
    onProblem,
    environment,
    ...creation
  }) => {
    const { QdrantSink } = await import("./qdrant-sink.js");
    const { creationOf } = await import("./creation.js");
    return new QdrantSink({
      url: target,
      apiKey: environment["QDRANT_API_KEY"],
      collection,
      bulk,
      batchCount: storeBatch,
      sparse: sparse === false ? false : undefined,
      readOnly,
      onProblem,
      creation: creationOf(creation),
    });
  },
};
