import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LanceDbSink } from "../../../src/stores/lancedb/index.js";
import { collect, idsOf, pointsOf, SPEC } from "../../support/sink-data.js";

describe("two writers of the same points", () => {
  let directory: string;
  let sinks: LanceDbSink[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "lancedb-"));
    sinks = [new LanceDbSink({ directory }), new LanceDbSink({ directory })];
    for (const sink of sinks) await sink.prepare(SPEC);
  });
  afterEach(async () => {
    await Promise.all(sinks.map((sink) => sink.close()));
    await rm(directory, { recursive: true });
  });

  const writeTwice = async (from: number): Promise<void> => {
    const points = pointsOf(200, () => ({}), from);
    const written = await Promise.all(sinks.map((sink) => sink.upsert(points)));
    expect(written).toEqual([200, 200]);
  };
  const stored = async () => idsOf(await collect(new LanceDbSink({ directory }).listPoints("report.pdf")));

  it("leave each point once, in a new table", async () => {
    await writeTwice(0);
    expect(await stored()).toEqual(idsOf(pointsOf(200)));
  });

  // With rows in the index of ids, LanceDB 0.37.1 uses another kind of merge, which detects no such conflicts.
  it("leave each point once, in a table whose rows are indexed", async () => {
    const [first] = sinks;
    await first?.upsert(pointsOf(600));
    await first?.upsert(pointsOf(600, () => ({}), 600));
    await first?.close();
    for (let round = 0; round < 3; round++) await writeTwice(2000 + round * 200);
    const expected = [...pointsOf(1200), ...pointsOf(600, () => ({}), 2000)];
    expect(await stored()).toEqual(idsOf(expected));
  });
});

describe("several writers of a new directory", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "lancedb-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  // One writer may open the table while another creates it, so the waits vary what it finds.
  it("create one table, for any order of the writers", async () => {
    for (let round = 0; round < 30; round++) {
      const collection = `round-${round}`;
      const sinks = [0, 1, 2, 3].map(() => new LanceDbSink({ directory, collection }));
      const prepare = async (sink: LanceDbSink, index: number): Promise<void> => {
        await setTimeout(index * (round % 5));
        await sink.prepare(SPEC);
      };
      await Promise.all(sinks.map(prepare));
      await Promise.all(sinks.map((sink) => sink.close()));
    }
  });
});
