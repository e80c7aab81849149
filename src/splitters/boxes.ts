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

/** The smallest box around boxes; `null` when there is none. */
export const unionBox = (boxes: readonly (BBox | null)[]): BBox | null => {
  const known = boxes.filter((box) => box !== null);
  const [first] = known;
  if (!first || known.length === 1) return first ?? null;
  const left = Math.min(...known.map((box) => box.left));
  const top = Math.min(...known.map((box) => box.top));
  const right = Math.max(...known.map((box) => box.left + box.width));
  const bottom = Math.max(...known.map((box) => box.top + box.height));
  return { left, top, width: right - left, height: bottom - top };
};
