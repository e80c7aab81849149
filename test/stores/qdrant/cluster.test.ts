import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UnsiloedError } from "../../../src/errors.js";
import { QdrantSink } from "../../../src/stores/qdrant/qdrant-sink.js";
import { AutoAdvanceClock } from "../../support/clocks/auto-advance-clock.js";
import { samplePoint } from "../../support/qdrant-double/sample-points.js";
import { QdrantDouble } from "../../support/qdrant-double/server.js";

const SPEC = { dimensions: 4, model: "m" };

describe("several addresses of one cluster", () => {
  let first: QdrantDouble;
  let second: QdrantDouble;
  let sink: QdrantSink;

  beforeEach(async () => {
    first = await QdrantDouble.start();
    second = await QdrantDouble.start({ store: first.store });
    sink = new QdrantSink({ url: `${first.url}, ${second.url}`, collection: randomUUID() });
    await sink.prepare(SPEC);
    expect(second.requests).toEqual([]);
  });

  afterEach(async () => {
    await Promise.all([sink.close(), first.close(), second.close()]);
  });

  const write = (number: number) => sink.upsert([samplePoint(number)]);
  /** How many requests each address gets while something is done. */
  const during = async (work: () => Promise<unknown>): Promise<[number, number]> => {
    const before = [first.requests.length, second.requests.length] as const;
    await work();
    return [first.requests.length - before[0], second.requests.length - before[1]];
  };

  it("are used in turn: the next when one dies, and the first again when that one dies", async () => {
    first.faults.add({ fault: { kind: "reset", applied: true }, times: 1000 });
    expect(await during(() => write(1))).toEqual([1, 1]);
    expect(await during(() => write(2))).toEqual([0, 1]);
    first.faults.clear();
    expect(await during(() => write(3))).toEqual([0, 1]);
    await second.close();
    expect(await during(() => write(4))).toEqual([1, 0]);
    expect(await sink.count()).toBe(4);
    second = await QdrantDouble.start();
  });

  it("are changed at once during an election, but not when one asks to send less", async () => {
    first.faults.add({ fault: { kind: "status", status: 503, message: "Consensus is not established" } });
    expect(await during(() => sink.count())).toEqual([1, 1]);
    second.faults.add({ fault: { kind: "status", status: 429, retryAfter: "0" } });
    expect(await during(() => sink.count())).toEqual([0, 2]);
  });

  it("move on once when several requests fail together", async () => {
    first.faults.add({ fault: { kind: "reset", applied: false }, times: 1000 });
    await Promise.all([write(1), write(2), sink.count(), sink.count({ docIds: ["x"] })]);
    const [asked] = await during(() => sink.count());
    expect(asked).toBe(0);
  });

  it("are all named when none can be used", async () => {
    const urls = [first.url, second.url];
    const lost = new QdrantSink({ url: urls, attempts: 2, clock: new AutoAdvanceClock() });
    await Promise.all([first.close(), second.close()]);
    const error = await lost.connect().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnsiloedError);
    expect(error).toMatchObject({ code: "STORE_UNREACHABLE", retryable: true });
    for (const url of urls) expect(String(error)).toContain(url);
    [first, second] = await Promise.all([QdrantDouble.start(), QdrantDouble.start()]);
  });

  it("name the store by the first, so that adding servers changes no document", () => {
    const alone = new QdrantSink({ url: first.url, collection: "c" });
    const together = new QdrantSink({ url: [first.url, second.url], collection: "c" });
    expect(together.description).toBe(alone.description);
  });
});
