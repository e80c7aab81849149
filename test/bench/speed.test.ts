import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { Measured } from "../../bench/speed/measured.js";
import { PIPELINES } from "../../bench/speed/pipeline-names.js";
import { LATENCIES } from "../../bench/speed/services/latencies.js";
import { targetsOf } from "../../bench/speed/targets.js";
import { makeResult, readSentences } from "../../bench/speed/workload.js";
import { markdown, median, missedOf } from "../../bench/support/outcome.js";
import { isLeftOut, SHARE_SEED } from "../support/thorough.js";

const ROOT = path.resolve(import.meta.dirname, "../..");

type Row = Record<string, number>;

const MEASUREMENTS = ["free", "waiting", "start", "small-documents", "large", "growth", "stages", "model"];
/** Pipelines that are compared with each other. */
const COMPARED = [
  ["command", "command-unchanged"],
  ["own-no-words", "own-durable"],
  ["stock-at-once", "stock-at-once-1600", "stock"],
  ["floor", "floor-results"],
  ["own-results", "command-results"],
];
const measurements = MEASUREMENTS.filter((_, index) => !isLeftOut(index, 3));
const skip = (name: string) => ({ skip: !measurements.includes(name) });
const pipelines = ["own", ...COMPARED.filter((_, index) => !isLeftOut(index, 2)).flat()];
const ofThisRun = (names: readonly string[]) => names.filter((name) => pipelines.includes(name));

/** Runs the measurements of this run on little. @returns the rows of each */
const measureAll = async (): Promise<Record<string, Row[]>> => {
  const chosen = [
    ...measurements.flatMap((name) => ["--only", name]),
    ...pipelines.flatMap((name) => ["--pipeline", name]),
  ];
  const args = ["--import", "tsx", "bench/main.ts", "--small", "--json", ...chosen];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const outcomes: Record<string, { rows: Row[] }> = JSON.parse(stdout);
  return Object.fromEntries(Object.entries(outcomes).map(([name, { rows }]) => [name, rows]));
};

const byPipeline = (rows: readonly Row[] = []): Map<string, Row> =>
  new Map(rows.map((row) => [String(row["what"]), row]));

