import { describe, expect, it } from "vitest";
import { embedIsolating } from "../../../src/embeddings/isolate.js";
import { failure, open, vectorsOf } from "../../support/openai/scripted-embeddings.js";
import { floats } from "../../support/openai/scripted-server.js";

describe("a server that takes few texts in a request", () => {
  it.each([
    [
      "Text Embeddings Inference",
      413,
      (count: number) => ({
        message: `batch size ${count} > maximum allowed batch size 32`,
        code: 413,
        type: "Validation",
      }),
    ],
    ["Azure", 400, () => ({ error: { message: "Too many inputs. The max number of inputs is 32." } })],
    ["Gemini", 400, () => ({ error: { message: "at most 32 requests can be in one batch", code: 400 } })],
    [
      "OpenAI's form",
      400,
      (count: number) => ({
        error: {
          message: `Invalid 'input': array too long. Expected an array with maximum length 32, but got an array with length ${count} instead.`,
          code: "array_above_max_length",
        },
      }),
    ],
    [
      "pydantic",
      422,
      (count: number) => ({
        detail: [
          { loc: ["body", "input"], msg: `List should have at most 32 items after validation, not ${count}` },
        ],
      }),
    ],
    [
      "Vertex AI",
      400,
      (count: number) => ({
        error: { message: `400 32 instance(s) is allowed per prediction. Actual: ${count}` },
      }),
    ],
    ["DashScope", 400, () => ({ message: "batch size is invalid, it should not be larger than 32." })],
  ])("is asked too much once: %s", async (_name, status, body) => {
    const { server, embeddings } = await open((request) =>
      request.inputs.length > 32 ? { status, body: body(request.inputs.length) } : floats(request),
    );
    const texts = Array.from({ length: 100 }, (_, index) => `text ${index}`);
    expect(await embeddings.embedDocuments(texts)).toEqual(vectorsOf(texts));
    expect(await embeddings.embedDocuments(texts)).toEqual(vectorsOf(texts));
    expect(server.requests.map(({ inputs }) => inputs.length)).toEqual([100, 32, 32, 32, 4, 32, 32, 32, 4]);
  });
});

describe("a server that takes few texts in a request and names no number", () => {
  it("is asked for less and less, and no later request has more: Mistral", async () => {
    const body = { object: "error", message: "Too many inputs in request, split into more batches." };
    const { server, embeddings } = await open((request) =>
      request.inputs.length > 16 ? { status: 400, body } : floats(request),
    );
    const texts = Array.from({ length: 64 }, (_, index) => `text ${index}`);
    expect(await embeddings.embedDocuments(texts)).toEqual(vectorsOf(texts));
    expect(server.requests.map(({ inputs }) => inputs.length)).toEqual([64, 32, 32, 16, 16, 16, 16]);
  });

  it.each([
    ["nginx", 413, "<html><head><title>413 Request Entity Too Large</title></head></html>"],
    [
      "llama.cpp",
      500,
      { error: { message: "input is too large to process. increase the physical batch size" } },
    ],
  ])("is sent halves of the request, and later ones as full as before: %s", async (_name, status, body) => {
    const { server, embeddings } = await open((request) =>
      request.inputs.join("").length > 40 ? { status, body } : floats(request),
    );
    const texts = ["x".repeat(30), "y".repeat(30), "z"];
    expect(await embeddings.embedDocuments(texts)).toEqual(vectorsOf(texts));
    await embeddings.embedDocuments(["a", "b", "c"]);
    expect(server.requests.map(({ inputs }) => inputs.length)).toEqual([3, 2, 1, 1, 1, 3]);
    const tooLong = await embeddings.embedDocuments(["a", "x".repeat(50)]).catch((error: unknown) => error);
    expect(tooLong).toMatchObject({ retryable: false, context: { status } });
  });
});

describe("Text Embeddings Inference", () => {
  it("is asked again when its model fails with 424, and a text that breaks it fails alone", async () => {
    const body = { error: "Backend error", error_type: "Backend" };
    const { embeddings } = await open((request) =>
      request.inputs.includes("broken") ? { status: 424, body } : floats(request),
    );
    const texts = ["a", "b", "broken", "c"];
    const { failures } = await embedIsolating((batch) => embeddings.embedDocuments(batch), texts);
    expect(failures).toMatchObject([{ index: 2, error: { code: "EMBEDDING_FAILED" } }]);
  });
});

describe("an answer", () => {
  it("of 402 tells that the quota is used up", async () => {
    const { embeddings } = await open(() => ({ status: 402, body: { error: "Insufficient credits" } }));
    expect(await failure(embeddings)).toMatchObject({ code: "USAGE_LIMIT", retryable: false });
  });

  it("with NaN, which is no JSON, is not taken for a lost connection", async () => {
    const { embeddings } = await open(() => ({
      body: '{"data":[{"embedding":[NaN,1]}]}',
      type: "application/json",
    }));
    expect(await failure(embeddings)).toMatchObject({
      code: "EMBEDDING_FAILED",
      message: expect.stringContaining("it is not valid JSON"),
    });
  });
});
