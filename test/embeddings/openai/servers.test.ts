import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { PackedOpenAIEmbeddings } from "../../../src/embeddings/openai/index.js";
import { hashedVector } from "../../support/hashed-vectors.js";
import { failure, KEY, open, vectorsOf } from "../../support/openai/scripted-embeddings.js";
import { floats, type ScriptedAnswer, type ScriptedRequest } from "../../support/openai/scripted-server.js";

/** A server that refuses some formats of vectors; `undefined` stands for none named. */
const refusing = (formats: unknown[], status: number, body: unknown) => (request: ScriptedRequest) =>
  formats.includes(request.body["encoding_format"]) ? { status, body } : floats(request);

describe("a server that refuses the format of vectors", () => {
  it.each<[string, number, unknown]>([
    [
      "vLLM before 0.5.1",
      400,
      { object: "error", message: "base64 encoding is not currently supported", code: 400 },
    ],
    [
      "FastAPI that forbids other fields",
      422,
      {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "encoding_format"],
            msg: "Extra inputs are not permitted",
          },
        ],
      },
    ],
    ["serde", 422, "unknown field `encoding_format`, expected `input` or `model`"],
    ["OpenAI's form", 400, { error: { message: "Invalid value", param: "encoding_format" } }],
    [
      "LiteLLM before Vertex AI",
      500,
      { error: { message: "VertexAI doesn't support params: {'encoding_format': 'base64'}", code: "500" } },
    ],
    ["one that has not implemented it", 501, { error: { message: "base64 not implemented" } }],
    ["an error sent as a success", 200, { error: { message: "encoding_format base64 is not supported" } }],
  ])("is asked for numbers, once: %s", async (_name, status, body) => {
    const { server, embeddings } = await open(refusing(["base64"], status, body));
    const texts = ["a", "b"];
    expect(await embeddings.embedDocuments(texts)).toEqual(vectorsOf(texts));
    expect(await embeddings.embedDocuments(texts)).toEqual(vectorsOf(texts));
    expect(server.requests.map((request) => request.body["encoding_format"])).toEqual([
      "base64",
      "float",
      "float",
    ]);
  });

  it("is asked without a format if it lets none be chosen, as LiteLLM before Gemini", async () => {
    const { server, embeddings } = await open(
      refusing(["base64", "float"], 400, {
        error: { message: "gemini does not support parameters: {'encoding_format': 'float'}" },
      }),
    );
    expect(await embeddings.embedQuery("a")).toEqual(vectorsOf(["a"])[0]);
    await embeddings.embedQuery("b");
    expect(server.requests.map((request) => request.body["encoding_format"])).toEqual([
      "base64",
      "float",
      undefined,
      undefined,
    ]);
  });

  it("fails with its own words when no format is left", async () => {
    const { server, embeddings } = await open(() => ({ status: 400, body: "base64 is no base for me" }));
    expect((await failure(embeddings)).message).toContain("base64 is no base for me");
    expect(server.requests.length).toBe(3);
  });
});

