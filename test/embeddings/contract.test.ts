import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CachedEmbeddings } from "../../src/embeddings/cache/cached-embeddings.js";
import { StaticEmbeddings } from "../../src/embeddings/local/static-embeddings.js";
import { PackedOpenAIEmbeddings } from "../../src/embeddings/openai/openai-embeddings.js";
import { describeEmbeddingModel } from "../contract/embeddings.js";
import { OpenAIServer } from "../support/openai/server.js";

const openOpenAI = async () => {
  const server = await OpenAIServer.start({ dimensions: 16 });
  const model = new PackedOpenAIEmbeddings({ apiKey: "sk-test", baseURL: server.baseURL });
  return { model, close: () => server.close() };
};

describeEmbeddingModel("OpenAI", openOpenAI);

describeEmbeddingModel("the bundled model", async () => {
  const model = new StaticEmbeddings();
  return { model, close: () => model.close() };
});

describeEmbeddingModel("OpenAI behind a cache", async () => {
  const openai = await openOpenAI();
  const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-contract-"));
  const model = new CachedEmbeddings(openai.model, { directory });
  return {
    model,
    close: async () => {
      await model.close();
      await openai.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
