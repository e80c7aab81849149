import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UnsiloedError } from "../../../src/errors.js";
import { currentProcess } from "../../../src/internal/process-identity.js";
import { BulkMode, LARGE_LOAD } from "../../../src/stores/qdrant/bulk-mode.js";
import { QdrantCollection } from "../../../src/stores/qdrant/collection.js";
import { parseAddresses } from "../../../src/stores/qdrant/http/address.js";
import { QdrantConnection } from "../../../src/stores/qdrant/http/connection.js";
import { QdrantSink, type QdrantSinkOptions } from "../../../src/stores/qdrant/index.js";
import { qdrantOptionsSchema } from "../../../src/stores/qdrant/options.js";
import type { Point } from "../../../src/stores/sink.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import type { Fault } from "../../support/qdrant-double/faults.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { QdrantDouble, type QdrantDoubleOptions } from "../../support/qdrant-double/server.js";

const spec = { dimensions: 4, model: "model-a" };
const UPDATE = "PATCH /collections/c";
const model = { embedding_model: "model-a", bm25: {} };
const many = (count: number, from = 0): Point[] =>
  Array.from({ length: count }, (_, n) => samplePoint(from + n));

let double: QdrantDouble;
const problems: UnsiloedError[] = [];

const start = async (options: QdrantDoubleOptions = {}): Promise<void> => {
  double = await QdrantDouble.start(options);
};
const sinkOf = (options: QdrantSinkOptions = {}): QdrantSink =>
  new QdrantSink({
    url: double.url,
    collection: "c",
    clock: new AutoAdvanceClock(),
    onProblem: (problem) => void problems.push(problem),
    ...options,
  });
