import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedError } from "../../src/errors.js";
import type { VectorSink } from "../../src/stores/sink.js";
import {
  collect,
  type OpenSink,
  pointOf,
  SEED,
  type SinkCapabilities,
  type SinkUnderTest,
  SPEC,
} from "../support/sink-data.js";
import { describeFilters } from "./sink-filters.js";
import { describeSearch } from "./sink-search.js";
import { describeWriting } from "./sink-writing.js";

export type { OpenSink, SinkCapabilities, SinkUnderTest } from "../support/sink-data.js";

/**
 * Tests the rules that `VectorSink` states.
 *
 * @param open makes a sink on a collection of its own that does not exist yet; called once for each test
 * @param capabilities what the sink can do; cases that it does not support are skipped by name
 */
export const describeSink = (name: string, open: OpenSink, capabilities: SinkCapabilities = {}): void => {
  const can = {
    modes: ["dense", "text"] as const,
    lists: true,
    filters: true,
    persists: true,
    ...capabilities,
  };
  const lacking = [
    ...(["dense", "text"] as const).filter((mode) => !can.modes.includes(mode)),
    ...(["lists", "filters", "persists"] as const).filter((ability) => !can[ability]),
  ];
  const skipped = lacking.length > 0 ? `; skipped for want of: ${lacking.join(", ")}` : "";
  describe(`${name} as a vector sink (seed ${SEED}${skipped})`, () => {
    describePreparing(open, can);
    describeWriting(open, can);
    describeSearch(open, can);
    if (can.filters) describeFilters(open, can);
    else it.skip("filters searches and counts (skipped: the store cannot filter)");
    describeStopping(open, can);
  });
};

const describePreparing = (open: OpenSink, can: Required<SinkCapabilities>): unknown =>
  describe("preparing and opening", () => {
    let opened: SinkUnderTest;
    let sink: VectorSink;
    beforeEach(async () => {
      opened = await open();
      sink = opened.sink;
    });
    afterEach(() => opened.close());

    const another = async (): Promise<VectorSink> => {
      if (!opened.reopen) throw new Error("a sink that persists must be able to reopen");
      return opened.reopen();
    };

    it("describes itself", () => {
      expect(sink.description).toMatch(/\S/);
    });

    it("prepares twice without harm", async () => {
      await sink.prepare(SPEC);
      await sink.upsert([pointOf(1)]);
      await sink.prepare(SPEC);
      expect((await sink.search({ mode: "dense", k: 5, vector: pointOf(1).vector })).length).toBe(1);
    });

    it("can be prepared by two calls at once", async () => {
      await Promise.all([sink.prepare(SPEC), sink.prepare(SPEC)]);
      expect(await sink.upsert([pointOf(1)])).toBe(1);
    });

    it.runIf(can.persists)("can be prepared by two sinks at once", async () => {
      const other = await another();
      await Promise.all([sink.prepare(SPEC), other.prepare(SPEC)]);
      expect(await sink.upsert([pointOf(1)])).toBe(1);
      expect(await other.upsert([pointOf(2)])).toBe(1);
      expect(await sink.count()).toBe(2);
    });

    it("refuses another size, and names both", async () => {
      await sink.prepare(SPEC);
      const error = await failure(sink.prepare({ ...SPEC, dimensions: 16 }));
      expect(error).toMatchObject({ code: "STORE_MISMATCH", retryable: false });
      expect(error.message).toMatch(/\b8\b/);
      expect(error.message).toMatch(/\b16\b/);
    });

    it("refuses another model, and names both", async () => {
      await sink.prepare(SPEC);
      const error = await failure(sink.prepare({ ...SPEC, model: "another-model" }));
      expect(error).toMatchObject({ code: "STORE_MISMATCH", retryable: false });
      expect(error.message).toContain("contract-model");
      expect(error.message).toContain("another-model");
    });

    it.runIf(can.persists)("remembers size and model for other sinks", async () => {
      await sink.prepare(SPEC);
      const other = await another();
      await expect(other.prepare({ ...SPEC, dimensions: 4 })).rejects.toMatchObject({
        code: "STORE_MISMATCH",
      });
      await expect(other.prepare({ ...SPEC, model: "x" })).rejects.toMatchObject({ code: "STORE_MISMATCH" });
      expect((await other.open()).spec).toEqual(SPEC);
    });

    it("keeps its points when a sink of another model was refused", async () => {
      await sink.prepare(SPEC);
      await sink.upsert([pointOf(1)]);
      await failure(sink.prepare({ dimensions: 4, model: "another-model" }));
      expect((await sink.open()).spec).toEqual(SPEC);
      expect((await sink.search({ mode: "dense", k: 5, vector: pointOf(1).vector })).length).toBe(1);
    });

    it("does not open a collection that does not exist", async () => {
      const error = await failure(sink.open());
      expect(error).toMatchObject({ code: "COLLECTION_NOT_FOUND", retryable: false });
    });

    const uses: Record<string, (sink: VectorSink) => Promise<unknown>> = {
      upsert: (on) => on.upsert([pointOf(1)]),
      ...(can.lists && {
        deletePoints: (on) => on.deletePoints([pointOf(1).id]),
        search: (on) => on.search({ mode: "dense", k: 1, vector: pointOf(1).vector }),
        count: (on) => on.count(),
        listPoints: (on) => collect(on.listPoints("report.pdf")),
        readPoints: (on) => collect(on.readPoints({})),
      }),
    };

    it.each(Object.entries(uses))("does not create a missing collection: %s", async (_name, use) => {
      expect(await failure(use(sink))).toMatchObject({ code: "COLLECTION_NOT_FOUND", retryable: false });
      await expect(sink.open()).rejects.toMatchObject({ code: "COLLECTION_NOT_FOUND" });
    });

    it("opens with its size, its model and its modes", async () => {
      await sink.prepare(SPEC);
      const { spec, modes } = await sink.open();
      expect(spec).toEqual(SPEC);
      expect([...modes].sort()).toEqual([...can.modes].sort());
    });

    it("closes twice without harm", async () => {
      await sink.prepare(SPEC);
      await sink.upsert([pointOf(1)]);
      await sink.close();
      await expect(sink.close()).resolves.toBeUndefined();
    });

    it("closes without having been used", async () => {
      await expect(sink.close()).resolves.toBeUndefined();
    });

    it.runIf(can.persists)("shows its points to other sinks, and sees theirs", async () => {
      await sink.prepare(SPEC);
      const other = await another();
      await other.open();
      await sink.upsert([pointOf(1, { content: "first" })]);
      expect(await other.count()).toBe(1);
      await other.upsert([pointOf(2, { content: "second" })]);
      await sink.upsert([pointOf(1, { content: "changed" })]);
      const hits = await other.search({ mode: "dense", k: 5, vector: pointOf(1).vector });
      expect(hits.map(({ content }) => content).sort()).toEqual(["changed", "second"]);
      await other.deletePoints([pointOf(1).id]);
      expect(await sink.count()).toBe(1);
    });

    it.runIf(can.persists)("keeps points when all sinks are closed", async () => {
      await sink.prepare(SPEC);
      await sink.upsert([pointOf(1), pointOf(2)]);
      await sink.close();
      const other = await another();
      expect(await other.count()).toBe(2);
    });
  });

