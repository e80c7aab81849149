import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseEmbeddings, chooseForCollection } from "../../src/cli/setup/choose-embeddings.js";
import { UnsiloedError } from "../../src/errors.js";
import { UNKNOWN_MODEL } from "../../src/stores/sink.js";
import { OpenAIServer } from "../support/openai/server.js";

let server: OpenAIServer;

beforeEach(async () => {
  server = await OpenAIServer.start({ dimensions: 8 });
});
afterEach(() => server.close());

const E5 = 'e5 with query prefix "query: " and document prefix "passage: "';

const failureOf = async (work: Promise<unknown>): Promise<UnsiloedError> => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof UnsiloedError)) throw new Error(`expected an UnsiloedError, got ${String(error)}`);
  return error;
};

/** What was asked of the server last. */
const last = () => {
  const request = server.requests.at(-1);
  return {
    inputs: request?.inputs,
    model: request?.body["model"],
    dimensions: request?.body["dimensions"],
    key: request?.headers.authorization,
  };
};

describe("embeddings at an address", () => {
  it("are those of the model after the sign, with dimensions, prefixes and a key of their own", async () => {
    const model = await chooseEmbeddings(
      {
        embeddings: `${server.baseURL}#intfloat/e5:small`,
        dimensions: 4,
        queryPrefix: "query: ",
        documentPrefix: "passage: ",
      },
      { EMBEDDINGS_API_KEY: "own-key", OPENAI_API_KEY: "key-of-openai" },
    );
    expect(model.modelName).toBe(
      'intfloat/e5:small with query prefix "query: " and document prefix "passage: "',
    );
    expect(model.dimensions).toBe(4);
    await model.embedDocuments(["rent"]);
    expect(last()).toEqual({
      inputs: ["passage: rent"],
      model: "intfloat/e5:small",
      dimensions: 4,
      key: "Bearer own-key",
    });
    await model.embedFloats?.(["rent"]);
    expect(last().inputs).toEqual(["passage: rent"]);
    await model.embedQuery("which rent?");
    expect(last().inputs).toEqual(["query: which rent?"]);
  });

  it("never get the key of OpenAI", async () => {
    const model = await chooseEmbeddings(
      { embeddings: `${server.baseURL}#m` },
      { OPENAI_API_KEY: "key-of-openai" },
    );
    await model.embedQuery("a");
    expect(last().key).toBeUndefined();
  });

  it("get the headers of the variable and of the option, and take texts up to the limit", async () => {
    const model = await chooseEmbeddings(
      {
        embeddings: `${server.baseURL}#m`,
        embeddingHeader: { "x-team": "search" },
        embeddingMaxTokens: 20,
      },
      { EMBEDDINGS_HEADERS: "x-gateway: secret value\nX-Team: other\n" },
    );
    await model.embedQuery("a");
    expect(server.requests.at(-1)?.headers).toMatchObject({
      "x-gateway": "secret value",
      "x-team": "search",
    });
    expect(await failureOf(model.embedDocuments(["word ".repeat(30)]))).toMatchObject({
      code: "INPUT_TOO_LONG",
    });
    const broken = { EMBEDDINGS_HEADERS: "secret value" };
    const error = await failureOf(chooseEmbeddings({ embeddings: `${server.baseURL}#m` }, broken));
    expect(error.message).toMatch(/^EMBEDDINGS_HEADERS: expected a line "NAME: VALUE"/);
    expect(error.message).not.toContain("secret");
  });

  it("are what headers and a limit of tokens are for", async () => {
    const limited = await failureOf(chooseEmbeddings({ embeddings: "local", embeddingMaxTokens: 20 }, {}));
    expect(limited.message).toMatch(/^--embedding-max-tokens: expected embeddings of a service/);
  });

  it("need the name of a model, and an address", async () => {
    const nameless = await failureOf(chooseEmbeddings({ embeddings: server.baseURL }, {}));
    expect(nameless).toMatchObject({ code: "INVALID_OPTION" });
    expect(nameless.message).toContain("URL#MODEL, got only an address");
    const broken = await failureOf(chooseEmbeddings({ embeddings: "http://key@:80" }, {}));
    expect(broken.message).toContain("URL#MODEL, got an address that is no URL");
    const embeddings = "http://user:secret@127.0.0.1:9/v1#m";
    const credentials = await failureOf(chooseEmbeddings({ embeddings }, {}));
    expect(credentials).toMatchObject({ code: "INVALID_OPTION" });
    for (const { message } of [broken, credentials]) expect(message).not.toMatch(/key@|secret/);
  });

  it("refuse a blank text, also below a prefix", async () => {
    const options = { embeddings: `${server.baseURL}#m`, queryPrefix: "q: ", documentPrefix: "d: " };
    const model = await chooseEmbeddings(options, {});
    expect(await failureOf(model.embedDocuments(["a", " "]))).toMatchObject({ code: "EMBEDDING_FAILED" });
    expect(await failureOf(model.embedQuery(" "))).toMatchObject({ code: "EMBEDDING_FAILED" });
    expect(server.requests).toHaveLength(0);
  });
});

