import type { BBox } from "../../../contract.js";

/** On pages that are drawn smaller, what is written beside boxes would cover the text. */
export const MIN_SCALE = 0.45;

export const rectOf = ({ left, top, width, height }: BBox) => ({ x: left, y: top, width, height });

/** Makes a box larger on every side. */
export const grown = ({ left, top, width, height }: BBox, by: number): BBox => ({
  left: left - by,
  top: top - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

/** Returns the smallest box around all. */
export const around = (boxes: readonly BBox[]): BBox | undefined => {
  if (boxes.length === 0) return undefined;
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.left + box.width));
  const bottom = Math.max(...boxes.map((box) => box.top + box.height));
  return { left, top, width: right - left, height: bottom - top };
};

export const middleOf = ({ left, top, width, height }: BBox) => ({
  x: left + width / 2,
  y: top + height / 2,
});