const prepared = async (options: QdrantSinkOptions = {}): Promise<QdrantSink> => {
  const sink = sinkOf(options);
  await sink.prepare(spec);
  return sink;
};
const send = (method: string, body: object) =>
  fetch(`${double.url}/collections/c`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const config = () => double.store.collections.get("c")?.config;
const threshold = () => config()?.optimizers_config?.["indexing_threshold"];
const note = () => config()?.metadata?.["unsiloed_bulk"];
const updates = () => double.received(UPDATE).length;

beforeEach(() => {
  problems.length = 0;
});
afterEach(async () => {
  expect(double.violations).toEqual([]);
  await double.close();
});

describe("bulk mode", () => {
  it("defers indexing from the first write, and restores the previous setting", async () => {
    await start();
    const creation = { optimizers_config: { indexing_threshold: 30_000, deleted_threshold: 0.3 } };
    const sink = await prepared({ bulk: true, creation });
    expect(updates()).toBe(0);
    await sink.upsert(many(3));
    expect(config()?.optimizers_config).toEqual({ indexing_threshold: 0, deleted_threshold: 0.3 });
    expect(note()).toEqual({ indexing_threshold: 30_000, ...currentProcess() });
    await Promise.all([sink.upsert(many(3, 3)), sink.upsert(many(3, 6))]);
    expect(updates()).toBe(2);
    await sink.close();
    expect(config()?.optimizers_config).toEqual({ indexing_threshold: 30_000, deleted_threshold: 0.3 });
    expect(config()?.metadata).toEqual(model);
    await sink.close();
    expect(updates()).toBe(3);
    expect(problems).toEqual([]);
  });

  it("finds points during the load, also for other sinks", async () => {
    await start();
    const sink = await prepared({ bulk: true });
    await sink.upsert(many(5));
    const query = { mode: "text" as const, k: 5, text: "passage" };
    expect(await sink.search(query)).toHaveLength(5);
    expect(await sinkOf().search(query)).toHaveLength(5);
    await sink.close();
  });

  it.each([
    ["a run that writes nothing", true, 0],
    ["a run without it", false, 3],
  ])("changes nothing for %s", async (_name, bulk, count) => {
    await start();
    const sink = await prepared({ bulk });
    await sink.upsert(many(count));
    await sink.close();
    expect(updates()).toBe(0);
  });

  it("sets the server's default threshold when none was set, because none cannot be restored", async () => {
    await start();
    // The answer of a server whose configuration names no threshold.
    const sink = await prepared({
      bulk: true,
      creation: { optimizers_config: { indexing_threshold: null } },
    });
    await sink.upsert(many(1));
    expect(note()).toMatchObject({ indexing_threshold: null });
    await sink.close();
    expect([threshold(), note()]).toEqual([10_000, undefined]);
  });

  it("does not change a collection whose owner turned indexing off", async () => {
    await start();
    const sink = await prepared({ bulk: true, creation: { optimizers_config: { indexing_threshold: 0 } } });
    await sink.upsert(many(1));
    await sink.close();
    expect([threshold(), updates()]).toEqual([0, 0]);
  });

  it("keeps a threshold that the user sets during the load", async () => {
    await start();
    const sink = await prepared({ bulk: true });
    await sink.upsert(many(1));
    await send("PATCH", { optimizers_config: { indexing_threshold: 77_000 } });
    await sink.close();
    expect([threshold(), note()]).toEqual([77_000, undefined]);
  });

  it("ends after a failed and after an aborted write", async () => {
    await start();
    const sink = await prepared({ bulk: true });
    double.faults.add({ on: "/points", fault: { kind: "status", status: 400 } });
    await expect(sink.upsert(many(1))).rejects.toMatchObject({ code: "STORE_REFUSED" });
    expect(threshold()).toBe(0);
    await sink.close();
    expect([threshold(), note()]).toEqual([10_000, undefined]);

    const stop = new AbortController();
    double.faults.add({ on: "PUT /collections/c/points", fault: { kind: "hang" } });
    const writing = sink.upsert(many(1), { signal: stop.signal });
    await expect.poll(() => double.received("PUT /collections/c/points").length).toBe(2);
    stop.abort();
    await expect(writing).rejects.toMatchObject({ code: "ABORTED" });
    expect(threshold()).toBe(0);
    await sink.close();
    expect([threshold(), note()]).toEqual([10_000, undefined]);
  });

  it("ends when the write is aborted while bulk mode starts", async () => {
    const stop = new AbortController();
    await start({
      beforeAnswer: async ({ method }) => {
        if (method === "PATCH") stop.abort();
      },
    });
    const sink = await prepared({ bulk: true });
    await expect(sink.upsert(many(1), { signal: stop.signal })).rejects.toMatchObject({ code: "ABORTED" });
    await sink.close();
    expect([threshold(), note()]).toEqual([10_000, undefined]);
    expect(double.received("PUT /collections/c/points")).toEqual([]);
  });

  it("starts automatically, when asked to, only for a large load into an empty collection", async () => {
    await start();
    await prepared();
    const settings = qdrantOptionsSchema.parse({ url: double.url, collection: "c", bulk: "auto" });
    const connection = new QdrantConnection(parseAddresses(double.url), settings, undefined);
    const collection = new QdrantCollection(connection, settings);
    const load = async (stored: number, ...writes: number[]): Promise<number> => {
      const bulk = new BulkMode(connection, collection, settings);
      const state = { ...(await collection.read({})), points: stored };
      const before = updates();
      for (const points of writes) await bulk.beforeWrite(points, state, {});
      const entered = updates() - before;
      await bulk.end();
      return entered;
    };
    expect(await load(0, LARGE_LOAD - 1)).toBe(0);
    expect(await load(0, LARGE_LOAD - 1, 0)).toBe(0);
    expect(await load(0, LARGE_LOAD - 1, 1, 1)).toBe(2);
    expect(await load(1, LARGE_LOAD, LARGE_LOAD)).toBe(0);
    expect([threshold(), note()]).toEqual([10_000, undefined]);
  });
});

describe("bulk mode that the server or the key does not allow", () => {
  it.each([
    [401, true],
    [403, false],
  ])("is not used, and the reason reported: %i", async (status, plain) => {
    await start();
    const sink = await prepared({ bulk: true });
    double.faults.add({
      on: UPDATE,
      fault: { kind: "status", status, plain, message: "may not" },
      times: 99,
    });
    expect(await sink.upsert(many(3))).toBe(3);
    expect(await sink.upsert(many(3, 3))).toBe(3);
    await sink.close();
    expect(updates()).toBe(1);
    expect(problems).toMatchObject([
      {
        code: "UNAUTHORIZED",
        message: expect.stringMatching(/^the load continues without bulk mode: .*may not/),
      },
    ]);
  });

  it.each([
    [
      "an older server",
      { version: "1.15.3" },
      {},
      /bulk mode needs Qdrant 1\.16\.0 or later, and this is 1\.15\.3/,
    ],
    ["hidden points", {}, { optimizers_config: { prevent_unoptimized: true } }, /prevent_unoptimized/],
  ])("is done without for %s", async (_name, server, creation, message) => {
    await start(server);
    const sink = await prepared({ bulk: true, creation });
    expect(await sink.upsert(many(3))).toBe(3);
    await sink.close();
    expect(updates()).toBe(0);
    expect(problems.map((problem) => problem.message)).toEqual([expect.stringMatching(message)]);
  });

  it("is reported by a process warning unless there is a listener", async () => {
    await start({ version: "1.15.3" });
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    const sink = new QdrantSink({ url: double.url, collection: "c", bulk: true });
    await sink.prepare(spec);
    await sink.upsert(many(1));
    expect((await warned).message).toMatch(/continues without bulk mode/);
  });

  it("does not prevent a reader from searching when it cannot restore the setting", async () => {
    await start();
    const dead = await prepared({ bulk: true });
    await dead.upsert(many(3));
    double.faults.add({ on: UPDATE, fault: { kind: "status", status: 403 }, times: 99 });
    const reader = sinkOf();
    expect(await reader.search({ mode: "dense", k: 5, vector: [1, 0, 0, 0] })).toHaveLength(3);
    expect(problems).toMatchObject([
      { message: expect.stringMatching(/^indexing is still deferred by a load/) },
    ]);
  });
});

describe("bulk mode that was interrupted", () => {
  /** Drops every request from the n-th on, or its answer, as if the run had been killed then. */
  const die = (after: number, applied: boolean): void => {
    const fault: Fault = { kind: "reset", applied };
    double.faults.add({ on: "", fault, after, times: 1 });
    double.faults.add({ on: "", fault: { kind: "reset", applied: false }, after: after + 1, times: 999 });
  };
  const readers: [string, (sink: QdrantSink) => Promise<unknown>][] = [
    ["open", (sink) => sink.open()],
    ["prepare", (sink) => sink.prepare(spec)],
    ["search", (sink) => sink.search({ mode: "dense", k: 1, vector: [1, 0, 0, 0] })],
  ];

  for (const [opening, next] of readers) {
    it.each([
      [30_000, 30_000],
      [null, 10_000],
    ])(`at any request is set right by the next ${opening}, %s before`, async (before, expected) => {
      await start();
      const creation = { optimizers_config: { indexing_threshold: before } };
      await (await prepared({ creation })).close();
      let deferred = 0;
      let lastCut = 0;
      for (const applied of [false, true]) {
        for (let cut = 0; ; cut++) {
          const sink = await prepared({ bulk: true, attempts: 1, creation });
          const already = double.requests.length;
          die(cut, applied);
          await sink.upsert(many(2)).catch(() => undefined);
          await sink.close();
          double.faults.clear();
          const sent = double.requests.length - already;
          if (threshold() === 0) deferred++;
          await next(sinkOf());
          // The setting stays when it was not changed, or when the owner's `null` is still there.
          expect([before, expected]).toContain(threshold());
          expect(note()).toBeUndefined();
          lastCut = cut;
          if (sent <= cut) break;
        }
      }
      // Requests: read, note, defer, write, read, restore.
      expect(lastCut).toBe(6);
      expect(deferred).toBeGreaterThan(3);
    });
  }

  it("is repaired at the end of another run in bulk mode", async () => {
    await start();
    const dead = await prepared({
      bulk: true,
      creation: { optimizers_config: { indexing_threshold: 30_000 } },
    });
    await dead.upsert(many(2));
    const next = await prepared({ bulk: true });
    await next.upsert(many(2, 2));
    expect([threshold(), note()]).toEqual([0, { indexing_threshold: 30_000, ...currentProcess() }]);
    await next.close();
    expect([threshold(), note()]).toEqual([30_000, undefined]);
  });

  it("reports that the setting cannot be restored, and leaves it to the next run", async () => {
    await start();
    const sink = await prepared({ bulk: true });
    await sink.upsert(many(2));
    double.faults.add({ on: UPDATE, fault: { kind: "status", status: 503 }, times: 99 });
    await sink.close();
    expect(problems).toMatchObject([{ message: expect.stringMatching(/until the collection is opened/) }]);
    expect(threshold()).toBe(0);
    double.faults.clear();
    await sinkOf().open();
    expect([threshold(), note()]).toEqual([10_000, undefined]);
  });

  it("needs no repair when the collection was removed", async () => {
    await start();
    const sink = await prepared({ bulk: true });
    await sink.upsert(many(2));
    double.store.collections.clear();
    await sink.close();
    expect(problems).toEqual([]);
  });
});

describe("several runs in bulk mode at once", () => {
  it.each([
    ["the first to begin ends first", [0, 1]],
    ["the first to begin ends last", [1, 0]],
  ])("end in the right values: %s", async (_name, order) => {
    await start();
    const creation = { optimizers_config: { indexing_threshold: 30_000 } };
    const sinks = [await prepared({ bulk: true, creation }), await prepared({ bulk: true })];
    await sinks[0]?.upsert(many(2));
    await sinks[1]?.upsert(many(2, 2));
    expect(note()).toMatchObject({ indexing_threshold: 30_000 });
    for (const index of order) {
      await sinks[index]?.close();
      expect(await sinks[order[1] ?? 0]?.upsert(many(1, 9))).toBe(1);
    }
    await sinks[order[1] ?? 0]?.close();
    expect([threshold(), note()]).toEqual([30_000, undefined]);
  });

  it("restore the right values for any order of their requests", async () => {
    await start();
    const creation = { optimizers_config: { indexing_threshold: 30_000 } };
    await (await prepared({ creation })).close();
    for (let round = 0; round < 30; round++) {
      const runs = Array.from({ length: 3 }, async (_, run) => {
        const sink = await prepared({ bulk: run < 2 });
        for (let call = 0; call <= (round + run) % 4; call++) await sink.upsert(many(1, run));
        await sink.close();
      });
      await Promise.all(runs);
      expect([threshold(), note()]).toEqual([30_000, undefined]);
    }
  });

  it("are not ended by readers and writers in other processes while they run", async () => {
    await start();
    const sink = await prepared({ bulk: true });
    await sink.upsert(many(2));
    const held = { indexing_threshold: 10_000, machine: currentProcess().machine };
    const alive = { ...held, pid: process.ppid };
    await send("PATCH", { metadata: { unsiloed_bulk: alive } });
    await sinkOf().open();
    await sink.close();
    expect([threshold(), note()]).toEqual([0, alive]);

    const { pid } = spawnSync(process.execPath, ["-e", "0"]);
    await send("PATCH", { metadata: { unsiloed_bulk: { ...held, pid } } });
    await sinkOf().open();
    expect([threshold(), note()]).toEqual([10_000, undefined]);
  });

  it("ignore a note of another program", async () => {
    await start();
    const sink = await prepared();
    await send("PATCH", { metadata: { unsiloed_bulk: "mine" } });
    await sink.upsert(many(1));
    await sinkOf().open();
    expect([threshold(), note()]).toEqual([undefined, "mine"]);
  });
});
