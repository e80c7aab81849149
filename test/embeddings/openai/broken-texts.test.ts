import { describe, expect, it } from "vitest";
import { embedIsolating } from "../../../src/embeddings/isolate.js";
import { PackedOpenAIEmbeddings, type PackedOpenAIOptions } from "../../../src/embeddings/openai/index.js";
import { WaitsClock } from "../../support/clocks/waits-clock.js";
import { hashedVector } from "../../support/hashed-vectors.js";
import {
  floats,
  type ScriptedAnswer,
  type ScriptedRequest,
  startScripted,
} from "../../support/openai/scripted-server.js";

const open = async (
  answer: (request: ScriptedRequest) => ScriptedAnswer,
  options: PackedOpenAIOptions = {},
) => {
  const server = await startScripted(answer);
  const baseURL = `${server.origin}/v1`;
  const clock = new WaitsClock(60_000);
  const embeddings = new PackedOpenAIEmbeddings({ apiKey: "", baseURL, clock, maxRetries: 2, ...options });
  return { server, embeddings, clock };
};
const failing: ScriptedAnswer = { status: 500, body: { error: { message: "NaN in output", code: 500 } } };
const isBad = (text: string) => text.includes("BAD");
const breaking = (request: ScriptedRequest) => (request.inputs.some(isBad) ? failing : floats(request));
const textsOf = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);
const isolate = (embeddings: PackedOpenAIEmbeddings, texts: string[]) =>
  embedIsolating((batch, onVector) => embeddings.embedDocuments(batch, { onVector }), texts);

describe("a text that always ends in 500", () => {
  it("fails alone, after the usual attempts, in a bounded number of requests", async () => {
    const { server, embeddings, clock } = await open(breaking);
    const texts = textsOf(256);
    texts[101] = "BAD text";
    const { vectors, failures } = await isolate(embeddings, texts);
    expect(failures).toMatchObject([
      { index: 101, error: { code: "EMBEDDING_FAILED", retryable: false, context: { status: 500 } } },
    ]);
    expect(String(failures[0]?.error)).toContain("failed (500 NaN in output), again and again");
    expect(vectors.filter(Boolean)).toHaveLength(255);
    // Three attempts and a question whether the service is up; then for each halving the bad half, that question and
    // the good half; at the end the text once more.
    expect(server.requests.length).toBe(3 + 1 + 8 * 3 + 1);
    expect(clock.waits.length).toBe(2);
    expect((await isolate(embeddings, textsOf(8))).failures).toEqual([]);
  });

  it("fails no other document in the same request", async () => {
    const { embeddings } = await open(breaking);
    const documents = Array.from({ length: 8 }, (_, document) =>
      textsOf(5).map((text) => `${text} of ${document}`),
    );
    documents[3]?.splice(2, 1, "BAD");
    const ends = await Promise.all(documents.map((texts) => isolate(embeddings, texts)));
    expect(ends.map(({ failures }) => failures.map(({ index }) => index))).toEqual(
      documents.map((_, document) => (document === 3 ? [2] : [])),
    );
  });

  it("is not taken for broken when the service comes back in time", async () => {
    let left = 3;
    const { embeddings } = await open((request) => (left-- > 0 ? failing : floats(request)));
    expect(await embeddings.embedQuery("question")).toEqual([...hashedVector("question", 8)]);
  });

  it("blames no text while the service is down, which is asked once more", async () => {
    const { server, embeddings } = await open(() => failing);
    await expect(isolate(embeddings, textsOf(64))).rejects.toMatchObject({
      code: "SERVICE_UNAVAILABLE",
      retryable: true,
    });
    expect(server.requests.map(({ inputs }) => inputs.length)).toEqual([64, 64, 64, 1]);
  });

  it("blames no text for a limit of rates", async () => {
    const { server, embeddings } = await open(() => ({ status: 429, body: "Model is overloaded" }));
    await expect(isolate(embeddings, textsOf(64))).rejects.toMatchObject({ code: "RATE_LIMITED" });
    expect(server.requests.length).toBe(3);
  });

  it("is found when the server answers it with too few vectors", async () => {
    const { embeddings } = await open((request) =>
      floats({ ...request, inputs: request.inputs.filter((text) => !isBad(text)) }),
    );
    const { failures } = await isolate(embeddings, ["a", "BAD", "c"]);
    expect(failures).toMatchObject([{ index: 1, error: { code: "EMBEDDING_FAILED", retryable: false } }]);
  });
});

describe("a text longer than the model takes, by the server's own count", () => {
  it.each<[string, number, unknown]>([
    [
      "OpenAI and vLLM",
      400,
      { error: { message: "This model's maximum context length is 512 tokens, you requested 600." } },
    ],
    [
      "Text Embeddings Inference",
      413,
      { message: "Input validation error: `inputs` must have less than 512 tokens. Given: 600", code: 413 },
    ],
    [
      "llama.cpp",
      500,
      {
        error: {
          code: 500,
          message: "input (992 tokens) is too large to process. increase the physical batch size",
        },
      },
    ],
    ["Ollama", 400, { error: "the input length exceeds the context length" }],
    ["older Ollama", 500, { error: "input length exceeds maximum context length" }],
  ])("fails alone without further attempts: %s", async (_name, status, body) => {
    const { server, embeddings } = await open((request) =>
      request.inputs.some(isBad) ? { status, body } : floats(request),
    );
    const { vectors, failures } = await isolate(embeddings, ["a", "b", "BAD", "d"]);
    expect(failures).toMatchObject([{ index: 2, error: { code: "INPUT_TOO_LONG", retryable: false } }]);
    expect(vectors.filter(Boolean)).toHaveLength(3);
    expect(server.requests.map(({ inputs }) => inputs)).toEqual([
      ["a", "b", "BAD", "d"],
      ["a", "b"],
      ["BAD", "d"],
      ["BAD"],
      ["d"],
    ]);
  });
});