const describeStopping = (open: OpenSink, can: Required<SinkCapabilities>): unknown =>
  describe("stopping", () => {
    let opened: SinkUnderTest;
    let sink: VectorSink;
    beforeEach(async () => {
      opened = await open();
      sink = opened.sink;
      await sink.prepare(SPEC);
    });
    afterEach(() => opened.close());

    const calls: Record<string, (sink: VectorSink, signal: AbortSignal) => Promise<unknown>> = {
      prepare: (on, signal) => on.prepare(SPEC, { signal }),
      open: (on, signal) => on.open({ signal }),
      upsert: (on, signal) => on.upsert([pointOf(1)], { signal }),
      deletePoints: (on, signal) => on.deletePoints([pointOf(1).id], { signal }),
      search: (on, signal) => on.search({ mode: "dense", k: 1, vector: pointOf(1).vector }, { signal }),
      ...(can.lists && {
        count: (on, signal) => on.count({}, { signal }),
        listPoints: async (on, signal) => {
          for await (const _ of on.listPoints("report.pdf", { signal })) break;
        },
      }),
    };

    it.each(Object.entries(calls))("does nothing when it is already aborted: %s", async (_name, call) => {
      const error = await failure(call(sink, AbortSignal.abort()));
      expect(error.code).toBe("ABORTED");
      const hits = await sink.search({ mode: "dense", k: 1, vector: pointOf(1).vector });
      expect(hits).toEqual([]);
    });

    it("stops at any moment of a large upsert, which the same upsert completes later", async () => {
      const points = Array.from({ length: 3000 }, (_, n) => pointOf(n));
      for (const turns of [0, 1, 4, 16]) {
        const controller = new AbortController();
        const writing = sink
          .upsert(points, { signal: controller.signal })
          .catch((error: UnsiloedError) => error.code);
        for (let turn = 0; turn < turns; turn++) await setImmediate();
        controller.abort();
        // A fast store may finish after a few turns of the event loop, but never before the first.
        expect(turns === 0 ? ["ABORTED"] : ["ABORTED", 3000]).toContain(await writing);
      }
      expect(await sink.upsert(points)).toBe(3000);
      const hits = await sink.search({ mode: "dense", k: 4000, vector: pointOf(1).vector });
      expect(new Set(hits.map(({ id }) => id)).size).toBe(3000);
      expect(hits).toHaveLength(3000);
    });
  });

const failure = async (work: Promise<unknown>): Promise<UnsiloedError> => {
  const outcome = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof UnsiloedError) return outcome;
  throw new Error(`expected an UnsiloedError, got ${String(outcome)}`, { cause: outcome });
};
