import type { BBox } from "../documents/segment.js";

const middleOf = ({ top, height }: BBox): number => top + height / 2;

/** Groups items whose middles are level into lines, from the top down, and sorts each line from left to right. */
export const levelLines = <T>(items: readonly T[], boxOf: (item: T) => BBox): T[][] => {
  const lines: { middle: number; height: number; items: T[] }[] = [];
  const middle = (item: T): number => middleOf(boxOf(item));
  for (const item of items.toSorted((one, two) => middle(one) - middle(two))) {
    const line = lines.at(-1);
    const { height } = boxOf(item);
    if (line && middle(item) - line.middle <= Math.min(line.height, height) / 2) line.items.push(item);
    else lines.push({ middle: middle(item), height, items: [item] });
  }
  return lines.map((line) => line.items.sort((one, two) => boxOf(one).left - boxOf(two).left));
};
