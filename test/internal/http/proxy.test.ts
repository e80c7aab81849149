import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { PackedOpenAIEmbeddings } from "../../../src/embeddings/openai/index.js";
import { readProxies } from "../../../src/internal/http/proxy.js";
import { Transport } from "../../../src/parse-api/http/transport.js";
import { QdrantSink } from "../../../src/stores/qdrant/index.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { serve, startProxy } from "../../support/forward-proxy.js";
import { OpenAIServer } from "../../support/openai/server.js";
import { API_KEY, errorOf, openService, pdf } from "../../support/parse-service.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { QdrantDouble } from "../../support/qdrant-double/server.js";

const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);

beforeEach(() => {
  for (const name of NAMES) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const portOf = (url: string): number => Number(new URL(url).port);

describe("the proxies of the environment", () => {
  it("are read in lower case first, then in upper case", () => {
    expect(readProxies()).toBeUndefined();
    vi.stubEnv("HTTP_PROXY", "http://upper.test:1");
    vi.stubEnv("NO_PROXY", "a.test");
    expect(readProxies()).toEqual({
      httpProxy: "http://upper.test:1",
      httpsProxy: "",
      noProxy: "a.test,localhost,127.0.0.1,[::1]",
    });
    vi.stubEnv("http_proxy", "http://lower.test:2");
    vi.stubEnv("https_proxy", "http://secure.test:3");
    vi.stubEnv("no_proxy", "*");
    expect(readProxies()).toEqual({
      httpProxy: "http://lower.test:2",
      httpsProxy: "http://secure.test:3",
      noProxy: "*",
    });
  });

  it.each(["proxy.test:8080", "socks5://user:hunter2@proxy.test", "user:hunter2@proxy.test"])(
    "are refused when they are no http address, without repeating a password: %s",
    (address) => {
      vi.stubEnv("HTTPS_PROXY", address);
      expect(readProxies).toThrow("HTTPS_PROXY: expected the address of a proxy");
      expect(readProxies).not.toThrow("hunter2");
    },
  );
});

describe("the parse API", () => {
  const statusOf = (answer: object) =>
    serve((request, response) => void request.resume().on("end", () => response.end(JSON.stringify(answer))));

  it("is reached through the HTTP proxy", async () => {
    const { emulator } = await openService();
    const proxy = await startProxy({ "parse.test": portOf(emulator.url) });
    vi.stubEnv("HTTP_PROXY", proxy.url.replace("//", "//user:pw@"));
    const { client } = await openService({}, { baseUrl: "http://parse.test" });
    const { jobId } = await client.submitFile(pdf());
    expect((await client.getStatus(jobId)).state).toBe("Succeeded");
    const credentials = `Basic ${btoa("user:pw")}`;
    expect(proxy.asked).toEqual([
      `POST http://parse.test/parse ${credentials}`,
      `GET http://parse.test/parse/${jobId}?include_chunks=false ${credentials}`,
    ]);
  });

  it("is reached through a tunnel for https, like the addresses that it names", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const received: string[] = [];
    const port = await serve(async (request, response) => {
      received.push(`${request.method} ${request.url} ${await text(request)}`);
      response.end(JSON.stringify({ status: "Queued" }));
    }, true);
    const proxy = await startProxy({ "parse.test": port, "files.test": port });
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    const { client } = await openService({}, { baseUrl: "https://parse.test" });
    expect((await client.getStatus("job-1")).state).toBe("Queued");
    const body = {
      bytes: 4,
      stream: async function* () {
        yield Buffer.from("%PDF");
      },
    };
    const request = { method: "PUT", headers: {}, body, signal: new AbortController().signal };
    // This machine knows no such host, so the proxy has to find it.
    const url = new URL("https://files.test/put");
    const answer = await new Transport().send({ ...request, url }, () => "public");
    expect(await text(answer.body)).toBe('{"status":"Queued"}');
    expect(proxy.asked).toEqual(["CONNECT parse.test:443", "CONNECT files.test:443"]);
    expect(received).toEqual(["GET /parse/job-1?include_chunks=false ", "PUT /put %PDF"]);
  });

  it("is reached through the HTTP proxy for https too, when there is no other", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const port = await serve((_request, response) => void response.end('{"status":"Queued"}'), true);
    const proxy = await startProxy({ "parse.test": port });
    vi.stubEnv("http_proxy", proxy.url);
    const { client } = await openService({}, { baseUrl: "https://parse.test:8443" });
    expect((await client.getStatus("job-1")).state).toBe("Queued");
    expect(proxy.asked).toEqual(["CONNECT parse.test:8443"]);
  });

  it("is reached directly for hosts of NO_PROXY and on this machine", async () => {
    const proxy = await startProxy({ "api.parse.test": await statusOf({ status: "Queued" }) });
    vi.stubEnv("HTTP_PROXY", proxy.url);
    vi.stubEnv("NO_PROXY", "other.test, .parse.test");
    const { client } = await openService({}, { baseUrl: "http://api.parse.test" });
    expect((await errorOf(client.getStatus("job-1"))).message).toContain(
      "cannot reach http://api.parse.test",
    );
    const local = await openService();
    expect((await local.client.getStatus(local.emulator.addJob())).state).toBe("Succeeded");
    expect(proxy.asked).toEqual([]);
  });

  it("received nothing when the proxy opens no tunnel, so a submission has no unknown outcome", async () => {
    for (const [status, attempts] of [
      [407, 1],
      [503, 4],
    ] as const) {
      const proxy = await startProxy({}, status);
      vi.stubEnv("HTTPS_PROXY", proxy.url);
      const { client } = await openService({}, { baseUrl: "https://parse.test" });
      const error = await errorOf(client.submitFile(pdf()));
      expect(error).toMatchObject({ code: "SERVICE_UNAVAILABLE", retryable: attempts > 1 });
      expect(error.message).toContain(`cannot reach https://parse.test (the proxy answered ${status})`);
      expect(error.message).toContain("the proxy that HTTPS_PROXY or HTTP_PROXY names");
      expect(error.message).not.toContain(API_KEY);
      expect(proxy.asked).toHaveLength(attempts);
    }
  });
});

