import { FakeVectorStore } from "@langchain/core/utils/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PackedOpenAIEmbeddings, type PackedOpenAIOptions } from "../../../src/embeddings/openai/index.js";
import { hashedVector } from "../../support/hashed-vectors.js";
import { OpenAIServer, type OpenAIServerOptions } from "../../support/openai/server.js";

const servers: OpenAIServer[] = [];
const open = async (serverOptions: OpenAIServerOptions = {}, options: PackedOpenAIOptions = {}) => {
  const server = await OpenAIServer.start({ dimensions: 64, ...serverOptions });
  servers.push(server);
  const embeddings = new PackedOpenAIEmbeddings({ apiKey: "sk-test", baseURL: server.baseURL, ...options });
  return { server, embeddings };
};
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const texts = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `text number ${from + index}`);
const expectVector = (vector: number[] | undefined, text: string, dimensions = 64) =>
  expect(vector).toEqual(Array.from(hashedVector(text, dimensions)));

describe("PackedOpenAIEmbeddings", () => {
  it("returns 250 vectors for 250 texts in order, for any order of answers", async () => {
    const { server, embeddings } = await open({}, { maxInputs: 30, concurrency: 3 });
    const vectors = await embeddings.embedDocuments(texts(250));
    expect(vectors.length).toBe(250);
    for (const [index, text] of texts(250).entries()) expectVector(vectors[index], text);
    expect(server.requests.map(({ inputs }) => inputs.length).sort()).toEqual([10, ...Array(8).fill(30)]);
  });

  it("keeps up to `concurrency` requests in flight over all calls", async () => {
    const { server, embeddings } = await open(
      { latency: { perRequestMs: 20 } },
      { maxInputs: 1, concurrency: 3 },
    );
    await Promise.all([embeddings.embedDocuments(texts(5)), embeddings.embedDocuments(texts(5, 5))]);
    expect(server.requests.length).toBe(10);
    expect(server.mostAtOnce).toBe(3);
  });

  it("stays within OpenAI's limits with texts in any alphabet", async () => {
    const { server, embeddings } = await open({ dimensions: 4 });
    const all = Array.from(
      { length: 400 },
      (_, index) => `${index} ${(index % 2 ? "日本語の文書。" : "Revenue rose. ").repeat(150)}`,
    );
    expect((await embeddings.embedDocuments(all)).length).toBe(400);
    expect(server.requests.length).toBeGreaterThan(1);
    expect(server.requests.map(({ status }) => status)).toEqual(server.requests.map(() => 200));
    expect(server.requests.flatMap(({ inputs }) => inputs).length).toBe(400);
  });

  it("sends texts unchanged, and the options in the request", async () => {
    const { server, embeddings } = await open({}, { dimensions: 32, model: "m", organization: "org-1" });
    const text = "| a | b |\n| 1 | 2 |\n<|endoftext|>";
    expectVector(await embeddings.embedQuery(text), text, 32);
    expect(server.requests[0]).toMatchObject({
      body: { model: "m", input: [text], dimensions: 32, encoding_format: "base64" },
      headers: { authorization: "Bearer sk-test", "openai-organization": "org-1" },
    });
    expect(embeddings).toMatchObject({ modelName: "m", dimensions: 32 });
  });

  it.each([
    ["base64", "float"],
    ["float", "base64"],
    ["float", "float"],
  ] as const)(
    "understands a service that is asked for %s and answers in %s",
    async (encodingFormat, alwaysFormat) => {
      const { embeddings } = await open({ alwaysFormat }, { encodingFormat });
      expectVector(await embeddings.embedQuery("hello"), "hello");
    },
  );

  it("sends nothing for no texts", async () => {
    const { server, embeddings } = await open();
    expect(await embeddings.embedDocuments([])).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  it("refuses blank and too long texts before it sends any", async () => {
    const { server, embeddings } = await open();
    await expect(embeddings.embedDocuments(["a", " \n"])).rejects.toMatchObject({
      code: "EMBEDDING_FAILED",
      message: "text 2 of 2 is blank: leave texts without content out before embedding",
    });
    await expect(embeddings.embedDocuments(["a", "word ".repeat(9000)])).rejects.toMatchObject({
      code: "INPUT_TOO_LONG",
    });
    expect(server.requests).toEqual([]);
  });

  it("works in LangChain's vector stores", async () => {
    const { embeddings } = await open();
    const contents = ["The table lists revenue by region.", "Whales are mammals.", "The board met in May."];
    const store = await FakeVectorStore.fromTexts(contents, [{ n: 0 }, { n: 1 }, { n: 2 }], embeddings);
    const [hit] = await store.asRetriever(1).invoke("revenue by region");
    expect(hit?.metadata).toEqual({ n: 0 });
  });

  it("reads key and address from the environment", async () => {
    const server = await OpenAIServer.start({ dimensions: 8, apiKey: "sk-env" });
    servers.push(server);
    vi.stubEnv("OPENAI_API_KEY", "sk-env");
    vi.stubEnv("OPENAI_BASE_URL", server.baseURL);
    expectVector(await new PackedOpenAIEmbeddings().embedQuery("hello"), "hello", 8);
  });

  it("fails clearly when there is no key", () => {
    vi.stubEnv("OPENAI_API_KEY", "");
    expect(() => new PackedOpenAIEmbeddings()).toThrow(
      expect.objectContaining({
        code: "API_KEY_MISSING",
        message: expect.stringContaining("OPENAI_API_KEY"),
      }),
    );
  });

  it.each([
    [{ concurrency: 0 }, "OpenAI embeddings: concurrency: expected a number ≥ 1, got 0 (number)"],
    [
      { baseURL: "localhost:8080" },
      'OpenAI embeddings: baseURL: expected an http(s) URL, got "localhost:8080" (string)',
    ],
    [
      { baseURL: "https://user:password@example.org/v1" },
      "OpenAI embeddings: baseURL: expected no user name or password in it; pass apiKey",
    ],
    [{ batchSize: 5 }, "OpenAI embeddings: unknown option batchSize"],
  ])("refuses %j", (options, message) => {
    expect(() => new PackedOpenAIEmbeddings({ apiKey: "k", ...options })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message }),
    );
  });
});
