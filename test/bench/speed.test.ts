import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { LATENCIES, leastEmbeddingMs, leastStoreMs } from "../../bench/speed/latencies.js";
import { makeResult, readSentences } from "../../bench/speed/workload.js";
import { markdown, median, missedOf } from "../../bench/support/outcome.js";

const ROOT = path.resolve(import.meta.dirname, "../..");

describe("the benchmark of speed", () => {
  it("measures every stage on a small input", async () => {
    const args = ["--import", "tsx", "bench/main.ts", "--small", "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const outcomes = JSON.parse(stdout);
    expect(Object.keys(outcomes)).toEqual(["end-to-end", "large", "growth", "stages", "model"]);
    const [own, atOnce, stock] = outcomes["end-to-end"].rows;
    expect([own.what, atOnce.what, stock.what]).toEqual(["own", "stock-at-once", "stock"]);
    // The stock pipelines do the same work, and all have waited for the jobs.
    expect(atOnce.points).toBe(stock.points);
    expect(own.points).toBeGreaterThan(0);
    for (const { seconds } of [own, atOnce, stock])
      expect(seconds).toBeGreaterThan(LATENCIES.small.jobMs / 1_000);
    expect(outcomes.growth.rows.map(({ segments }: { segments: number }) => segments)).toEqual([20, 40]);
    for (const row of outcomes.stages.rows) expect(row["a second"], row.stage).toBeGreaterThan(0);
    expect(outcomes.model.rows).toHaveLength(1);
  });

  it("makes the same document from the same seed", async () => {
    const sentences = await readSentences();
    const result = makeResult(100, 7, sentences);
    expect(makeResult(100, 7, sentences)).toEqual(result);
    const segments = result.chunks.flatMap((chunk) => chunk.segments);
    expect(segments).toHaveLength(100);
    expect(segments.filter(({ segment_type }) => segment_type === "Table")).toHaveLength(2);
    for (const { ocr, content } of segments) expect(ocr.map(({ text }) => text).join(" ")).toBe(content);
  });

  it("computes the shortest possible time of the services", () => {
    // 800,000 tokens, at least three requests; eight at once of 100,000 each take 150 ms and 200 ms.
    expect(leastEmbeddingMs(5_000, 800_000, LATENCIES.full)).toBeCloseTo(350);
    // 4,800,000 tokens: sixteen of 300,000 in two turns.
    expect(leastEmbeddingMs(30_000, 4_800_000, LATENCIES.full)).toBeCloseTo(1_500);
    expect(leastStoreMs(1_000, LATENCIES.full)).toBeCloseTo(35);
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
