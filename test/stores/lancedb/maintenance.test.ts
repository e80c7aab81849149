import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "@lancedb/lancedb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/internal/async/clock.js";
import { LanceDbSink, type LanceDbSinkOptions } from "../../../src/stores/lancedb/index.js";
import { readState } from "../../../src/stores/lancedb/maintenance.js";
import { atAngle, idOf, idsOf, pointOf, pointsOf, SPEC } from "../../support/sink-data.js";

let directory: string;
const sinks: LanceDbSink[] = [];
const open = (options: LanceDbSinkOptions = {}): LanceDbSink => {
  const sink = new LanceDbSink({ directory, ...options });
  sinks.push(sink);
  return sink;
};
const raw = async () => (await connect(directory, { readConsistencyInterval: 0 })).openTable("unsiloed");
const state = async () => readState(await raw());
const files = () => readdir(path.join(directory, "unsiloed.lance", "data"));

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "unsiloed-lancedb-"));
});
afterEach(async () => {
  await Promise.all(sinks.splice(0).map((sink) => sink.close()));
  await rm(directory, { recursive: true, force: true });
});

const manual = { maintenance: { automatic: false } };
const words = { mode: "text" as const, k: 3, text: "number 7" };

describe("rows that are not in the full-text index yet", () => {
  it("are ranked correctly while the index is empty", async () => {
    const sink = open(manual);
    await sink.prepare(SPEC);
    await sink.upsert(pointsOf(50));
    expect(await state()).toMatchObject({ indexed: 0, unindexed: 50 });
    const [best, ...others] = await sink.search(words);
    expect(best?.id).toBe(idOf(7));
    expect(others).toHaveLength(2);
    expect(others[0]?.score).toBeLessThan(best?.score ?? 0);
  });

  it("are ranked among the others once it is not", async () => {
    const sink = open(manual);
    await sink.prepare(SPEC);
    await sink.upsert(pointsOf(50, undefined, 1000));
    await (await raw()).optimize();
    await sink.upsert(pointsOf(50));
    expect(await state()).toMatchObject({ indexed: 50, unindexed: 50 });
    expect((await sink.search(words))[0]?.id).toBe(idOf(7));
  });

  it("are indexed when the sink is closed", async () => {
    const sink = open();
    await sink.prepare(SPEC);
    for (let call = 0; call < 5; call++) await sink.upsert(pointsOf(10, undefined, call * 10));
    await sink.close();
    const { fragments, ...rows } = await state();
    expect(rows).toMatchObject({ rows: 50, indexed: 50, unindexed: 0 });
    // LanceDB merges indexed and new rows separately.
    expect(fragments).toBeLessThanOrEqual(2);
  });
});

describe("many small writes", () => {
  it("leave few files and lose no point", async () => {
    const sink = open({ maintenance: { keepVersionsMs: 0 } });
    await sink.prepare(SPEC);
    for (let call = 0; call < 60; call++) await sink.upsert(pointsOf(3, undefined, call * 3));
    expect((await state()).fragments).toBeLessThan(20);
    expect(idsOf(await sink.search({ mode: "dense", k: 500, vector: atAngle(0) }))).toEqual(
      idsOf(pointsOf(180)),
    );
    await sink.close();
    expect((await files()).length).toBeLessThan(20);
  });

  it("leave no more old versions than the budget allows, once these are ten seconds old", async () => {
    const versions = async () => (await (await raw()).listVersions()).length;
    // A clock that is ahead makes every version old enough.
    const clock: Clock = { ...systemClock, now: () => systemClock.now() + 60_000 };
    const write = async (options: LanceDbSinkOptions): Promise<void> => {
      const sink = open(options);
      await sink.prepare(SPEC);
      for (let call = 0; call < 40; call++) await sink.upsert(pointsOf(3, undefined, call * 3));
      await sink.close();
    };
    await write({ clock });
    expect(await versions()).toBeGreaterThan(40);
    await write({ clock, maintenance: { keepVersionsBytes: 0 } });
    expect(await versions()).toBeLessThan(40);
    expect(await open().count()).toBe(120);
  });

  it("are not merged when maintenance is off", async () => {
    const sink = open(manual);
    await sink.prepare(SPEC);
    for (let call = 0; call < 20; call++) await sink.upsert(pointsOf(3, undefined, call * 3));
    await sink.close();
    expect((await state()).fragments).toBe(20);
  });

  it("succeed during another process's maintenance and deletions", async () => {
    const [writer, other] = [open(), open()];
    await writer.prepare(SPEC);
    await writer.upsert(pointsOf(500, undefined, 5000));
    const write = async () => {
      for (let call = 0; call < 15; call++) await writer.upsert(pointsOf(10, undefined, call * 10));
    };
    const tidy = async () => {
      const table = await raw();
      for (let round = 0; round < 6; round++) {
        await table.optimize().catch(() => undefined);
        await other.deletePoints([idOf(5000 + round)]);
      }
    };
    await Promise.all([write(), tidy()]);
    expect(await other.count()).toBe(500 + 150 - 6);
  });

  it("in one call are done in batches, each complete", async () => {
    const sink = open({ batchCount: 100, ...manual });
    await sink.prepare(SPEC);
    expect(await sink.upsert(pointsOf(250))).toBe(250);
    expect((await state()).fragments).toBe(3);
    const heavy = open({ batchBytes: 10_000, ...manual });
    expect(await heavy.upsert(pointsOf(30, (n) => ({ content: `${n} `.repeat(1000) }), 5000))).toBe(30);
    expect((await state()).fragments).toBeGreaterThan(10);
    expect(await sink.count()).toBe(280);
  });
});

describe("closing", () => {
  it("waits for writes in flight when the caller stopped waiting", async () => {
    const sink = open();
    await sink.prepare(SPEC);
    const controller = new AbortController();
    const writing = sink.upsert(pointsOf(2000), { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(writing).rejects.toMatchObject({ code: "ABORTED" });
    await sink.close();
    const rows = (await state()).rows;
    expect([0, 2000]).toContain(rows);
    expect(await open().count()).toBe(rows);
  });

  it("lets the sink be used again", async () => {
    const sink = open();
    await sink.prepare(SPEC);
    await sink.upsert([pointOf(1)]);
    await sink.close();
    expect(await sink.count()).toBe(1);
  });
});
