import { unionBox } from "../documents/bbox.js";
import type { PageBox } from "../documents/metadata.js";
import type { BBox } from "../documents/segment.js";

/** Hundredths of a pixel are finer than any page is read. */
const round = (value: number): number => Math.round(value * 100) / 100;

/** A box in numbers of at most two decimals, its edges moved by less than one hundredth. */
export const roundBox = (box: BBox | null): BBox | null =>
  box && {
    left: round(box.left),
    top: round(box.top),
    width: round(box.width),
    height: round(box.height),
  };

/** Places in their order, each once. */
export const distinctBoxes = (boxes: readonly PageBox[]): PageBox[] => {
  const kept = new Map<string, PageBox>();
  for (const { page_number, bbox } of boxes) {
    const rounded = roundBox(bbox);
    const key = JSON.stringify([page_number, rounded]);
    if (!kept.has(key)) kept.set(key, { page_number, bbox: rounded });
  }
  return [...kept.values()];
};

/** The smallest box around the boxes of one page; `null` when there is none. */
export const boxOnPage = (boxes: readonly PageBox[], page: number): BBox | null =>
  roundBox(unionBox(boxes.filter((box) => box.page_number === page).map((box) => box.bbox)));
