import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { PackedOpenAIEmbeddings, type PackedOpenAIOptions } from "../../../src/embeddings/openai/index.js";
import { GateClock } from "../../support/clocks/gate-clock.js";
import { WaitsClock } from "../../support/clocks/waits-clock.js";
import type { OpenAIRates } from "../../support/openai/rates.js";
import { OpenAIServer } from "../../support/openai/server.js";

const TIMEOUT_MS = 3_600_000;
const TEXTS = Array.from({ length: 400 }, (_, index) => `text ${String(index).padStart(3, "0")}`.padEnd(40));
/** Estimates tokens like the service: a quarter for each byte. */
const TOKENS = 10 * TEXTS.length;

const servers: OpenAIServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Starts a server and a client on one clock, which moves only by waits. */
const open = async (rates: OpenAIRates, options: PackedOpenAIOptions = {}) => {
  const clock = new WaitsClock(TIMEOUT_MS);
  const server = await OpenAIServer.start({ dimensions: 4, rates, clock });
  servers.push(server);
  const embeddings = new PackedOpenAIEmbeddings({
    apiKey: "sk",
    baseURL: server.baseURL,
    clock,
    timeoutMs: TIMEOUT_MS,
    ...options,
  });
  const refusals = () => server.requests.filter(({ status }) => status === 429).length;
  return { clock, server, embeddings, refusals };
};

/** Embeds a number of documents, queued one after the other. */
const embedAll = (embeddings: PackedOpenAIEmbeddings, perCall: number) =>
  Promise.all(
    Array.from({ length: TEXTS.length / perCall }, (_, call) =>
      embeddings.embedDocuments(TEXTS.slice(call * perCall, (call + 1) * perCall)),
    ),
  );

describe.each(["steady", "window"] as const)("with limits that refill: %s", (refill) => {
  it.each<[string, OpenAIRates, PackedOpenAIOptions]>([
    ["of requests", { requests: 3 }, { maxInputs: 20 }],
    ["of tokens", { tokens: 1_000 }, { maxInputs: 20 }],
    ["of both", { requests: 5, tokens: 700 }, { maxInputs: 30 }],
    ["of both, one request at a time", { requests: 5, tokens: 700 }, { maxInputs: 30, concurrency: 1 }],
  ])("waits %s instead of being refused", async (_name, rates, options) => {
    const { clock, server, embeddings, refusals } = await open(
      { ...rates, refill },
      { concurrency: 6, ...options },
    );
    await embeddings.embedQuery("dimensions");
    const vectors = await embedAll(embeddings, 10);
    expect(vectors.flat().length).toBe(TEXTS.length);
    expect(refusals()).toBe(0);
    const { maxInputs = 0 } = options;
    expect(server.requests.length).toBe(1 + Math.ceil(TEXTS.length / maxInputs));
    // No wait is longer than a full refill, and there are no more waits than necessary.
    const windows = Math.max(
      server.requests.length / (rates.requests ?? Number.POSITIVE_INFINITY),
      TOKENS / (rates.tokens ?? Number.POSITIVE_INFINITY),
    );
    expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual((windows + 1) * 2 * 60_000);
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(60_000);
  });

  it("sends no request that is larger than the limit", async () => {
    const { server, embeddings, refusals } = await open({ tokens: 600, refill });
    await embeddings.embedQuery("dimensions");
    await embedAll(embeddings, 400);
    expect(refusals()).toBe(0);
    expect(server.requests.length).toBe(1 + Math.ceil(TOKENS / 600));
  });

  it("learns from the first refusal that a request was larger than the limit, and sends it in parts", async () => {
    const { server, embeddings, refusals } = await open({ tokens: 600, refill }, { concurrency: 1 });
    expect((await embedAll(embeddings, 400)).flat().length).toBe(TEXTS.length);
    expect(refusals()).toBe(1);
    expect(server.requests.length).toBe(1 + Math.ceil(TOKENS / 600));
  });

  it("gives up when a single text is larger than the limit", async () => {
    const { embeddings, refusals } = await open({ tokens: 5, refill }, { maxRetries: 2 });
    await expect(embeddings.embedDocuments(TEXTS.slice(0, 2))).rejects.toMatchObject({
      code: "RATE_LIMITED",
    });
    expect(refusals()).toBeLessThanOrEqual(2);
  });

  it("succeeds without headers, too, by retrying", async () => {
    const { embeddings, refusals } = await open(
      { requests: 4, headers: false, windowMs: 1_000, refill },
      { maxInputs: 40, concurrency: 6, maxRetries: 20 },
    );
    expect((await embedAll(embeddings, 40)).flat().length).toBe(TEXTS.length);
    expect(refusals()).toBeGreaterThan(0);
  });
});

describe("a 429 without headers", () => {
  it("halves the requests in flight", async () => {
    const gate = new GateClock();
    const server = await OpenAIServer.start({ dimensions: 4, latency: { perRequestMs: 1 }, clock: gate });
    servers.push(server);
    server.faults.push({ kind: "error", status: 429 });
    let sent = 0;
    const fetch: typeof globalThis.fetch = (...request) => {
      sent += 1;
      return globalThis.fetch(...request);
    };
    const embeddings = new PackedOpenAIEmbeddings({
      apiKey: "sk",
      baseURL: server.baseURL,
      clock: new WaitsClock(TIMEOUT_MS),
      timeoutMs: TIMEOUT_MS,
      fetch,
      concurrency: 4,
      maxInputs: 1,
    });
    const refused = embeddings.embedDocuments(["refused"]);
    await expect.poll(() => server.requests.length).toBe(2);
    gate.release();
    await refused;
    sent = 0;
    const others = embeddings.embedDocuments(TEXTS.slice(0, 8));
    await expect.poll(() => sent).toBe(2);
    // Any other request would have started in the same turn.
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    expect(sent).toBe(2);
    gate.open();
    expect((await others).length).toBe(8);
  });
});
