import { describe, expect, it } from "vitest";
import { auditPayments, comparePoints, findLostSegments, findUnaccounted } from "../support/crash/audit.js";
import { isBalanced } from "../support/crash/command.js";
import { isLeftOut, makeDocuments, segmentsOf } from "../support/crash/documents.js";
import type { FoundPoint } from "../support/crash/stored-points.js";

const point = (id: string, change: Partial<FoundPoint> = {}, more: object = {}): FoundPoint => ({
  id,
  content: `text of ${id}`,
  metadata: { doc_id: "docs/a.pdf", segment_index: 0, job_id: "first", page_number: 1, ...more },
  vector: [0.6, 0.8],
  ...change,
});

describe("comparing points", () => {
  const expected = [point("a"), point("b"), point("c")];

  it("finds no difference when only the service's ids and rounding differ", () => {
    const found = [point("c"), point("a", { vector: [0.600_000_02, 0.8] }, { job_id: "second" }), point("b")];
    expect(comparePoints(expected, found)).toEqual({ lost: [], duplicated: [] });
  });

  it("counts a lost point", () => {
    expect(comparePoints(expected, [point("a"), point("c")])).toEqual({ lost: ["b"], duplicated: [] });
  });

  it.each([
    ["text", point("b", { content: "another text" })],
    ["metadata", point("b", {}, { page_number: 2 })],
    ["vector", point("b", { vector: [0.8, 0.6] })],
    ["number of dimensions", point("b", { vector: [] })],
  ])("counts a point with another %s as lost", (_what, changed) => {
    const found = [point("a"), changed, point("c")];
    expect(comparePoints(expected, found)).toEqual({ lost: ["b"], duplicated: [] });
  });

  it("counts a row that occurs twice, and a point that is not expected", () => {
    const found = [...expected, point("b"), point("stale"), point("stale")];
    expect(comparePoints(expected, found)).toEqual({ lost: [], duplicated: ["b", "stale", "stale"] });
  });
});

describe("finding lost segments", () => {
  const [document] = makeDocuments("audit", 1);
  if (!document) throw new Error("expected a document");
  const kept = segmentsOf(document).flatMap((segment, index) => (isLeftOut(segment) ? [] : [index]));
  const holding = (indices: number[]): FoundPoint =>
    point("a", {}, { doc_id: `docs/${document.fileName}`, segment_index: kept[0], segment_indices: indices });

  it("expects every segment with text, but no page header or footer", () => {
    expect(kept.length).toBeGreaterThan(4);
    expect(kept.length).toBeLessThan(segmentsOf(document).length);
    expect(findLostSegments([document], [holding(kept)])).toEqual([]);
  });

  it("names a segment that is in no point", () => {
    const last = kept.at(-1);
    expect(findLostSegments([document], [holding(kept.slice(0, -1))])).toEqual([
      `docs/${document.fileName} #${last}`,
    ]);
  });
});

describe("counting payments", () => {
  const job = (fileName: string, polls = 0) => ({ fileName, polls });
  const audit = (before: string[], after: string[] = [], reportedUnknown: string[] = []) =>
    auditPayments({
      before: before.map((name) => job(name)),
      after: after.map((name) => job(name)),
      reportedUnknown,
    });

  it("finds no fault when each document was submitted once", () => {
    expect(audit(["a", "b"])).toEqual({ paidTwice: [], unknown: 0, unknownAccepted: 0 });
  });

  it("counts each submission beyond the first", () => {
    expect(audit(["a", "b", "a", "a"]).paidTwice).toEqual(["a", "a"]);
  });

  it("allows one more for a document of unknown outcome, whether it was accepted before or not", () => {
    expect(audit(["a"], ["a", "b"], ["a", "b"])).toEqual({
      paidTwice: [],
      unknown: 2,
      unknownAccepted: 1,
    });
  });

  it("counts resubmissions without a report, a second one after a report, and a second one before it", () => {
    expect(audit(["a"], ["a"]).paidTwice).toEqual(["a"]);
    expect(audit(["a"], ["a", "a"], ["a"]).paidTwice).toEqual(["a"]);
    expect(audit(["a", "a"], [], ["a"]).paidTwice).toEqual(["a"]);
    expect(audit(["b"], ["a", "a"], []).paidTwice).toEqual(["a"]);
  });

  it("allows no second submission for a job that was polled, because its id was known", () => {
    const payments = { before: [job("a", 3)], after: [job("a")], reportedUnknown: ["a"] };
    expect(auditPayments(payments).paidTwice).toEqual(["a"]);
  });
});

describe("balancing a report", () => {
  const report = (total: number) => ({
    sources: { total: 1, succeeded: 1, failed: 0 },
    failures: [],
    segments: { total, stored: 7, filtered: { page_header: 2, empty: 1 }, failed: 3 },
    points: { upserted: 7 },
  });

  it("holds only when every segment is in one of the counts", () => {
    expect(isBalanced(report(13))).toBe(true);
    expect(isBalanced(report(12))).toBe(false);
    expect(isBalanced(report(14))).toBe(false);
  });
});

describe("comparing reports", () => {
  const counts = (stored: number, filtered: Record<string, number>) => ({
    total: 10,
    stored,
    filtered,
    failed: 0,
  });

  it("counts segments that are reported differently or not at all", () => {
    const expected = counts(7, { page_header: 2, empty: 1 });
    expect(findUnaccounted(expected, expected)).toEqual([]);
    expect(findUnaccounted(expected, counts(5, { page_header: 5 }))).toEqual([
      "reported as stored",
      "reported as stored",
      "reported as empty",
    ]);
  });
});