describe("the words of a server", () => {
  it.each<[string, unknown]>([
    ["{error: {message}}", { error: { message: "the reason", type: "x" } }],
    ["{error}", { error: "the reason", error_type: "Validation" }],
    ["{message}", { message: "the reason", code: 400 }],
    ["{object, message} of vLLM", { object: "error", message: "the reason", type: "BadRequestError" }],
    ["{detail}", { detail: "the reason" }],
    ["{detail: [{loc, msg}]} of pydantic", { detail: [{ loc: ["body", "input"], msg: "the reason" }] }],
    ["{errors}", { errors: ["the reason"] }],
    ["plain text", "the reason"],
    ["a page", "<!DOCTYPE html><html><head><title>the reason</title></head></html>"],
  ])("reach the user in the form %s, without secrets", async (_name, body) => {
    const quoted = JSON.parse(JSON.stringify(body).replaceAll("the reason", `the reason, ${KEY}`));
    const { embeddings } = await open(() => ({ status: 400, body: quoted }));
    const error = await failure(embeddings);
    expect(error).toMatchObject({ code: "EMBEDDING_FAILED", retryable: false });
    expect(error.message).toContain("the reason, [secret]");
    expect(error.message).not.toMatch(/[{<]/);
  });

  it.each([
    [
      "LM Studio's answer to any address",
      { error: "Unexpected endpoint or method. (POST /embeddings)" },
      "Unexpected",
    ],
    ["a page", "<html><head><title>Open WebUI</title></head></html>", "Open WebUI"],
    ["plain text", "Ollama is running", "Ollama is running"],
  ])("are quoted from a success without vectors, with a hint at /v1: %s", async (_name, body, words) => {
    const { server, embeddings } = await open(() => ({ body }), { path: "", maxRetries: 4 });
    const error = await failure(embeddings);
    expect(error).toMatchObject({ code: "INVALID_OPTION", retryable: false });
    expect(error.message).toContain(words);
    expect(error.message).toContain('that of most servers ends in "/v1"');
    expect(server.requests.length).toBe(1);
  });

  it("count with the status that a gateway puts into the body of a success", async () => {
    const limited = await open(() => ({ body: { error: { code: 429, message: "Rate limited upstream" } } }));
    expect(await failure(limited.embeddings)).toMatchObject({ code: "RATE_LIMITED", retryable: true });
    const refused = await open(() => ({ body: { error: { code: 401, message: "No auth" } } }));
    expect(await failure(refused.embeddings)).toMatchObject({ code: "UNAUTHORIZED" });
  });

  it.each([404, 405])("of a %d end with a hint at the address", async (status) => {
    const body = { detail: "Not Found" };
    const { embeddings } = await open(() => ({ status, body }), { path: "/" });
    const error = await failure(embeddings);
    expect(error.code).toBe("INVALID_OPTION");
    expect(error.message).toMatch(/Not Found.*ends in "\/v1"/);
  });

  it("are read from JSON that is announced as text", async () => {
    const { embeddings } = await open((request) => ({ ...floats(request), type: "text/plain" }));
    expect(await embeddings.embedDocuments(["a"])).toEqual(vectorsOf(["a"]));
  });

  it.each([
    ["vLLM", 400, 'Model "m" does not support matryoshka representation, changing output dimensions is bad'],
    ["old vLLM", 400, "dimensions is currently not supported"],
  ])("about dimensions name the option: %s", async (_name, status, message) => {
    const { embeddings } = await open(() => ({ status, body: { object: "error", message } }), {
      dimensions: 8,
    });
    expect((await failure(embeddings)).message).toMatch(/^dimensions: refused by/);
  });
});

describe("the indexes of vectors", () => {
  const numbered = (indexOf: (index: number) => unknown) => (request: ScriptedRequest) => ({
    body: {
      data: request.inputs.map((text, index) => ({
        index: indexOf(index),
        embedding: [...hashedVector(text, 8)],
      })),
    },
  });

  it.each<[string, (index: number) => unknown]>([
    ["are all zero", () => 0],
    ["count from one", (index) => index + 1],
    ["are texts", String],
    ["are missing", () => undefined],
    ["are null", () => null],
    ["leave out the zero, as Gemini's", (index) => (index === 0 ? undefined : index)],
  ])("may be such that they %s", async (_name, indexOf) => {
    const { embeddings } = await open(numbered(indexOf));
    const texts = ["a", "b", "c"];
    expect(await embeddings.embedDocuments(texts)).toEqual(vectorsOf(texts));
  });

  it.each([0, 1])("may come in any order when they count from %d", async (first) => {
    const { server, embeddings } = await open((request) => ({
      body: {
        data: request.inputs
          .map((text, index) => ({ index: String(index + first), embedding: [...hashedVector(text, 8)] }))
          .reverse(),
      },
    }));
    const texts = Array.from({ length: 120 }, (_, index) => `text ${index}`);
    expect(await embeddings.embedDocuments(texts)).toEqual(vectorsOf(texts));
    expect(server.requests.length).toBe(1);
  });

  it.each<[string, (index: number) => unknown]>([
    ["twice", () => 1],
    ["beyond the end", (index) => index + 2],
  ])("are refused if one is given %s", async (_name, indexOf) => {
    const { embeddings } = await open(numbered(indexOf));
    expect((await failure(embeddings)).code).toBe("EMBEDDING_FAILED");
  });
});

describe("an address", () => {
  it.each([
    ["/v1/embeddings", "/v1/embeddings"],
    ["/v1/embeddings/", "/v1/embeddings"],
    ["/openai/deployments/d/embeddings?api-version=1", "/openai/deployments/d/embeddings?api-version=1"],
  ])("may end in the endpoint: %s", async (path, asked) => {
    const { server, embeddings } = await open(floats, { path });
    await embeddings.embedQuery("a");
    expect(server.requests[0]?.path).toBe(asked);
  });

  it("keeps its query, and shows no secret of it", async () => {
    const { server, embeddings } = await open(floats, { path: "/emb?api-version=2024-10-21&key=abc%20d" });
    await embeddings.embedQuery("a");
    expect(server.requests[0]?.path).toBe("/emb/embeddings?api-version=2024-10-21&key=abc%20d");
    const failing = await open(() => ({ status: 400, body: "no key hush-hush" }), {
      path: "/v1?key=hush-hush",
    });
    expect((await failure(failing.embeddings)).message).toContain("no key [secret]");
  });

  it("needs no key, and gets none", async () => {
    vi.stubEnv("OPENAI_API_KEY", "");
    const { server, embeddings } = await open(floats, { apiKey: undefined });
    await embeddings.embedQuery("a");
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
    vi.unstubAllEnvs();
    const refused = await open(() => ({ status: 401, body: {} }), { apiKey: "" });
    expect((await failure(refused.embeddings)).message).toContain("wants an API key: set EMBEDDINGS_API_KEY");
  });

  it("gets the headers that a gateway wants, whose values are not shown", async () => {
    const headers = { "x-gateway-token": "gateway-secret", Authorization: "Bearer other" };
    const { server, embeddings } = await open(floats, { headers });
    await embeddings.embedQuery("a");
    expect(server.requests[0]?.headers).toMatchObject({
      "x-gateway-token": "gateway-secret",
      authorization: "Bearer other",
    });
    const failing = await open(() => ({ status: 400, body: "no gateway-secret" }), { headers });
    const error = await failure(failing.embeddings);
    expect(inspect(error, { depth: 10 })).not.toContain("gateway-secret");
    expect(() => new PackedOpenAIEmbeddings({ apiKey: "k", headers: { "a b": "c" } })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });
});

/** As Azure: a key in `api-key` for deployments, which need a version; for /openai/v1 either header, and no version. */
const azure = (request: ScriptedRequest): ScriptedAnswer => {
  const url = new URL(request.path, "http://azure");
  const byHeader = request.headers["api-key"] === KEY;
  const byBearer = request.headers.authorization === `Bearer ${KEY}`;
  const denied = {
    status: 401,
    body: { error: { code: "401", message: "Access denied due to invalid key" } },
  };
  const missing = { status: 404, body: { error: { code: "404", message: "Resource not found" } } };
  if (url.pathname === "/openai/v1/embeddings") return byHeader || byBearer ? floats(request) : denied;
  if (!byHeader || request.headers.authorization !== undefined) return denied;
  const isDeployment = url.pathname === "/openai/deployments/small/embeddings";
  return isDeployment && url.searchParams.get("api-version") === "2024-10-21" ? floats(request) : missing;
};

describe("Azure", () => {
  it.each(["/openai/deployments/small?api-version=2024-10-21", "/openai/v1", "/openai/v1/"])(
    "embeds at %s",
    async (path) => {
      const { embeddings } = await open(azure, { path, model: "small" });
      expect(await embeddings.embedDocuments(["a", "b"])).toEqual(vectorsOf(["a", "b"]));
    },
  );

  it("tells that the version is missing", async () => {
    const { embeddings } = await open(azure, { path: "/openai/deployments/small" });
    expect((await failure(embeddings)).message).toContain("Resource not found");
  });
});