describe("settings of a model", () => {
  it.each([
    [{ dimensions: 4 }, "--dimensions"],
    [{ queryPrefix: "q" }, "--query-prefix"],
    [{ documentPrefix: "d" }, "--document-prefix"],
  ])("%j is refused for the bundled model", async (settings, option) => {
    const error = await failureOf(chooseEmbeddings(settings, {}));
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    expect(error.message).toContain(option);
  });
});

describe("embeddings for questions to a collection", () => {
  const environment = () => ({ OPENAI_API_KEY: "k", OPENAI_BASE_URL: server.baseURL });
  const names = (recorded: string, embeddings?: string, more = {}) =>
    chooseForCollection({ embeddings, ...more }, { model: recorded, dimensions: 8 }, environment()).then(
      ({ modelName, dimensions }) => ({ modelName, dimensions }),
    );

  it("have the prefixes that the collection records", async () => {
    expect(await names(E5)).toEqual({ modelName: E5, dimensions: undefined });
    expect(await names(E5, server.baseURL)).toEqual({ modelName: E5, dimensions: undefined });
    expect(await names(E5, "openai:e5")).toEqual({ modelName: E5, dimensions: undefined });
  });

  it.each([
    ["openai:other", {}, '"other"'],
    ["local", {}, '"unsiloed-static-256-'],
    [undefined, { queryPrefix: "ask: " }, '"e5 with query prefix "ask: " and document prefix "passage: ""'],
  ])("are refused for another model or other prefixes: %s %j", async (embeddings, more, wanted) => {
    const error = await failureOf(names(E5, embeddings, more));
    expect(error).toMatchObject({ code: "STORE_MISMATCH" });
    for (const part of [E5, wanted, "--embeddings"]) expect(error.message).toContain(part);
  });

  it("need the address of a service unless it is known or the model is of OpenAI", async () => {
    const model = (recorded: string, embeddings?: string) =>
      chooseForCollection({ embeddings }, { model: recorded, dimensions: 8 }, { OPENAI_API_KEY: "k" });
    const error = await failureOf(model(E5));
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    for (const part of [E5, "name its address with --embeddings URL"]) expect(error.message).toContain(part);
    expect((await model(E5, server.baseURL)).modelName).toBe(E5);
    expect((await model("text-embedding-3-small")).modelName).toBe("text-embedding-3-small");
  });

  it("are as the user says where the collection records no model", async () => {
    expect((await names(UNKNOWN_MODEL, "openai:other")).modelName).toBe("other");
  });

  it("shorten their vectors where the model of the collection did", async () => {
    expect(await names("text-embedding-3-small")).toEqual({
      modelName: "text-embedding-3-small",
      dimensions: 8,
    });
  });

  it("are the bundled model where the collection is of it", async () => {
    const { modelName } = await chooseEmbeddings({}, {});
    expect((await names(modelName)).modelName).toBe(modelName);
  });
});
