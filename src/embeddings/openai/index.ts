export { PackedOpenAIEmbeddings } from "./openai-embeddings.js";
export { type PackedOpenAIOptions, packedOpenAIOptionsSchema } from "./options.js";
