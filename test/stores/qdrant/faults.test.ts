import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeTimers } from "../../support/clocks/fake-timers.js";
import type { FaultRule } from "../../support/qdrant-double/faults.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { many, WRITE, WrittenCollection } from "../../support/qdrant-double/written-collection.js";

let qdrant: WrittenCollection;

beforeEach(() => {
  qdrant = new WrittenCollection();
});
afterEach(() => qdrant.close());

describe("writing when the server fails", () => {
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
  it.each(recovered)("retries after %s", async (_name, fault) => {
    const sink = await qdrant.prepared();
    qdrant.double.faults.add({ on: WRITE, fault, times: 2 });
    expect(await sink.upsert(many(3))).toBe(3);
    expect(qdrant.stored().size).toBe(3);
    expect(qdrant.writes()).toHaveLength(3);
    expect(qdrant.clock.waits).toHaveLength(2);
  });

  it.each([
    ["seconds of several digits", "12", 12_000],
    ["a date", new Date(Date.UTC(2026, 0, 1) + 45_000).toUTCString(), 45_000],
  ])("waits as long as Retry-After says in %s", async (_name, retryAfter, wait) => {
    const sink = await qdrant.prepared();
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "status", status: 429, retryAfter } });
    expect(await sink.upsert(many(3))).toBe(3);
    expect(qdrant.clock.waits).toEqual([wait]);
    expect(qdrant.sizes()).toEqual([3, 3]);
  });

  it("does not count points that the server has not applied", async () => {
    const sink = await qdrant.prepared();
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "wait_timeout", applied: false }, times: 9 });
    await expect(sink.upsert(many(3))).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      retryable: true,
      message: expect.stringContaining('"wait_timeout", expected "completed"'),
    });
    expect(qdrant.writes()).toHaveLength(4);
  });

  it("halves a batch that is larger than the server's rate limiter allows", async () => {
    const sink = await qdrant.prepared({ bucket: 3 });
    expect(await sink.upsert(many(10))).toBe(10);
    expect(qdrant.stored().size).toBe(10);
    expect(qdrant.sizes()).toEqual([10, 5, 3, 2, 5, 3, 2]);
  });

  it("halves a batch that is larger than the server takes", async () => {
    const sink = await qdrant.prepared({ maxBodyBytes: 6000 });
    expect(await sink.upsert(many(16, { content: "word ".repeat(100) }))).toBe(16);
    expect(qdrant.stored().size).toBe(16);
  });

  it("halves a large batch when the connection keeps breaking", async () => {
    const sink = await qdrant.prepared({ breakAboveBytes: 2_000_000 });
    expect(await sink.upsert(many(6, { content: "word ".repeat(100_000), lexical: "word" }))).toBe(6);
    expect(qdrant.stored().size).toBe(6);
  });

  it.each([
    ["a point larger than the server takes", { maxBodyBytes: 3000 }, undefined, "STORE_REFUSED", 1],
    ["a full disk", {}, 507, "STORE_FULL", 1],
    ["bad input", {}, 422, "STORE_REFUSED", 1],
    ["an endless 503", {}, 503, "STORE_UNREACHABLE", 4],
  ])("gives up on %s", async (_name, server, status, code, tries) => {
    const sink = await qdrant.prepared(server);
    if (status)
      qdrant.double.faults.add({
        on: WRITE,
        fault: { kind: "status", status, message: "because" },
        times: 9,
      });
    await expect(sink.upsert([samplePoint(1, { content: "word ".repeat(1000) })])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(status ? /because/ : /larger than allowed/),
    });
    expect(qdrant.writes()).toHaveLength(tries);
  });

  it("retries when the server does not answer, and then gives up", async () => {
    const timers = fakeTimers();
    const sink = await qdrant.prepared({}, { timeoutMs: 5_000, attempts: 2 });
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "hang" }, times: 2 });
    const failed = expect(sink.upsert(many(1))).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringContaining("did not answer writing points within 5000 ms"),
    });
    for (const tries of [1, 2]) {
      await expect.poll(() => qdrant.writes().length).toBe(tries);
      timers.advance(5_000);
    }
    await failed;
    expect(qdrant.writes()).toHaveLength(2);
  });

  it("stops at once when aborted while the server does not answer", async () => {
    const sink = await qdrant.prepared();
    const stop = new AbortController();
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "hang" }, times: 9 });
    const upsert = sink.upsert(many(1), { signal: stop.signal });
    await expect.poll(() => qdrant.writes().length).toBe(1);
    stop.abort();
    await expect(upsert).rejects.toMatchObject({ code: "ABORTED" });
    expect(qdrant.writes()).toHaveLength(1);
  });

  it("stops at once when aborted while other documents take all requests", async () => {
    const sink = await qdrant.prepared({}, { concurrency: 1 });
    const [stop, stopOther] = [new AbortController(), new AbortController()];
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "hang" }, times: 9 });
    const other = sink.upsert([samplePoint(1)], { signal: stopOther.signal });
    await expect.poll(() => qdrant.writes().length).toBe(1);
    const upsert = sink.upsert([samplePoint(2)], { signal: stop.signal });
    // Wait until it is queued.
    await setImmediate();
    stop.abort();
    await expect(upsert).rejects.toMatchObject({ code: "ABORTED" });
    expect(qdrant.writes()).toHaveLength(1);
    stopOther.abort();
    await expect(other).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("starts no further batch after one has failed", async () => {
    const sink = await qdrant.prepared({}, { batchCount: 1, concurrency: 1 });
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "status", status: 400 } });
    await expect(sink.upsert(many(20))).rejects.toMatchObject({ code: "STORE_REFUSED" });
    expect(qdrant.writes().length).toBeLessThanOrEqual(2);
  });

  it("has no request in flight after a failed call, so that later calls are applied later", async () => {
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
    const sink = await qdrant.prepared({ beforeAnswer }, { batchCount: 1, concurrency: 3 });
    qdrant.double.faults.add({ on: WRITE, fault: { kind: "status", status: 400 } });
    const upsert = sink.upsert(many(3)).catch(() => events.push("failed"));
    await expect.poll(() => qdrant.writes().length).toBe(3);
    release();
    await upsert;
    await sink.deletePoints([samplePoint(0).id]);
    expect(events).toEqual(["applied", "applied", "failed"]);
  });
});
