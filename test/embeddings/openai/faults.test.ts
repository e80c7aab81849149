import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { embedIsolating } from "../../../src/embeddings/isolate.js";
import { PackedOpenAIEmbeddings, type PackedOpenAIOptions } from "../../../src/embeddings/openai/index.js";
import { UnsiloedError } from "../../../src/errors.js";
import { WaitsClock } from "../../support/clocks/waits-clock.js";
import { type EmbeddingBody, type OpenAIFault, OpenAIServer } from "../../support/openai/server.js";

const TIMEOUT_MS = 60_000;
const KEY = "sk-secret-0123456789";

let server: OpenAIServer;
let clock: WaitsClock;
const make = (options: PackedOpenAIOptions = {}) =>
  new PackedOpenAIEmbeddings({
    apiKey: KEY,
    baseURL: server.baseURL,
    timeoutMs: TIMEOUT_MS,
    clock,
    ...options,
  });
const failure = async (embeddings: PackedOpenAIEmbeddings, texts = ["a", "b"]) => {
  const error: unknown = await embeddings.embedDocuments(texts).then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!(error instanceof UnsiloedError)) throw new Error(`expected an UnsiloedError, got ${String(error)}`);
  expect(inspect(error, { depth: 10 })).not.toContain(KEY);
  return error;
};

beforeEach(async () => {
  clock = new WaitsClock(TIMEOUT_MS);
  server = await OpenAIServer.start({
    dimensions: 8,
    apiKey: KEY,
    poison: "POISON",
    models: ["text-embedding-3-small"],
  });
});
afterEach(() => server.close());

const error = (status: number, more: object = {}): OpenAIFault => ({ kind: "error", status, ...more });
const answer = (change: (body: EmbeddingBody) => unknown): OpenAIFault => ({ kind: "answer", change });
const embeddingOf = (value: number[] | string) =>
  answer((body) => ({ ...body, data: body.data.map((item) => ({ ...item, embedding: value })) }));
