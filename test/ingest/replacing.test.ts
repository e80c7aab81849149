import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedFileLoader } from "../../loaders/file-loader.js";
import { type ForgetTarget, forgetDocument } from "../../src/ingest/forget.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { KeptResults } from "../../src/ledger/results/kept-results.js";
import { UnsiloedClient } from "../../src/parse-api/client.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { type Found, imbalanceOf, lookAt, outcomeOf, paidTwice } from "../support/faults/oracle.js";
import { FILES, resultOf, World } from "../support/faults/world.js";

describe.each(["lancedb", "qdrant"] as const)(
  "documents that are changed, removed or lost, on %s",
  (store) => {
    let world: World;
    let before: Found;

    const openAndFill = async (options: Parameters<typeof World.open>[0] = {}): Promise<void> => {
      world = await World.open({ store, ...options });
      expect(outcomeOf(await world.run())).toBe("recovered");
      before = await lookAt(world);
      expect(Object.values(before).map(({ points }) => points.length)).toEqual([2, 2, 2]);
    };
    beforeEach(() => openAndFill());
    afterEach(() => world.close());

    const pointsOf = (found: Found): Record<string, unknown[]> =>
      Object.fromEntries(Object.entries(found).map(([docId, { points }]) => [docId, points]));

    const submissionsOf = (name: string): number =>
      world.emulator.jobs.filter(({ fileName }) => fileName === name).length;

    it("a document whose file has no text any more loses its points, and the others keep theirs", async () => {
      world.files = { ...FILES, "a.pdf": "" };
      const { report } = await world.run();
      expect(report).toMatchObject({
        failures: [],
        sources: { succeeded: 3, unchanged: 2 },
        points: { upserted: 0, unchanged: 4, deleted: 2 },
      });
      expect(report && imbalanceOf(report, 3)).toEqual([]);
      const emptied = await lookAt(world);
      expect(pointsOf(emptied)).toEqual({ ...pointsOf(before), "a.pdf": [] });
      expect(emptied["a.pdf"]?.record).toMatchObject({ state: "stored", point_ids: [] });

      // Another run has nothing to do, and the text can be added again.
      expect((await world.run()).report?.sources).toMatchObject({ succeeded: 3, unchanged: 3 });
      // Splitting everything again does not fail either.
      const { report: again } = await world.run({ splitter: new SegmentSplitter({ chunkSize: 50 }) });
      expect(again).toMatchObject({ failures: [], sources: { succeeded: 3, unchanged: 0 } });
      expect((await lookAt(world))["a.pdf"]?.record).toMatchObject({ state: "stored", point_ids: [] });
      world.files = FILES;
      expect(outcomeOf(await world.run())).toBe("recovered");
      expect(pointsOf(await lookAt(world))).toEqual(pointsOf(before));
    });

    it("a file of 0 bytes is refused, and keeps its points", async () => {
      const sources = new UnsiloedFileLoader([{ name: "a.pdf", data: Buffer.alloc(0) }], {
        client: new UnsiloedClient({ apiKey: "k", baseUrl: world.emulator.url }),
        words: true,
      }).sources();
      const { report } = await world.run({ sources });
      expect(report?.failures).toMatchObject([{ doc_id: "a.pdf", code: "UNSUPPORTED_FILE" }]);
      expect(pointsOf(await lookAt(world))).toEqual(pointsOf(before));
      expect((await world.run()).report?.failures).toEqual([]);
      expect(submissionsOf("a.pdf")).toBe(1);
    });

    it("an empty parse of the same content leaves the stored points", async () => {
      await world.close();
      let finds = true;
      await openAndFill({ emulator: { results: () => resultOf(finds ? "alpha one" : "") } });
      const parseAgain = async () => {
        await rm(world.path("results"), { recursive: true });
        const expired = new Set(world.emulator.jobs.map(({ jobId }) => jobId));
        const match = ({ jobId = "" }) => expired.has(jobId);
        for (const on of ["status", "result"] as const)
          world.emulator.addFault({ on, fault: "not_found", times: Number.POSITIVE_INFINITY, match });
      };
      const options = { verify: true };
      // Only documents that are missing in the store are read again.
      const sink = world.openSink();
      const [lost = ""] = await idsOf("a.pdf");
      await sink.deletePoints([lost]);
      await sink.close();
      const left = pointsOf(await lookAt(world));

      finds = false;
      await parseAgain();
      const { report } = await world.run(options);
      expect(report?.failures).toMatchObject([{ doc_id: "a.pdf", stage: "parse", code: "EMPTY_RESULT" }]);
      expect(report?.points).toEqual({ upserted: 0, unchanged: 4, deleted: 0 });
      expect(submissionsOf("a.pdf")).toBe(2);
      expect(pointsOf(await lookAt(world))).toEqual(left);

      finds = true;
      await parseAgain();
      expect(outcomeOf(await world.run(options))).toBe("recovered");
      expect(pointsOf(await lookAt(world))).toEqual(pointsOf(before));
    });

    const idsOf = async (docId: string): Promise<string[]> => {
      const sink = world.openSink();
      const ids: string[] = [];
      for await (const { id } of sink.listPoints(docId)) ids.push(id);
      await sink.close();
      return ids;
    };

    const inTarget = async <T>(work: (target: ForgetTarget) => Promise<T>): Promise<T> => {
      const [ledger, sink] = [world.openLedger(), world.openSink()];
      const results = new KeptResults({ directory: world.path("results") });
      try {
        return await work({ ledger, sink, results });
      } finally {
        await Promise.all([ledger.close(), sink.close()]);
      }
    };

    it("a forgotten document is removed everywhere, even when forgetting was interrupted before", async () => {
      const ending = (): Promise<never> => Promise.reject(new Error("the process has ended"));
      const replacing = <T extends object>(target: T, key: string): T =>
        new Proxy(target, {
          get: (inner, name) => {
            const value: unknown = Reflect.get(inner, name);
            if (name === key) return ending;
            return typeof value === "function" ? value.bind(inner) : value;
          },
        });
      await inTarget(async (target) => {
        const cutOff: ForgetTarget[] = [
          { ...target, sink: replacing(target.sink, "deletePoints") },
          { ...target, ...(target.results && { results: replacing(target.results, "delete") }) },
          { ...target, ledger: replacing<Ledger>(target.ledger, "delete") },
        ];
        for (const cut of cutOff) await expect(forgetDocument("a.pdf", cut)).rejects.toThrow("has ended");
        expect(await target.ledger.get("a.pdf")).toMatchObject({ state: "stored" });
        // The first attempt deleted the points before it was interrupted.
        expect(await forgetDocument("a.pdf", target)).toEqual({ points: 0, known: true });
        expect(await forgetDocument("a.pdf", target)).toEqual({ points: 0, known: false });
        expect(await forgetDocument("b.pdf", target)).toEqual({ points: 2, known: true });
      });
      expect(await lookAt(world)).toEqual({ "c.pdf": before["c.pdf"] });

      expect((await world.run()).report?.sources).toMatchObject({ succeeded: 3, unchanged: 1 });
      expect(await lookAt(world)).toEqual(before);
      expect(["a.pdf", "b.pdf", "c.pdf"].map(submissionsOf)).toEqual([2, 2, 1]);
    });

    it("a store that lost all or some of its data is filled again without a new payment", async () => {
      const embedded = world.openai.requests.length;
      if (store === "qdrant") world.qdrant.store.collections.clear();
      else await rm(world.path("lancedb"), { recursive: true });
      expect((await world.run()).report).toMatchObject({
        sources: { succeeded: 3, unchanged: 0 },
        points: { upserted: 6, unchanged: 0, deleted: 0 },
      });
      expect(await lookAt(world)).toEqual(before);

      const ids = await idsOf("b.pdf");
      await inTarget(({ sink }) => sink.deletePoints(ids));
      expect((await world.run()).report).toMatchObject({
        sources: { succeeded: 3, unchanged: 2 },
        points: { upserted: 2, unchanged: 4, deleted: 0 },
      });
      expect(await lookAt(world)).toEqual(before);
      expect(paidTwice(world)).toEqual([]);
      // Each run asks once how long vectors are; texts come from the cache.
      expect(world.openai.requests.length - embedded).toBeLessThanOrEqual(2);
    });
  },
);
