import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { typesetTable } from "../../../bench/boxes/table-typesetter.js";
import { areaIoU, heldBy, trueLines } from "../../../bench/boxes/truth.js";
import { typeset } from "../../../bench/boxes/typesetter.js";
import { unionBox } from "../../../src/documents/bbox.js";
import type { SegmentDocument } from "../../../src/documents/metadata.js";
import type { BBox, Segment, Word } from "../../../src/documents/segment.js";
import { SegmentConverter } from "../../../src/documents/to-document.js";
import { SegmentSplitter } from "../../../src/splitters/segment-splitter.js";
import { SEED } from "../../support/splitters/segments.js";

const load = (segments: readonly Segment[], words = true): SegmentDocument[] => {
  const converter = new SegmentConverter({ source: "a.pdf", docId: "a.pdf", jobId: null, words });
  return segments.map((segment) => converter.convert(segment, null));
};

const split = (segments: readonly Segment[], chunkSize = 400) =>
  new SegmentSplitter({ chunkSize }).invoke(load(segments));

/** Makes a text of words on one line, 100 pixels each, all with the same confidence. */
const line = (
  text: string,
  top: number,
  more: Partial<Segment> = {},
  confidence: number | null = null,
): Segment => ({
  segment_type: "Text",
  content: text,
  page_number: 1,
  bbox: { left: 100, top, width: text.split(" ").length * 100, height: 22 },
  confidence: 0.8,
  ocr: text.split(" ").map(
    (word, index): Word => ({
      text: word,
      bbox: { left: index * 100, top: 1, width: 90, height: 20 },
      confidence,
    }),
  ),
  ...more,
});

