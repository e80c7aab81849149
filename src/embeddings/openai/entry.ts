import type { ModelEntry } from "../model-entry.js";

export const openAIEntry: ModelEntry = {
  name: "openai",
  hasModels: true,
  variable: "OPENAI_API_KEY",
  secrets: ["OPENAI_API_KEY"],
  variables: {
    OPENAI_API_KEY: "key of OpenAI or a compatible service, which becomes the default model",
    OPENAI_BASE_URL: "address of a compatible service",
  },
  packages: ["openai", "gpt-tokenizer"],
  // Compatible services have models of any name.
  recognizes: () => true,
  open: async ({ model }) => {
    const { PackedOpenAIEmbeddings } = await import("./openai-embeddings.js");
    return new PackedOpenAIEmbeddings({ model });
  },
};
