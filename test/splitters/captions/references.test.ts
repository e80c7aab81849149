import { describe, expect, it } from "vitest";
import { documentVersion } from "../../../src/documents/identity.js";
import type { Segment } from "../../../src/documents/segment.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { type Part, rowsHtml, segmentsOf, table, text } from "../../support/splitters/segments.js";

const caption = (content: string, more: Partial<Segment> = {}): Part => ({
  segment_type: "Caption",
  content,
  ...more,
});
const picture = (content = "p"): Part => ({ segment_type: "Picture", content });
const rows = table(rowsHtml(["x", "y"], 2));

const split = (parts: readonly Part[], docId?: string) =>
  new SegmentSplitter().invoke(segmentsOf(parts, docId));

/** Returns the references of the first split, as `label → segment_id`. */
const references = async (parts: readonly Part[]): Promise<string[]> => {
  const [first] = await split(parts);
  return (first?.metadata.refers_to ?? []).map(({ label, segment_id }) => `${label} → ${segment_id}`);
};

describe("references in text", () => {
  it("name each table and picture once, with its page and segment", async () => {
    const [first] = await split([
      text("See Table 2 and Fig. 1; Table 2 has more."),
      caption("Table 2: Sites", { page_number: 2 }),
      { ...rows, page_number: 2 },
      { ...picture(), page_number: 3 },
      caption("Figure 1. Load", { page_number: 3 }),
    ]);
    expect(first?.metadata.refers_to).toEqual([
      { label: "Table 2", segment_id: "s2", segment_index: 2, page_number: 2 },
      { label: "Figure 1", segment_id: "s3", segment_index: 3, page_number: 3 },
    ]);
  });

  it("are left out when nothing in the document has the label", async () => {
    const parts = [text("See Table 9, chart 1 and the table."), caption("Table 1: a"), rows];
    const [first] = await split(parts);
    expect(first?.metadata).not.toHaveProperty("refers_to");
    const both = [...segmentsOf(parts, "a.pdf"), ...segmentsOf([caption("Table 9: b"), rows], "b.pdf")];
    const splits = await new SegmentSplitter().invoke(both);
    expect(splits.filter(({ metadata }) => metadata.refers_to)).toEqual([]);
  });

  it("resolve ranges, parts of a figure, a caption without a target and a label in the first row", async () => {
    const figures = [1, 2, 3].flatMap((number) => [picture(), caption(`Figure ${number}: f`)]);
    expect(await references([text("Figures 1–3 differ."), ...figures])).toEqual([
      "Figure 1 → s1",
      "Figure 2 → s3",
      "Figure 3 → s5",
    ]);
    const parts = [picture(), caption("Figure 4a: left"), text("."), picture(), caption("Figure 4b: right")];
    expect(await references([text("Figure 4 shows both."), ...parts])).toEqual([
      "Figure 4a → s1",
      "Figure 4b → s4",
    ]);
    expect(await references([text("Figure 1c is a detail."), ...figures])).toEqual(["Figure 1 → s1"]);
    expect(await references([text("Table 5 is lost."), caption("Table 5: Lost")])).toEqual(["Table 5 → s1"]);
    const own = table(
      "<table><tr><td colspan='2'>Table 6: Own</td></tr><tr><td>a</td><td>b</td></tr></table>",
      {
        markdown: "| Table 6: Own |  |\n| --- | --- |\n| a | b |",
      },
    );
    expect(await references([text("Table 6 is here."), own])).toEqual(["Table 6 → s1"]);
  });

  it("are kept for captions too, except for a caption's own target", async () => {
    const splits = await split([
      caption("Table 1: Sites, as in Figure 2"),
      rows,
      picture(),
      caption("Figure 2: Map of the sites in Table 1"),
      { segment_type: "Footnote", content: "1 As Table 1." },
    ]);
    const labels = splits.map(({ metadata }) => [
      metadata.segment_type,
      metadata.refers_to?.map(({ label }) => label),
    ]);
    expect(labels).toEqual([
      ["Caption", ["Figure 2"]],
      ["Table", undefined],
      ["Picture", undefined],
      ["Caption", ["Table 1"]],
      ["Footnote", ["Table 1"]],
    ]);
  });

  it("change the version of the document when their target changes, not when the service's ids change", async () => {
    const parts = [text("See Table 2."), caption("Table 2: Sites"), rows, caption("Table 3: Other"), rows];
    const version = async (given: readonly Part[]) => documentVersion(await split(given), {});
    const renewed = parts.map((part, index) => ({ ...part, segment_id: `other${index}` }));
    expect(await version(renewed)).toBe(await version(parts));
    const splits = await split(parts);
    const [reference] = splits[0]?.metadata.refers_to ?? [];
    if (!reference) throw new Error("one reference");
    const before = documentVersion(splits, {});
    reference.segment_index = 4;
    expect(documentVersion(splits, {})).not.toBe(before);
  });
});