describe("the OpenAI client", () => {
  const embed = (baseURL: string) =>
    new PackedOpenAIEmbeddings({ apiKey: "key", baseURL, dimensions: 4, maxRetries: 0 }).embedQuery("word");

  it("sends through the proxy, and not to hosts of NO_PROXY", async () => {
    const server = await OpenAIServer.start();
    onTestFinished(() => server.close());
    const proxy = await startProxy({ "openai.test": portOf(server.baseURL) });
    vi.stubEnv("HTTP_PROXY", proxy.url);
    expect(await embed("http://openai.test/v1")).toHaveLength(4);
    expect(proxy.asked).toEqual(["POST http://openai.test/v1/embeddings"]);
    vi.stubEnv("NO_PROXY", "openai.test");
    expect(await errorOf(embed("http://openai.test/v1"))).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect(proxy.asked).toHaveLength(1);
  });

  it("asks for a tunnel for https", async () => {
    const proxy = await startProxy({}, 403);
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    const error = await errorOf(embed("https://openai.test/v1"));
    expect(error.message).toContain("Proxy response (403)");
    expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT openai.test:443"]));
  });
});

describe("the Qdrant client", () => {
  const sinkAt = (url: string) =>
    new QdrantSink({ url, collection: "c", clock: new AutoAdvanceClock(), attempts: 1 });

  it("sends through the proxy, points too, and not to hosts of NO_PROXY", async () => {
    const double = await QdrantDouble.start();
    onTestFinished(() => double.close());
    const proxy = await startProxy({ "qdrant.test": portOf(double.url) });
    vi.stubEnv("http_proxy", proxy.url);
    const sink = sinkAt("http://qdrant.test");
    await sink.prepare({ dimensions: 4, model: "model-a" });
    await sink.upsert([samplePoint(1)]);
    const asked = proxy.asked.filter((line) => line.startsWith("PUT"));
    expect(asked).toContain("PUT http://qdrant.test:6333/collections/c/points?wait=true");
    expect(asked.length).toBeGreaterThan(1);
    const before = proxy.asked.length;
    vi.stubEnv("no_proxy", "qdrant.test:6333");
    const direct = sinkAt("http://qdrant.test").prepare({ dimensions: 4, model: "model-a" });
    expect(await errorOf(direct)).toMatchObject({ code: "STORE_UNREACHABLE" });
    expect(proxy.asked).toHaveLength(before);
  });

  it("asks for a tunnel for https", async () => {
    const proxy = await startProxy({}, 403);
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    const error = await errorOf(sinkAt("https://qdrant.test").prepare({ dimensions: 4, model: "model-a" }));
    expect(error).toMatchObject({ code: "STORE_UNREACHABLE" });
    expect(new Set(proxy.asked)).toEqual(new Set(["CONNECT qdrant.test:443"]));
  });
});
