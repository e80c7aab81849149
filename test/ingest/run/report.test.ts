import { describe, expect, it } from "vitest";
import { ReportBuilder } from "../../../src/ingest/run/report.js";

const run = {
  stopped: null,
  parsing: { jobs: 1, pages: 2, credits: 3, unknown: 0, repeated: 0, unknown_submissions: 0 },
  store: "s",
  embeddings: "e",
  duration_ms: 1,
};

describe("the report", () => {
  it("lists at most 10,000 failures and documents left out, and counts the others", () => {
    const builder = new ReportBuilder();
    const nothing = { total: 0, stored: 0, filtered: new Map(), flagged: new Map(), failed: 0 };
    const named = { source: "a", doc_id: "a", message: "m" };
    const failure = { ...named, stage: "parse", code: "JOB_FAILED" } as const;
    for (let index = 0; index < 5_001; index++) {
      builder.addSource("failed", nothing, [failure, failure], "a");
      builder.addLeftOut(named);
      builder.addLeftOut(named);
    }
    const report = builder.build(run);
    expect(report.sources.failed).toBe(5_001);
    expect([report.failures.length, report.left_out.length]).toEqual([10_000, 10_000]);
    expect(report.omitted).toEqual({ failures: 2, left_out: 2 });
  });

  it("adds up sources, segments and points", () => {
    const builder = new ReportBuilder();
    builder.addSource(
      "stored",
      {
        total: 5,
        stored: 3,
        filtered: new Map([["empty", 2]]),
        flagged: new Map([["low_confidence", 2]]),
        failed: 0,
      },
      [],
      "a",
    );
    const failure = {
      source: "b",
      doc_id: "b",
      stage: "embed",
      code: "EMBEDDING_FAILED",
      message: "m",
    } as const;
    builder.addSource(
      "failed",
      {
        total: 2,
        stored: 0,
        filtered: new Map([["empty", 1]]),
        flagged: new Map([["low_confidence", 1]]),
        failed: 1,
      },
      [failure],
      "b",
    );
    const nothing = { total: 0, stored: 0, filtered: new Map(), flagged: new Map(), failed: 0 };
    builder.addSource("unchanged", nothing, [], "c");
    builder.addSource("unfinished", nothing, [], "d");
    builder.addPoints({ upserted: 2, deleted: 1 });
    builder.addPoints({ unchanged: 4 });
    builder.addDocuments(6);
    expect(builder.build(run)).toEqual({
      omitted: { failures: 0, left_out: 0 },
      sources: { total: 4, succeeded: 2, unchanged: 1, reused: 0, failed: 1, unfinished: 1 },
      failures: [failure],
      left_out: [],
      segments: {
        total: 7,
        stored: 3,
        filtered: { empty: 3 },
        flagged: { low_confidence: 3 },
        unknown_pages: [],
        failed: 1,
      },
      documents: 6,
      points: { upserted: 2, unchanged: 4, deleted: 1 },
      ...run,
    });
  });

  it.each([
    { total: 3, stored: 2, filtered: new Map(), flagged: new Map(), failed: 0 },
    { total: 3, stored: 2, filtered: new Map([["empty", 2]]), flagged: new Map(), failed: 0 },
    {
      total: 2,
      stored: 1,
      filtered: new Map([["empty", 1]]),
      flagged: new Map([["low_confidence", 2]]),
      failed: 0,
    },
  ])("refuses counts that do not balance: %j", (tally) => {
    expect(() => new ReportBuilder().addSource("stored", tally, [], "a")).toThrow(
      expect.objectContaining({ code: "INVARIANT" }),
    );
  });
});
