import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  type HealthServer,
  type HealthServerOptions,
  startHealthServer,
} from "../../../src/worker/health/health-server.js";
import { openPrometheus } from "../../../src/worker/health/prometheus.js";

let server: HealthServer | undefined;
afterEach(() => server?.close());

const ask = async (path: string, options: Partial<HealthServerOptions> = {}, init: RequestInit = {}) => {
  server = await startHealthServer({ port: 0, assertReady: async () => undefined, ...options });
  const response = await fetch(`${server.url}${path}`, init);
  return { status: response.status, text: await response.text() };
};

describe("the health server", () => {
  it("listens on this machine only, unless it is told otherwise", async () => {
    await ask("/healthz");
    expect(server?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("answers /healthz while the process runs, ready or not", async () => {
    expect(await ask("/healthz", { assertReady: () => Promise.reject(new Error("away")) })).toEqual({
      status: 200,
      text: "ok\n",
    });
  });

  it("answers /readyz with 200, or with 503 and the reason", async () => {
    expect(await ask("/readyz")).toEqual({ status: 200, text: "ready\n" });
    await server?.close();
    expect(
      await ask("/readyz", { assertReady: () => Promise.reject(new Error("the database is away")) }),
    ).toEqual({ status: 503, text: "not ready: the database is away\n" });
  });

  it("answers /readyz with 503 when the check itself does not end", async () => {
    const clock = { now: () => 0, delay: async () => undefined };
    const waiting = () => new Promise<void>(() => undefined);
    expect(await ask("/readyz", { assertReady: waiting, clock })).toEqual({
      status: 503,
      text: "not ready: no answer within 2 s\n",
    });
  });

  it("refuses other paths and other methods", async () => {
    expect(await ask("/")).toMatchObject({ status: 404 });
    await server?.close();
    expect(await ask("/metrics")).toMatchObject({ status: 404 });
    await server?.close();
    expect(await ask("/healthz", {}, { method: "POST" })).toMatchObject({ status: 405 });
  });

  it("names an address that is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address ? address.port : 0;
    await expect(startHealthServer({ port, assertReady: async () => undefined })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    await new Promise((resolve) => other.close(resolve));
  });
});

describe("metrics for Prometheus", () => {
  it("have the names of telemetry, and the depth of the queue", async () => {
    const metrics = await openPrometheus({
      counts: async () => ({ waiting: 7, taken: 3, dead: 1 }),
      taken: () => 2,
    });
    const source = { source: "a.pdf", doc_id: "a.pdf" };
    metrics.onEvent({ type: "source-started", ...source });
    metrics.onEvent({ type: "source-ended", ...source, outcome: "stored", code: null, retryable: false });
    const { status, text } = await ask("/metrics", { metrics: metrics.answer });
    await metrics.close();
    expect(status).toBe(200);
    const lines = text.split("\n");
    expect(lines).toContain('unsiloed_documents_total{outcome="stored"} 1');
    expect(lines).toContain('unsiloed_queue_documents{state="waiting"} 7');
    expect(lines).toContain('unsiloed_queue_documents{state="dead"} 1');
    expect(lines).toContain("unsiloed_worker_documents 2");
    expect(text).toMatch(/unsiloed_document_duration_bucket\{.*outcome="stored"/);
  });
});
