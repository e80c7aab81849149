import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UnsiloedError } from "../../../src/errors.js";
import { parseAddress } from "../../../src/stores/qdrant/http/address.js";
import { QdrantSink, type QdrantSinkOptions } from "../../../src/stores/qdrant/index.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { QdrantDouble, type QdrantDoubleOptions } from "../../support/qdrant-double/server.js";

const spec = { dimensions: 4, model: "model-a" };
const KEY = "very-secret-key-0815";
let double: QdrantDouble | undefined;

const start = async (options: QdrantDoubleOptions = {}): Promise<QdrantDouble> => {
  double = await QdrantDouble.start(options);
  return double;
};
const sinkAt = (url: string, options: QdrantSinkOptions = {}): QdrantSink =>
  new QdrantSink({ url, collection: "c", clock: new AutoAdvanceClock(), attempts: 2, ...options });
const failure = async (promise: Promise<unknown>): Promise<UnsiloedError> => {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof UnsiloedError) return thrown;
  throw new Error(`expected an UnsiloedError, got ${inspect(thrown)}`);
};

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  expect(double?.violations ?? []).toEqual([]);
  await double?.close();
  double = undefined;
});

describe("the address", () => {
  it.each([
    ["http://localhost", "http://localhost", 6333, undefined],
    ["http://localhost:80", "http://localhost", 80, undefined],
    ["https://host", "https://host", 443, undefined],
    ["https://host:443/", "https://host", 443, undefined],
    ["https://x.cloud.qdrant.io:6333", "https://x.cloud.qdrant.io", 6333, undefined],
    ["http://[::1]:6334", "http://[::1]", 6334, undefined],
    ["https://host/qdrant/", "https://host", 443, "/qdrant"],
    [" HTTP://Host:1/a/b?x#y ", "http://host", 1, "/a/b"],
  ])("%s", (text, url, port, prefix) => {
    expect(parseAddress(text)).toEqual({ url, port, prefix, label: `${url}:${port}${prefix ?? ""}` });
  });

  it.each([
    [undefined, /here or in QDRANT_URL, got nothing/],
    ["localhost:6333", /starts with http/],
    ["http://", /cannot be read/],
    ["http://me:hunter2@host", /no user name or password/],
  ])("refuses %s without repeating a password", (text, message) => {
    expect(() => parseAddress(text)).toThrow(message);
    expect(() => parseAddress(text)).not.toThrow(/hunter2/);
  });

  it("keeps a path in front of the API", async () => {
    const server = await start({ prefix: "/qdrant" });
    const sink = sinkAt(server.url);
    await sink.prepare(spec);
    expect(await sink.upsert([samplePoint(1)])).toBe(1);
    expect(sink.description).toBe(`qdrant:http://127.0.0.1:${server.port}/qdrant (c)`);
    const error = await failure(sinkAt(`http://127.0.0.1:${server.port}`).prepare(spec));
    expect(error).toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringContaining("check that the address and its path"),
    });
  });

  it("is read from the environment, like the key", async () => {
    const server = await start({ apiKey: KEY });
    vi.stubEnv("QDRANT_URL", server.url);
    vi.stubEnv("QDRANT_API_KEY", `${KEY}\n`);
    await new QdrantSink({ collection: "c" }).prepare(spec);
    expect(server.store.collections.has("c")).toBe(true);
  });
});

describe("options", () => {
  it.each([
    [{ url: "http://h", batchCount: 0 }, /QdrantSink: batchCount: expected a number ≥ 1, got 0/],
    [{ url: "http://h", batchBytes: 33 * 1024 * 1024 }, /batchBytes: expected a number ≤ 31457280/],
    [{ url: "http://h", payload: "langchain" }, /payload: expected "langchain-js" or "langchain-python"/],
    [{ url: "http://h", collection: "a/b" }, /collection: expected a name without/],
    [{ url: "http://h", colection: "a" }, /unknown option colection/],
    [{ url: "http://h", apiKey: 5 }, /apiKey: expected string$/],
  ])("refuses %j", (options, message) => {
    expect(() => new QdrantSink(options as QdrantSinkOptions)).toThrow(message);
  });

  it("refuses a key that cannot be sent, without showing it", () => {
    expect(() => sinkAt("http://h", { apiKey: `${KEY} ${KEY}` })).toThrow(/apiKey: expected printable/);
    expect(() => sinkAt("http://h", { apiKey: `${KEY} ${KEY}` })).not.toThrow(new RegExp(KEY));
  });
});