describe(`the benchmark of speed (seed ${SHARE_SEED})`, () => {
  let measured: Record<string, Row[]>;
  // One process for all, since each would start the services and compile the pipelines.
  beforeAll(async () => {
    measured = await measureAll();
  }, 900_000);

  it("has every measurement and pipeline", () => {
    expect(Object.keys(measured)).toEqual(measurements);
    const known: readonly string[] = [...PIPELINES.free, ...PIPELINES.waiting];
    expect(new Set(["own", ...COMPARED.flat()])).toEqual(new Set(known));
  });

  it("runs every pipeline where nothing waits", skip("free"), () => {
    const free = byPipeline(measured["free"]);
    expect([...free.keys()]).toEqual(ofThisRun(PIPELINES.free));
    const points = (name: string) => free.get(name)?.["points"];
    expect(points("own")).toBeGreaterThan(0);
    // All that read with the package make the same points; nothing is written again.
    const own = ["own-no-words", "own-durable", "command", "own-results", "command-results"];
    for (const name of ofThisRun(own)) expect(points(name), name).toBe(points("own"));
    expect(points("floor-results")).toBe(points("floor"));
    if (free.has("stock-at-once"))
      expect(points("stock-at-once-1600")).toBeLessThan(points("stock-at-once") ?? 0);
    if (free.has("command"))
      expect(free.get("command-unchanged")).toMatchObject({ points: 0, "embedding requests": 0 });
  });

  it("runs every pipeline on services with latencies", skip("waiting"), () => {
    const waiting = byPipeline(measured["waiting"]);
    expect([...waiting.keys()]).toEqual(ofThisRun(PIPELINES.waiting));
    // The stock pipelines do the same work, and all have waited for the jobs.
    expect(waiting.get("stock")?.["points"]).toBe(waiting.get("stock-at-once")?.["points"]);
    for (const [name, row] of waiting)
      expect(row["wall s"], name).toBeGreaterThan(LATENCIES.small.jobMs / 1_000);
  });

  it("measures start-up", skip("start"), () => {
    // The first submission comes after the time that Node needs to start.
    expect(measured["start"]?.map((row) => row["measured"])).toEqual(Array(4).fill(expect.any(Number)));
    expect(measured["start"]?.at(-1)?.["measured"]).toBeGreaterThan(0);
  });

  it("measures small documents", skip("small-documents"), () => {
    expect(measured["small-documents"]?.map(({ store }) => store)).toEqual(["qdrant", "lancedb"]);
    for (const row of measured["small-documents"] ?? [])
      expect(row["CPU ms a document, late"]).toBeGreaterThan(0);
  });

  it("measures large results", skip("large"), () => expect(measured["large"]).toHaveLength(4));

  it("measures growth", skip("growth"), () =>
    expect(measured["growth"]?.map(({ segments }) => segments)).toEqual([20, 40]),
  );

  it("measures stages", skip("stages"), () => {
    expect(measured["stages"]).not.toEqual([]);
    for (const row of measured["stages"] ?? [])
      expect(row["a second"], String(row["stage"])).toBeGreaterThan(0);
  });

  it("measures the model", skip("model"), () => expect(measured["model"]).toHaveLength(1));

  it("makes the same document from the same seed", async () => {
    const sentences = await readSentences();
    const result = makeResult(100, 7, sentences);
    expect(makeResult(100, 7, sentences)).toEqual(result);
    const segments = result.chunks.flatMap((chunk) => chunk.segments);
    expect(segments).toHaveLength(100);
    expect(segments.filter(({ segment_type }) => segment_type === "Table")).toHaveLength(2);
    for (const { ocr, content } of segments) expect(ocr.map(({ text }) => text).join(" ")).toBe(content);
  });

  it("prints every word within its segment and every segment on its page, none over another", async () => {
    const { chunks } = makeResult(100, 7, await readSentences());
    const segments = chunks.flatMap((chunk) => chunk.segments);
    for (const [index, { bbox, page_number, page_width, page_height, ocr }] of segments.entries()) {
      expect(bbox.left + bbox.width).toBeLessThanOrEqual(page_width);
      expect(bbox.top + bbox.height).toBeLessThanOrEqual(page_height);
      for (const { bbox: word, text } of ocr) {
        expect(word.left + word.width, text).toBeLessThanOrEqual(bbox.width);
        expect(word.top + word.height, text).toBeLessThanOrEqual(bbox.height);
      }
      const before = segments[index - 1];
      if (before?.page_number === page_number)
        expect(bbox.top).toBeGreaterThanOrEqual(before.bbox.top + before.bbox.height);
    }
  });

  it("judges a pipeline by the ratio to another in the same round", () => {
    const run = (seconds: number) => ({
      ...{ seconds, cpuSeconds: seconds, peakMb: 100, startedAt: 0, points: 1 },
      counts: { numbers: new Map(), calls: new Map() },
    });
    const rounds = new Measured();
    // The machine is ten times as slow in the second round.
    for (const [round, [own, floor]] of [
      [1.2, 1],
      [11, 10],
      [1.1, 1],
    ].entries()) {
      rounds.add(round, "own", run(own ?? 0));
      rounds.add(round, "floor", run(floor ?? 0));
    }
    rounds.add(0, "stock", run(5));
    const found = targetsOf("waiting", rounds);
    expect(found).toMatchObject([
      { what: "waiting: wall of own at most 1.15 × floor", holds: true },
      { what: "waiting: wall of own at most 0.20 × stock", holds: false },
    ]);
    expect(found[0]?.found).toBeCloseTo(1.1);
  });

  it("names the targets that are missed", () => {
    const missed = missedOf([
      { what: "at most 2", found: 3.256, holds: false },
      { what: "at most 4", found: 3, holds: true },
    ]);
    expect(missed).toEqual(["at most 2: 3.26"]);
    expect(markdown({ title: "T", rows: [{ a: 1234.5, b: "" }], missed })).toBe(
      "\nT\n\n| a | b |\n| --- | --- |\n| 1,235 |  |\n\nMissed: at most 2: 3.26",
    );
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([5])]).toEqual([2, 2.5, 5]);
  });
});
