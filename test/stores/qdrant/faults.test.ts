import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QdrantSink, type QdrantSinkOptions } from "../../../src/stores/qdrant/index.js";
import type { Point } from "../../../src/stores/sink.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { fakeTimers } from "../../support/clocks/fake-timers.js";
import type { FaultRule } from "../../support/qdrant-double/faults.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { QdrantDouble, type QdrantDoubleOptions } from "../../support/qdrant-double/server.js";

const spec = { dimensions: 4, model: "model-a" };
const WRITE = "PUT /collections/c/points";
const many = (count: number, change: Partial<Point> = {}): Point[] =>
  Array.from({ length: count }, (_, n) => samplePoint(n, change));

let double: QdrantDouble;
let clock: AutoAdvanceClock;

const prepared = async (
  server: QdrantDoubleOptions = {},
  options: QdrantSinkOptions = {},
): Promise<QdrantSink> => {
  double = await QdrantDouble.start(server);
  const sink = new QdrantSink({ url: double.url, collection: "c", clock, ...options });
  await sink.prepare(spec);
  return sink;
};
const stored = () => double.store.collections.get("c")?.points ?? new Map();
const writes = () => double.received(WRITE);
const sizes = () => writes().map(({ body }) => (body as { points: unknown[] } | undefined)?.points.length);

beforeEach(() => {
  clock = new AutoAdvanceClock();
});
afterEach(async () => {
  expect(double.violations).toEqual([]);
  await double.close();
});

describe("writing under difficulties", () => {
  const recovered: [string, FaultRule["fault"]][] = [
    ["503", { kind: "status", status: 503 }],
    ["500", { kind: "status", status: 500 }],
    ["408", { kind: "status", status: 408 }],
    ["a reset before it is applied", { kind: "reset", applied: false }],
    ["a reset after it is applied", { kind: "reset", applied: true }],
    ["a cut answer", { kind: "cut" }],
    ["wait_timeout, not applied", { kind: "wait_timeout", applied: false }],
    ["wait_timeout, applied", { kind: "wait_timeout", applied: true }],
  ];
  it.each(recovered)("tries again after %s", async (_name, fault) => {
    const sink = await prepared();
    double.faults.add({ on: WRITE, fault, times: 2 });
    expect(await sink.upsert(many(3))).toBe(3);
    expect(stored().size).toBe(3);
    expect(writes()).toHaveLength(3);
    expect(clock.waits).toHaveLength(2);
  });

  it.each([
    ["seconds of several digits", "12", 12_000],
    ["a date", new Date(Date.UTC(2026, 0, 1) + 45_000).toUTCString(), 45_000],
  ])("waits as long as Retry-After says in %s", async (_name, retryAfter, wait) => {
    const sink = await prepared();
    double.faults.add({ on: WRITE, fault: { kind: "status", status: 429, retryAfter } });
    expect(await sink.upsert(many(3))).toBe(3);
    expect(clock.waits).toEqual([wait]);
    expect(sizes()).toEqual([3, 3]);
  });

  it("never counts points that the server has not applied", async () => {
    const sink = await prepared();
    double.faults.add({ on: WRITE, fault: { kind: "wait_timeout", applied: false }, times: 9 });
    await expect(sink.upsert(many(3))).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      retryable: true,
      message: expect.stringContaining('"wait_timeout", expected "completed"'),
    });
    expect(writes()).toHaveLength(4);
  });

  it("halves a batch that is larger than the server's rate limiter allows", async () => {
    const sink = await prepared({ bucket: 3 });
    expect(await sink.upsert(many(10))).toBe(10);
    expect(stored().size).toBe(10);
    expect(sizes()).toEqual([10, 5, 3, 2, 5, 3, 2]);
  });

  it("halves a batch that is larger than the server takes", async () => {
    const sink = await prepared({ maxBodyBytes: 6000 });
    expect(await sink.upsert(many(16, { content: "word ".repeat(100) }))).toBe(16);
    expect(stored().size).toBe(16);
  });

  it("halves a large batch under which the connection keeps breaking", async () => {
    const sink = await prepared({ breakAboveBytes: 2_000_000 });
    expect(await sink.upsert(many(6, { content: "word ".repeat(100_000), lexical: "word" }))).toBe(6);
    expect(stored().size).toBe(6);
  });

  it.each([
    ["a point larger than the server takes", { maxBodyBytes: 3000 }, undefined, "STORE_REFUSED", 1],
    ["a full disk", {}, 507, "STORE_REFUSED", 1],
    ["bad input", {}, 422, "STORE_REFUSED", 1],
    ["an endless 503", {}, 503, "STORE_UNREACHABLE", 4],
  ])("gives up on %s", async (_name, server, status, code, tries) => {
    const sink = await prepared(server);
    if (status)
      double.faults.add({ on: WRITE, fault: { kind: "status", status, message: "because" }, times: 9 });
    await expect(sink.upsert([samplePoint(1, { content: "word ".repeat(1000) })])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(status ? /because/ : /larger than allowed/),
    });
    expect(writes()).toHaveLength(tries);
  });

  it("gives up on a server that does not answer, and tries again before it does", async () => {
    const timers = fakeTimers();
    const sink = await prepared({}, { timeoutMs: 5_000, attempts: 2 });
    double.faults.add({ on: WRITE, fault: { kind: "hang" }, times: 2 });
    const failed = expect(sink.upsert(many(1))).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringContaining("did not answer writing points within 5000 ms"),
    });
    for (const tries of [1, 2]) {
      await expect.poll(() => writes().length).toBe(tries);
      timers.advance(5_000);
    }
    await failed;
    expect(writes()).toHaveLength(2);
  });

  it("stops at once when aborted while the server is silent", async () => {
    const sink = await prepared();
    const stop = new AbortController();
    double.faults.add({ on: WRITE, fault: { kind: "hang" }, times: 9 });
    const upsert = sink.upsert(many(1), { signal: stop.signal });
    await expect.poll(() => writes().length).toBe(1);
    stop.abort();
    await expect(upsert).rejects.toMatchObject({ code: "ABORTED" });
    expect(writes()).toHaveLength(1);
  });

  it("starts no further batch after one has failed", async () => {
    const sink = await prepared({}, { batchCount: 1, concurrency: 1 });
    double.faults.add({ on: WRITE, fault: { kind: "status", status: 400 } });
    await expect(sink.upsert(many(20))).rejects.toMatchObject({ code: "STORE_REFUSED" });
    expect(writes().length).toBeLessThanOrEqual(2);
  });

  it("has nothing in flight any more once a call has failed, so that what follows comes after it", async () => {
    const events: string[] = [];
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const beforeAnswer = async ({ path }: { path: string }): Promise<void> => {
      if (!path.endsWith("/points")) return;
      await gate;
      events.push("applied");
    };
    const sink = await prepared({ beforeAnswer }, { batchCount: 1, concurrency: 3 });
    double.faults.add({ on: WRITE, fault: { kind: "status", status: 400 } });
    const upsert = sink.upsert(many(3)).catch(() => events.push("failed"));
    await expect.poll(() => writes().length).toBe(3);
    release();
    await upsert;
    await sink.deletePoints([samplePoint(0).id]);
    expect(events).toEqual(["applied", "applied", "failed"]);
  });
});
