import { unionBox } from "../../src/documents/bbox.js";
import type { SegmentDocument, SplitDocument } from "../../src/documents/metadata.js";
import type { BBox } from "../../src/documents/segment.js";
import { SegmentSplitter } from "../../src/splitters/segment-splitter.js";
import { areaIoU, heldBy, trueLines } from "./truth.js";
import type { Printed } from "./typesetter.js";

/** The true boxes of a document. */
export interface Truth {
  /** Where the words of a segment's text are printed; `undefined` when that is not known. */
  printed(segment: SegmentDocument): readonly Printed[] | undefined;
  /** The boxes of the body rows of a table. */
  rows(segment: SegmentDocument): readonly BBox[] | undefined;
}

/** Figures over the splits of one kind. */
export class Tally {
  splits = 0;
  word = 0;
  /** Intersection over union with the true boxes, of splits with word precision whose true boxes are known. */
  readonly ious: number[] = [];

  add(precision: string, iou: number | undefined): void {
    this.splits += 1;
    if (precision === "word") this.word += 1;
    if (precision === "word" && iou !== undefined) this.ious.push(iou);
  }

  get wordShare(): number {
    return this.splits === 0 ? 1 : this.word / this.splits;
  }

  get mean(): number | undefined {
    return this.ious.length === 0
      ? undefined
      : this.ious.reduce((sum, iou) => sum + iou, 0) / this.ious.length;
  }

  get least(): number | undefined {
    return this.ious.length === 0 ? undefined : Math.min(...this.ious);
  }
}

export interface Measured {
  text: Tally;
  tables: Tally;
}

const boxesOf = ({ metadata }: SplitDocument): BBox[] => metadata.boxes.flatMap(({ bbox }) => bbox ?? []);

/** Excluded types: a picture has no words of its own, and the rows of tables are measured separately. */
const isText = (type: string): boolean => type !== "Picture" && type !== "Table";

const textIoU = (
  split: SplitDocument,
  segments: readonly SegmentDocument[],
  truth: Truth,
): number | undefined => {
  const held = heldBy(split, segments);
  const pages = new Map<number, BBox[]>();
  for (const each of held ?? []) {
    const printed = truth.printed(each.segment);
    if (!printed) return undefined;
    const page = each.segment.metadata.page_number;
    pages.set(page, [...(pages.get(page) ?? []), ...trueLines(printed, each)]);
  }
  if (!held) return undefined;
  const ious = [...pages].map(([page, lines]) =>
    areaIoU(
      split.metadata.boxes.flatMap((box) => (box.page_number === page && box.bbox ? [box.bbox] : [])),
      lines,
    ),
  );
  return ious.reduce((sum, iou) => sum + iou, 0) / Math.max(1, ious.length);
};

const tableIoU = (
  split: SplitDocument,
  segments: readonly SegmentDocument[],
  truth: Truth,
): number | undefined => {
  const { row_start, row_end, segment_index, segment_indices } = split.metadata;
  const segment = segments.find(({ metadata }) => metadata.segment_index === segment_index);
  const rows = segment && truth.rows(segment);
  if (row_start === undefined || row_end === undefined || !rows || segment_indices.length > 1)
    return undefined;
  const union = unionBox(rows.slice(row_start, row_end + 1));
  return union ? areaIoU(boxesOf(split), [union]) : undefined;
};

/** Splits a document and compares the boxes of its splits with the true ones. */
export const measure = async (
  segments: SegmentDocument[],
  truth: Truth,
  chunkSize: number,
): Promise<Measured> => {
  const measured = { text: new Tally(), tables: new Tally() };
  for (const split of await new SegmentSplitter({ chunkSize }).invoke(segments)) {
    const { segment_type, bbox_precision, row_start } = split.metadata;
    if (isText(segment_type)) measured.text.add(bbox_precision, textIoU(split, segments, truth));
    else if (row_start !== undefined) measured.tables.add(bbox_precision, tableIoU(split, segments, truth));
  }
  return measured;
};
