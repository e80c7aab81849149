import type { PageBox, SegmentDocument } from "../documents/metadata.js";
import type { BBox } from "../documents/segment.js";

const sameBox = (a: BBox | null, b: BBox | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.left === b.left &&
    a.top === b.top &&
    a.width === b.width &&
    a.height === b.height);

/** The places of segments, in their order, each place once. */
export const pageBoxes = (segments: readonly SegmentDocument[]): PageBox[] => {
  const boxes: PageBox[] = [];
  for (const { metadata } of segments) {
    const { page_number, bbox } = metadata;
    if (!boxes.some((box) => box.page_number === page_number && sameBox(box.bbox, bbox)))
      boxes.push({ page_number, bbox });
  }
  return boxes;
};
