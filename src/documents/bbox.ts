import type { BBox } from "./segment.js";

/** Computes the smallest box around boxes; `null` if there is none. */
export const unionBox = (boxes: Iterable<BBox | null>): BBox | null => {
  let first: BBox | null = null;
  let count = 0;
  let [left, top] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [right, bottom] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const box of boxes) {
    if (box === null) continue;
    first ??= box;
    count++;
    left = Math.min(left, box.left);
    top = Math.min(top, box.top);
    right = Math.max(right, box.left + box.width);
    bottom = Math.max(bottom, box.top + box.height);
  }
  // A box by itself stays as it is, to the last digit.
  return count < 2 ? first : { left, top, width: right - left, height: bottom - top };
};
