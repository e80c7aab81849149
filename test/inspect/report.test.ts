import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  DocumentReport,
  PageView,
  ReportKind,
  SegmentDetails,
  SplitDetails,
} from "../../src/inspect/contract.js";
import { InspectedFiles } from "../support/inspect/inspected.js";

const box = (top: number) => ({ left: 100, top, width: 800, height: 40 });
const LONG = "The supplier delivers the parts in the agreed quality and at the agreed time. ".repeat(26);

const segments = [
  { segment_type: "PageHeader", content: "Confidential", confidence: 0.9 },
  { segment_type: "Text", content: "Clear text.", confidence: 0.9 },
  { segment_type: "Text", content: "Blurred text.", confidence: 0.2 },
  { segment_type: "Text", content: "", confidence: 0.9 },
  { segment_type: "Picture", content: "A faint stamp", confidence: 0.1 },
  {
    segment_type: "Table",
    content: "a table",
    html: "<table><tr><td>Name</td><td>Town</td></tr><tr><td>Ada</td><td>London</td></tr></table>",
    confidence: 0.9,
  },
  { segment_type: "Text", content: LONG, confidence: 0.9 },
].map((segment, index) => ({
  segment_id: `s${index}`,
  page_number: 1,
  page_width: 1000,
  page_height: 1400,
  bbox: box(40 + index * 60),
  ...segment,
}));

const DOC = "stamp.pdf";

describe("the report of a document", () => {
  let files: InspectedFiles;
  let report: DocumentReport;
  beforeAll(async () => {
    files = await InspectedFiles.open([{ name: DOC, result: { chunks: [{ segments }] } }], {
      filter: {
        policies: {
          Picture: { minConfidence: 0.5, below: "drop" },
          Text: { minConfidence: 0.5, below: "flag" },
        },
      },
    });
    report = await files.get("report", { doc: DOC });
  });
  afterAll(() => files.close());

  const entriesOf = (kind: ReportKind) => report.groups.find((group) => group.kind === kind)?.entries ?? [];

  it("says which segments were left out and which are flagged, and why", () => {
    const reasons = (kind: ReportKind) =>
      entriesOf(kind).map(({ segment, reason }) => `${segment} ${reason}`);
    expect(reasons("left_out")).toEqual(["0 page_header", "3 empty", "4 low_confidence"]);
    expect(reasons("no_text")).toEqual(["3 no_text"]);
    expect(reasons("flagged").map((one) => one.split(" ")[1])).toContain("low_confidence");
    expect(report.counts).toMatchObject({
      total: 7,
      filtered: { page_header: 1, empty: 1, low_confidence: 1 },
    });
  });

  it("lists tables whose header was assumed, full splits and approximate boxes", () => {
    expect(entriesOf("assumed_header").map(({ segment }) => segment)).toEqual([5]);
    expect(entriesOf("at_budget").length).toBeGreaterThan(0);
    for (const { reason } of entriesOf("at_budget")) expect(reason).toMatch(/^\d+ of 400 tokens$/);
    expect(entriesOf("approximate").length).toBeGreaterThan(0);
  });

  it("names a place for each entry that the page can open", async () => {
    for (const { entries } of report.groups)
      for (const { page, segment, split } of entries ?? []) {
        const { segmentViews, splitViews } = await files.get<PageView>("page", { doc: DOC, page });
        if (segment !== null) {
          expect(segmentViews.map(({ index }) => index)).toContain(segment);
          const details = await files.get<SegmentDetails>("segment", { doc: DOC, index: segment });
          expect(details.raw).toMatchObject({ segment_id: segments[segment]?.segment_id });
        } else {
          expect(splitViews.map(({ id }) => id)).toContain(split);
          const details = await files.get<SplitDetails>("split", { doc: DOC, id: split ?? "" });
          expect(details.view.id).toBe(split);
        }
      }
  });

  it("says that it does not know what only the parse result would tell, where that is not kept", async () => {
    const lost = await InspectedFiles.open([{ name: DOC, result: { chunks: [{ segments }] } }]);
    await rm(path.join(lost.directory, "results"), { recursive: true });
    const { groups, note } = await lost.get<DocumentReport>("report", { doc: DOC });
    await lost.close();
    expect(note).toContain("is not kept");
    expect(groups.filter(({ entries }) => entries === null).map(({ kind }) => kind)).toEqual([
      ...["left_out", "flagged", "no_text", "assumed_header"],
    ]);
    expect(groups.find(({ kind }) => kind === "at_budget")?.entries?.length).toBeGreaterThan(0);
  });
});