describe("errors", () => {
  it("names the host that cannot be reached, after a retry", async () => {
    const server = await start();
    const { url } = server;
    await server.close();
    double = undefined;
    const clock = new AutoAdvanceClock();
    const error = await failure(sinkAt(url, { clock, attempts: 3 }).prepare(spec));
    expect(error).toMatchObject({ code: "STORE_UNREACHABLE", retryable: true });
    expect(error.message).toContain(`${url} could not be reached`);
    expect(error.message).toContain("ECONNREFUSED");
    expect(clock.waits).toHaveLength(2);
  });

  it("says why a host with several addresses cannot be reached", async () => {
    const server = await start();
    const { port } = server;
    await server.close();
    double = undefined;
    const error = await failure(sinkAt(`http://localhost:${port}`, { attempts: 1 }).open());
    expect(error.message).toMatch(/localhost:\d+ could not be reached .*\(.*ECONNREFUSED.*\)/);
  });

  it.each([
    [undefined, /; set QDRANT_API_KEY$/],
    ["wrong-key", /Must provide an API key.*; check QDRANT_API_KEY$/],
  ])("names QDRANT_API_KEY when the key is %s", async (apiKey, message) => {
    const server = await start({ apiKey: KEY });
    const error = await failure(sinkAt(server.url, apiKey ? { apiKey } : {}).prepare(spec));
    expect(error).toMatchObject({ code: "UNAUTHORIZED", retryable: false, context: { status: 401 } });
    expect(error.message).toMatch(message);
    expect(server.requests).toHaveLength(1);
  });

  it("never shows a key that the server repeats, and prints nothing", async () => {
    const server = await start({ apiKey: KEY });
    const printed = vi.spyOn(console, "warn");
    server.faults.add({
      on: "GET",
      times: 1,
      fault: { kind: "status", status: 403, message: `key ${KEY} lacks rights` },
    });
    const error = await failure(sinkAt(server.url, { apiKey: KEY }).prepare(spec));
    expect(error.message).toContain("key *** lacks rights");
    expect(sinkAt(server.url, { apiKey: KEY }).description).not.toContain(KEY);
    expect(printed).not.toHaveBeenCalled();
  });

  it("does not send the key to the target of a redirect", async () => {
    const server = await start();
    const elsewhere = await QdrantDouble.start();
    server.faults.add({ fault: { kind: "redirect", to: `${elsewhere.url}/collections/c` } });
    const error = await failure(sinkAt(server.url, { apiKey: KEY }).count());
    expect(error).toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringContaining("redirect (307)"),
    });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  it.each([
    ["no version", { hello: "world" }, /does not answer like Qdrant; check the address/],
    ["an old version", { version: "1.9.7" }, /is Qdrant 1\.9\.7; this package needs 1\.10\.0 or later/],
    ["other results", { version: "1.19.0" }, /is not one of Qdrant: config: expected object/],
  ])("tells a server that answers with %s", async (_name, answer, message) => {
    const server = await start();
    server.store.answer = () => answer;
    const error = await failure(sinkAt(server.url).prepare(spec));
    expect(error).toMatchObject({ code: "STORE_REFUSED", message: expect.stringMatching(message) });
  });

  it.each(["prepare", "upsert", "deletePoints", "count", "search", "open"] as const)(
    "sends nothing in %s when aborted before",
    async (method) => {
      const server = await start();
      const options = { signal: AbortSignal.abort() };
      const sink = sinkAt(server.url);
      const calls = {
        prepare: () => sink.prepare(spec, options),
        upsert: () => sink.upsert([samplePoint(1)], options),
        deletePoints: () => sink.deletePoints([samplePoint(1).id], options),
        count: () => sink.count(undefined, options),
        search: () => sink.search({ mode: "text", k: 1, text: "x" }, options),
        open: () => sink.open(options),
      };
      expect((await failure(calls[method]())).code).toBe("ABORTED");
      expect(server.requests).toEqual([]);
    },
  );

  it("loads the client and sends requests only when first used", async () => {
    const server = await start();
    const sink = sinkAt(server.url);
    await sink.close();
    expect(server.requests).toEqual([]);
  });
});
