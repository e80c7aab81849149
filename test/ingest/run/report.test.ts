import { describe, expect, it } from "vitest";
import { ReportBuilder } from "../../../src/ingest/run/report.js";

const run = {
  stopped: null,
  parsing: { jobs: 1, pages: 2, credits: 3, unknown: 0, unknown_submissions: 0 },
  store: "s",
  embeddings: "e",
  duration_ms: 1,
};

describe("the report", () => {
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
