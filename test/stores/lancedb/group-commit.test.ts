import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "@lancedb/lancedb";
import pLimit from "p-limit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GroupCommit } from "../../../src/stores/group-commit.js";
import { LanceDbSink } from "../../../src/stores/lancedb/index.js";
import { readState } from "../../../src/stores/lancedb/maintenance.js";
import type { Point } from "../../../src/stores/sink.js";
import { idsOf, pointsOf, SPEC } from "../../support/sink-data.js";

describe("waiting writes", () => {
  const commits: string[][] = [];
  let refused: string | undefined;
  /** Items are texts of which the first letter is the key. */
  const open = (maxCount = 100, maxWeight = 1000) =>
    new GroupCommit<string>(
      pLimit(1),
      { maxCount, maxWeight, weigh: (item) => item.length, keyOf: (item) => item.charAt(0) },
      async (items) => {
        commits.push([...items]);
        await new Promise((resolve) => setImmediate(resolve));
        if (refused !== undefined && items.includes(refused)) throw new Error(`refused ${refused}`);
      },
    );
  beforeEach(() => {
    commits.length = 0;
    refused = undefined;
  });
  const addAll = (group: GroupCommit<string>, writes: readonly string[][]) =>
    Promise.allSettled(writes.map((items) => group.add(items, undefined)));

  it("are committed together once the running one has ended", async () => {
    const group = open();
    const first = group.add(["a"], undefined);
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    await Promise.all([first, addAll(group, [["b"], ["c", "d"], ["e"]])]);
    expect(commits).toEqual([["a"], ["b", "c", "d", "e"]]);
  });

  it("stay within the limits, in order", async () => {
    await addAll(open(3), [["a", "b"], ["c"], ["d"], ["e", "f", "g", "h"], ["i"]]);
    expect(commits).toEqual([["a", "b", "c"], ["d"], ["e", "f", "g", "h"], ["i"]]);
    commits.length = 0;
    await addAll(open(100, 6), [["aaa"], ["bbb"], ["c"], ["ddddddddd"], ["e"]]);
    expect(commits).toEqual([["aaa", "bbb"], ["c"], ["ddddddddd"], ["e"]]);
  });

  it("never share a commit when they have the same key, so that the last one wins", async () => {
    await addAll(open(), [["a1", "b"], ["c"], ["a2"], ["d"]]);
    expect(commits).toEqual([
      ["a1", "b", "c"],
      ["a2", "d"],
    ]);
  });

  it("fail alone when one of them is invalid", async () => {
    refused = "b";
    const settled = await addAll(open(), [["a"], ["b"], ["c"]]);
    expect(commits).toEqual([["a", "b", "c"], ["a"], ["b"], ["c"]]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(settled[1]).toMatchObject({ reason: { message: "refused b" } });
  });

  it("fail without a second attempt when they are alone", async () => {
    refused = "a";
    const [only] = await addAll(open(), [["a"]]);
    expect(only?.status).toBe("rejected");
    expect(commits).toEqual([["a"]]);
  });

  it("do not start when they are aborted before their turn", async () => {
    const group = open();
    const stop = new AbortController();
    const writes = [group.add(["a"], undefined), group.add(["b"], stop.signal), group.add(["c"], undefined)];
    stop.abort();
    const settled = await Promise.allSettled(writes);
    expect(commits).toEqual([["a", "c"]]);
    expect(settled[1]).toMatchObject({ status: "rejected", reason: { code: "ABORTED" } });
  });
});

describe("many small documents at once", () => {
  let directory: string;
  let sink: LanceDbSink;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "unsiloed-lancedb-"));
    sink = new LanceDbSink({ directory, maintenance: { automatic: false } });
    await sink.prepare(SPEC);
  });
  afterEach(async () => {
    await sink.close();
    await rm(directory, { recursive: true, force: true });
  });
  const documentOf = (number: number): Point[] =>
    pointsOf(10, () => ({ metadata: { doc_id: `doc-${number}` } }), number * 10);
  const fragments = async () => {
    const table = await (await connect(directory, { readConsistencyInterval: 0 })).openTable("unsiloed");
    return (await readState(table)).fragments;
  };

  it("share commits, and each is visible to others once its call has ended", async () => {
    const reader = new LanceDbSink({ directory });
    await reader.open();
    const write = async (number: number) => {
      expect(await sink.upsert(documentOf(number))).toBe(10);
      expect(await reader.count({ docIds: [`doc-${number}`] })).toBe(10);
    };
    await Promise.all(Array.from({ length: 200 }, (_, number) => write(number)));
    expect(await reader.count()).toBe(2000);
    expect(await fragments()).toBeLessThan(10);
    await reader.close();
  });

  it("are deleted together, too", async () => {
    await sink.upsert(Array.from({ length: 50 }, (_, number) => documentOf(number)).flat());
    const table = await (await connect(directory, { readConsistencyInterval: 0 })).openTable("unsiloed");
    const before = await table.version();
    await Promise.all(
      Array.from({ length: 40 }, (_, number) => sink.deletePoints(idsOf(documentOf(number)))),
    );
    expect(await sink.count()).toBe(100);
    expect((await table.version()) - before).toBeLessThan(10);
  });

  it("do not fail because one cannot be written", async () => {
    // A point without its boxes, which only plain JavaScript can pass.
    const broken = documentOf(1).map((point) => {
      const { boxes: _, ...metadata } = point.metadata;
      return Object.assign({}, point, { metadata });
    });
    const writes = [documentOf(0), broken, documentOf(2)].map((points) =>
      Reflect.apply(sink.upsert, sink, [points]),
    );
    const settled = await Promise.allSettled(writes);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(settled[1]).toMatchObject({ reason: { code: "STORE_REFUSED" } });
    expect(await sink.count()).toBe(20);
  });
});