const base64 = (values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString("base64");

describe("failures that are temporary", () => {
  it.each<[string, OpenAIFault]>([
    ["500", error(500)],
    ["503", error(503)],
    ["429", error(429, { code: "rate_limit_exceeded" })],
    ["a reset connection", { kind: "reset" }],
    ["an answer that is cut", { kind: "cut" }],
    ["an answer without vectors", answer(() => ({ object: "list" }))],
    ["an answer that is no object", answer(() => null)],
    ["a vector too few", answer((body) => ({ ...body, data: body.data.slice(1) }))],
    ["a vector too many", answer((body) => ({ ...body, data: [...body.data, ...body.data] }))],
    [
      "an index twice",
      answer((body) => ({ ...body, data: body.data.map((item) => ({ ...item, index: 1 })) })),
    ],
    [
      "an index out of range",
      answer((body) => ({ ...body, data: body.data.map((item) => ({ ...item, index: 7 })) })),
    ],
    ["an empty vector", embeddingOf([])],
    ["half a float", embeddingOf("AAAA")],
    [
      "vectors of two sizes",
      answer((body) => ({
        ...body,
        data: body.data.map((item, i) => ({ ...item, embedding: i ? [1] : [1, 2] })),
      })),
    ],
  ])("%s is tried again, after a pause", async (_name, fault) => {
    server.faults.push(fault);
    expect((await make().embedDocuments(["a", "b"])).length).toBe(2);
    expect(server.requests.length).toBe(2);
    expect(clock.waits.length).toBe(1);
  });

  it.each([
    ["retry-after", "7", 7000],
    ["retry-after-ms", "1250", 1250],
    ["retry-after", new Date(Date.UTC(2026, 0, 1, 0, 0, 9)).toUTCString(), 9000],
  ])("waits as long as %s: %s asks for", async (name, value, expected) => {
    server.faults.push(error(429, { headers: { [name]: value } }));
    await make().embedDocuments(["a"]);
    expect(clock.waits).toEqual([expected]);
  });

  it.each<[string, OpenAIFault]>([
    ["that never comes", { kind: "hang" }],
    ["whose body never comes", { kind: "hang", afterHeaders: true }],
  ])("gives up on an answer %s and tries again", async (_name, fault) => {
    server.faults.push(fault);
    const embedded = make().embedDocuments(["a"]);
    await expect.poll(() => server.requests.length + clock.pending).toBe(2);
    clock.expire();
    expect((await embedded).length).toBe(1);
    expect(server.requests.length).toBe(2);
  });

  it("puts vectors in the order of `index`", async () => {
    const expected = await make().embedDocuments(["a", "b", "c"]);
    server.faults.push(answer((body) => ({ ...body, data: [...body.data].reverse() })));
    expect(await make().embedDocuments(["a", "b", "c"])).toEqual(expected);
  });
});

describe("failures that are permanent", () => {
  it.each<[string, OpenAIFault, { code: string; retryable: boolean; context?: object }]>([
    [
      "a failing service",
      error(500),
      { code: "SERVICE_UNAVAILABLE", retryable: true, context: { status: 500 } },
    ],
    ["a service that is asked too often", error(429), { code: "RATE_LIMITED", retryable: true }],
    ["a connection that is reset", { kind: "reset" }, { code: "SERVICE_UNAVAILABLE", retryable: true }],
  ])("reports %s once the tries are used up", async (_name, fault, expected) => {
    server.faults.push(...Array<OpenAIFault>(4).fill(fault));
    expect(await failure(make({ maxRetries: 2 }))).toMatchObject(expected);
    // The last request asks whether the service embeds anything; a limit of rates needs no such question.
    expect(server.requests.length).toBe(expected.code === "RATE_LIMITED" ? 3 : 4);
  });

  it.each<[string, OpenAIFault, object]>([
    ["spent quota", error(429, { code: "insufficient_quota" }), { code: "USAGE_LIMIT" }],
    ["a refused model", error(403), { code: "UNAUTHORIZED" }],
    ["refused dimensions", error(400, { param: "dimensions" }), { code: "INVALID_OPTION" }],
    ["refused texts", error(400, { param: "input" }), { code: "EMBEDDING_FAILED" }],
    ["another refusal", error(410), { code: "BAD_REQUEST" }],
    ["a vector of zeros, as base64", embeddingOf(base64([0, 0])), { code: "EMBEDDING_FAILED" }],
    ["a vector of zeros, as a list", embeddingOf([0, 0]), { code: "EMBEDDING_FAILED" }],
    ["a vector with NaN, as base64", embeddingOf(base64([1, Number.NaN])), { code: "EMBEDDING_FAILED" }],
    ["a vector with NaN, as a list", embeddingOf([1, Number.NaN]), { code: "EMBEDDING_FAILED" }],
  ])("does not try again after %s", async (_name, fault, expected) => {
    server.faults.push(fault);
    expect(await failure(make())).toMatchObject({ ...expected, retryable: false });
    expect(server.requests.length).toBe(1);
  });

  it("names the setting to check when the key is wrong, and never the key", async () => {
    const wrong = "sk-wrong-9876543210";
    const caught = await failure(make({ apiKey: wrong }));
    expect(caught).toMatchObject({
      code: "UNAUTHORIZED",
      message: expect.stringContaining("check OPENAI_API_KEY"),
    });
    expect(inspect(caught, { depth: 10 })).not.toContain(wrong);
  });

  it("removes the key from the service's messages", async () => {
    server.faults.push(error(400, { message: `no good: ${KEY}` }));
    expect((await failure(make())).message).toContain("no good: [secret]");
  });

  it("names a model that the service does not have", async () => {
    expect(await failure(make({ model: "nope" }))).toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining('has no model "nope"'),
    });
  });

  it("names the host when there is no answer", async () => {
    await server.close();
    const caught = await failure(make({ maxRetries: 0 }));
    expect(caught).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: true });
    expect(caught.message).toContain(`${new URL(server.baseURL).host} could not be reached`);
    expect(caught.message).toContain("ECONNREFUSED");
    server = await OpenAIServer.start();
  });

  it("fails clearly when the service ignores `dimensions`", async () => {
    server.faults.push(embeddingOf([1, 2, 3]));
    expect(await failure(make({ dimensions: 8 }))).toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("expected 8, got 3 from the embedding service"),
    });
  });

  it("stops the other requests of a failed call", async () => {
    server.faults.push({ kind: "hang" }, error(401));
    await failure(make({ maxInputs: 1, concurrency: 2 }), ["a", "b", "c", "d"]);
    expect(server.requests.length).toBe(2);
    await expect.poll(() => clock.pending).toBe(0);
  });
});

describe("an aborted call", () => {
  it("ends at once while a request is in flight", async () => {
    server.faults.push({ kind: "hang" });
    const stop = new AbortController();
    const embedded = make().embedDocuments(["a"], { signal: stop.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    stop.abort();
    await expect(embedded).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("ends at once while it waits for its turn, and the call before it continues", async () => {
    server.faults.push({ kind: "hang" });
    const embeddings = make({ concurrency: 1 });
    const first = new AbortController();
    const before = embeddings.embedDocuments(["a"], { signal: first.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    const stop = new AbortController();
    const waiting = embeddings.embedDocuments(["b"], { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    first.abort();
    await expect(before).rejects.toMatchObject({ code: "ABORTED" });
    expect((await embeddings.embedDocuments(["c"])).length).toBe(1);
  });

  it("sends nothing when it was aborted before it started", async () => {
    await expect(make().embedDocuments(["a"], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(server.requests).toEqual([]);
  });
});

describe("with embedIsolating", () => {
  it("fails only the refused, the blank and the too long text", async () => {
    const embeddings = make();
    const bad = new Map([
      [7, "POISON"],
      [8, " "],
      [40, "word ".repeat(9000)],
    ]);
    const texts = Array.from({ length: 64 }, (_, index) => bad.get(index) ?? `text ${index}`);
    const { vectors, failures } = await embedIsolating((batch) => embeddings.embedDocuments(batch), texts);
    expect(failures.map(({ index }) => index)).toEqual([7, 8, 40]);
    expect(failures.map(({ error: each }) => each)).toMatchObject([
      { code: "EMBEDDING_FAILED" },
      { code: "EMBEDDING_FAILED" },
      { code: "INPUT_TOO_LONG" },
    ]);
    expect(vectors.flatMap((vector, index) => (vector ? [] : [index]))).toEqual([7, 8, 40]);
  });
});
