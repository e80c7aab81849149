import { describe, expect, it } from "vitest";
import { PackedOpenAIEmbeddings } from "../../../src/embeddings/openai/index.js";
import { messageOf, UnsiloedError } from "../../../src/errors.js";
import { QdrantSink } from "../../../src/stores/qdrant/index.js";
import { floats, startScripted } from "../../support/openai/scripted-server.js";

const SECRET = "hush-hush-0123";

const refused = (open: () => unknown): UnsiloedError => {
  try {
    open();
  } catch (thrown) {
    if (thrown instanceof UnsiloedError) return thrown;
    throw thrown;
  }
  throw new Error("expected an error");
};

describe("a key or header that cannot be sent", () => {
  it.each<[string, object, string]>([
    [
      "a value of two lines",
      { headers: { "x-token": `${SECRET}\nx` } },
      "headers.x-token: expected one line",
    ],
    ["a wrong name", { headers: { [`x-token ${SECRET}`]: SECRET } }, "headers: expected names of headers"],
    ["a list", { headers: [SECRET] }, "headers: expected"],
    ["a text", { headers: SECRET }, "headers: expected"],
    ["values that are no texts", { headers: { "x-token": [SECRET] } }, "headers.x-token: expected string"],
    ["a list of keys", { apiKey: [SECRET] }, "apiKey: expected string"],
    ["a key beyond ASCII", { apiKey: `${SECRET}é` }, "apiKey: expected printable ASCII text"],
    ["a key of two lines", { apiKey: `${SECRET}\nx` }, "apiKey: expected printable ASCII text"],
  ])("is refused without being shown: %s", (_name, wrong, expected) => {
    const options = { apiKey: "k", ...wrong };
    const error = refused(() => new PackedOpenAIEmbeddings(options));
    expect(error).toMatchObject({ code: "INVALID_OPTION", message: expect.stringContaining(expected) });
    expect(error.message).not.toContain(SECRET);
  });

  it("is not shown by a store either", () => {
    const options: object = { url: "http://127.0.0.1:1", apiKey: [SECRET] };
    const error = refused(() => new QdrantSink(options));
    expect(messageOf(error)).toBe("QdrantSink: apiKey: expected string");
  });
});

describe("a key or header from a file", () => {
  it("is sent without the line break at its end", async () => {
    const server = await startScripted(floats);
    const embeddings = new PackedOpenAIEmbeddings({
      baseURL: `${server.origin}/v1`,
      apiKey: `${SECRET}\n`,
      headers: { "x-token": `${SECRET}\r\n` },
    });
    await embeddings.embedQuery("a");
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${SECRET}`,
      "x-token": SECRET,
    });
  });
});
