import type { BBox } from "./segment.js";

/** The smallest box around boxes; `null` when there is none. */
export const unionBox = (boxes: readonly (BBox | null)[]): BBox | null => {
  const [first, ...others] = boxes.filter((box) => box !== null);
  if (!first || others.length === 0) return first ?? null;
  let { left, top } = first;
  let right = left + first.width;
  let bottom = top + first.height;
  for (const box of others) {
    left = Math.min(left, box.left);
    top = Math.min(top, box.top);
    right = Math.max(right, box.left + box.width);
    bottom = Math.max(bottom, box.top + box.height);
  }
  return { left, top, width: right - left, height: bottom - top };
};