describe("the boxes of splits", () => {
  it("contain one box for each line of each segment, and `bbox` is their union on the first page", async () => {
    const [pack] = await split([
      line("One two three.", 50, {}, 0.9),
      line("Four five.", 90, {}, 0.5),
      line("And six.", 40, { page_number: 2 }, null),
    ]);
    expect(pack?.metadata).toMatchObject({
      bbox: { left: 100, top: 51, width: 290, height: 60 },
      boxes: [
        { page_number: 1, bbox: { left: 100, top: 51, width: 290, height: 20 } },
        { page_number: 1, bbox: { left: 100, top: 91, width: 190, height: 20 } },
        { page_number: 2, bbox: { left: 100, top: 41, width: 190, height: 20 } },
      ],
      bbox_precision: "word",
      confidence: 0.8,
      ocr_confidence: { mean: 0.74, min: 0.5 },
    });
  });

  it("have segment precision and no word confidence when the words of one segment are unknown", async () => {
    const [pack] = await split([line("One two three.", 50, {}, 0.9), line("Four five.", 90, { ocr: null })]);
    expect(pack?.metadata).toMatchObject({
      boxes: [
        { page_number: 1, bbox: { left: 100, top: 51, width: 290, height: 20 } },
        { page_number: 1, bbox: { left: 100, top: 90, width: 200, height: 22 } },
      ],
      bbox_precision: "segment",
      ocr_confidence: null,
    });
  });

  it("contain all words of a formula, although its LaTeX uses other signs than the printed text", async () => {
    const markdown = "$$\\frac{\\partial u}{\\partial t} = \\nabla \\cdot (D(u) \\nabla u)$$";
    const [pack] = await split([line("∂u ∂t = ∇·(D(u)∇u)", 50, { segment_type: "Formula", markdown })]);
    expect(pack?.metadata).toMatchObject({
      boxes: [{ page_number: 1, bbox: { left: 100, top: 51, width: 390, height: 20 } }],
      bbox_precision: "word",
    });
  });

  it("are the segment's box when its words differ from its text or have no position", async () => {
    const other = line("Something else altogether.", 50, {
      content: "A model wrote this description of it.",
    });
    const flat = line("One two three.", 50);
    for (const word of flat.ocr ?? []) word.bbox.height = 0;
    for (const segment of [other, flat, line("One two three.", 50, { ocr: [] })]) {
      const [only] = await split([segment]);
      expect(only?.metadata.bbox_precision).toBe("segment");
      expect(only?.metadata.boxes).toEqual([{ page_number: 1, bbox: segment.bbox }]);
    }
  });

  it("allow for a letter or two that the words lack, such as a number that Markdown adds", async () => {
    const [item] = await split([line("Yes.", 50, { segment_type: "ListItem", markdown: "1. Yes." })]);
    expect(item?.pageContent).toBe("1. Yes.");
    expect(item?.metadata).toMatchObject({ bbox_precision: "word", bbox: { left: 100, top: 51, width: 90 } });
    const [other] = await split([line("Yes.", 50, { segment_type: "ListItem", markdown: "No." })]);
    expect(other?.metadata.bbox_precision).toBe("segment");
  });

  it("have at most two decimals", async () => {
    const bbox = { left: 10.123456, top: 20.000000000000004, width: 300.5, height: 22.1 };
    const [exact] = await split([line("One two three.", 50, { bbox })]);
    expect(exact?.metadata.boxes).toEqual([
      { page_number: 1, bbox: { left: 10.12, top: 21, width: 290, height: 20 } },
    ]);
    const [whole] = await split([line("One.", 50, { bbox, ocr: null })]);
    expect(whole?.metadata.bbox).toEqual({ left: 10.12, top: 20, width: 300.5, height: 22.1 });
  });

  it("are the whole box for a picture, and the boxes of the words for its caption", async () => {
    const [picture, caption] = await split([
      line("Sales Costs", 50, { segment_type: "Picture" }),
      line("Figure 1: Sales", 90, { segment_type: "Caption" }),
    ]);
    expect(picture?.metadata).toMatchObject({
      bbox_precision: "segment",
      bbox: { left: 100, top: 50, height: 22 },
    });
    expect(caption?.metadata).toMatchObject({ bbox_precision: "word", bbox: { top: 91, width: 290 } });
  });

  it("are the boxes of the rows for a table", async () => {
    const page = typesetTable({ seed: 3, rows: 30, columns: 4, cellWords: 4, order: "line" });
    const splits = await split([page.segment], 150);
    expect(splits.length).toBeGreaterThan(3);
    for (const { metadata } of splits) {
      const rows = unionBox(page.rows.slice(metadata.row_start, (metadata.row_end ?? 0) + 1));
      expect(metadata.bbox_precision).toBe("word");
      expect(
        areaIoU(
          metadata.boxes.flatMap(({ bbox }) => bbox ?? []),
          rows ? [rows] : [],
        ),
      ).toBeGreaterThan(0.999);
      expect(metadata.ocr_confidence).toEqual({ mean: 0.95, min: 0.95 });
    }
    const [bare] = await split([{ ...page.segment, ocr: null }], 150);
    expect(bare?.metadata).toMatchObject({ bbox_precision: "segment", boxes: [{ bbox: page.segment.bbox }] });
  });

  it(`match the printed words, also hyphenated, in columns and misread (seed ${SEED})`, async () => {
    const rate = fc.constantFrom(0, 0.5, 1);
    const few = fc.constantFrom(0, 0.01, 0.03);
    const options = fc.record({
      seed: fc.nat(),
      columns: fc.integer({ min: 1, max: 2 }),
      hyphenation: rate,
      ligatures: rate,
      markdown: few,
      noise: few,
      spacing: few,
      repeated: fc.constantFrom(0, 0.3),
      reordered: fc.boolean(),
      onPage: fc.boolean(),
      lineBoxes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(options, fc.integer({ min: 60, max: 400 }), async (page, chunkSize) => {
        const { segment, printed } = typeset({ ...page, sentences: 15 });
        const documents = load([segment]);
        const [exact, estimated]: [number[], number[]] = [[], []];
        let unknown = 0;
        for (const each of await new SegmentSplitter({ chunkSize }).invoke(documents)) {
          const [held] = heldBy(each, documents) ?? [];
          const boxes = each.metadata.boxes.flatMap(({ bbox }): BBox[] => (bbox ? [bbox] : []));
          const isExact = each.metadata.bbox_precision === "word";
          const isWhole = boxes.length === 1 && String(boxes[0]) === String(segment.bbox);
          if (!isExact && (isWhole || !page.lineBoxes)) unknown++;
          else if (held) (isExact ? exact : estimated).push(areaIoU(boxes, trueLines(printed, held)));
        }
        // The words of a part with many misread words may remain unknown; of a line with one box, all of its words do.
        expect(unknown).toBeLessThanOrEqual(page.lineBoxes ? 3 : 1);
        const mean = (of: readonly number[]) => of.reduce((sum, iou) => sum + iou, 0) / of.length;
        if (exact.length > 0 && !page.lineBoxes) expect(mean(exact)).toBeGreaterThan(0.95);
        // Where words share the box of their line, their places within it are estimated by their letters.
        if (estimated.length > 0) expect(mean([...exact, ...estimated])).toBeGreaterThan(0.85);
      }),
      { seed: SEED, numRuns: 25 },
    );
  });

  it("add at most a few kilobytes to a stored split", async () => {
    const { segment } = typeset({ seed: 5, sentences: 120, columns: 2, hyphenation: 1 });
    const splits = await split([segment]);
    expect(splits.length).toBeGreaterThan(4);
    for (const { metadata } of splits) {
      expect(metadata).not.toHaveProperty("ocr");
      expect(metadata.boxes.length).toBeLessThan(60);
      expect(JSON.stringify(metadata).length).toBeLessThan(6000);
    }
  });
});
