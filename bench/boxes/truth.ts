import { unionBox } from "../../src/documents/bbox.js";
import type { SegmentDocument, SplitDocument } from "../../src/documents/metadata.js";
import type { BBox } from "../../src/documents/segment.js";
import type { Printed } from "./typesetter.js";

/** The part of a segment that a split contains. */
export interface Held {
  segment: SegmentDocument;
  start: number;
  end: number;
}

/**
 * Finds the parts of segments that a split contains, by comparing texts: whole segments, and possibly a part of the last.
 *
 * @returns `undefined` when the split is not made of the texts of its segments, or a part occurs twice
 */
export const heldBy = (split: SplitDocument, segments: readonly SegmentDocument[]): Held[] | undefined => {
  const held: Held[] = [];
  let rest = split.pageContent;
  for (const index of split.metadata.segment_indices) {
    const segment = segments.find(({ metadata }) => metadata.segment_index === index);
    if (!segment) return undefined;
    const text = segment.pageContent;
    const own = text.trim();
    const shift = text.indexOf(own);
    if (rest.startsWith(own)) {
      held.push({ segment, start: shift, end: shift + own.length });
      rest = rest.slice(own.length).trimStart();
      continue;
    }
    const start = rest === "" ? -1 : text.indexOf(rest);
    if (start < 0 || text.lastIndexOf(rest) !== start) return undefined;
    held.push({ segment, start, end: start + rest.length });
    rest = "";
  }
  return rest === "" ? held : undefined;
};

/** Returns the boxes of the lines in which a part of a text is printed. */
export const trueLines = (
  printed: readonly Printed[],
  { start, end }: Pick<Held, "start" | "end">,
): BBox[] => {
  const lines = new Map<number, BBox[]>();
  for (const piece of printed) {
    if (piece.start >= end || piece.end <= start) continue;
    const line = lines.get(piece.line);
    if (line) line.push(piece.bbox);
    else lines.set(piece.line, [piece.bbox]);
  }
  return [...lines.values()].flatMap((boxes) => unionBox(boxes) ?? []);
};

const covers = (boxes: readonly BBox[], x: number, y: number): boolean =>
  boxes.some(({ left, top, width, height }) => x > left && x < left + width && y > top && y < top + height);

/** Computes the intersection over union of the areas that two lists of boxes cover, 0 to 1; 1 when both are empty. */
export const areaIoU = (a: readonly BBox[], b: readonly BBox[]): number => {
  const edges = (of: (box: BBox) => number[]): number[] =>
    [...new Set([...a, ...b].flatMap(of))].sort((one, two) => one - two);
  const xs = edges(({ left, width }) => [left, left + width]);
  const ys = edges(({ top, height }) => [top, top + height]);
  let common = 0;
  let all = 0;
  for (const [row, top] of ys.slice(0, -1).entries()) {
    const bottom = ys[row + 1] ?? top;
    for (const [column, left] of xs.slice(0, -1).entries()) {
      const right = xs[column + 1] ?? left;
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const [inA, inB] = [covers(a, x, y), covers(b, x, y)];
      const area = (right - left) * (bottom - top);
      if (inA && inB) common += area;
      if (inA || inB) all += area;
    }
  }
  return all === 0 ? 1 : common / all;
};
