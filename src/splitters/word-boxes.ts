import { unionBox } from "../documents/bbox.js";
import type { DocumentMetadata } from "../documents/metadata.js";
import type { BBox, Word } from "../documents/segment.js";

/** How far from the segment the middle of a word may lie, in heights of the word: layout boxes are drawn tight. */
const OUTSIDE = 1;

/** Of the smaller of two heights, what words of one line have in common. */
const SAME_LINE = 1 / 2;

/** The widest space within a line, in heights of the line; what is wider parts columns. */
const WIDEST_SPACE = 3;

const isPlace = (box: BBox | null | undefined): box is BBox =>
  box != null &&
  [box.left, box.top, box.width, box.height].every((value) => Number.isFinite(value)) &&
  box.width > 0 &&
  box.height > 0;

const liesIn = (box: BBox, { width, height }: BBox): boolean => {
  const x = box.left + box.width / 2;
  const y = box.top + box.height / 2;
  const margin = box.height * OUTSIDE;
  return x >= -margin && y >= -margin && x <= width + margin && y <= height + margin;
};

const moved = (box: BBox, left: number, top: number): BBox => ({
  ...box,
  left: box.left + left,
  top: box.top + top,
});

/**
 * The boxes of a segment's words in pixels of the page; `null` for a word without a place: no extent, or outside
 * the segment.
 *
 * Word boxes are relative to the segment's corner. They are taken for boxes of the page when that is certain: read
 * as relative some lie outside the segment, read as places on the page every one lies within.
 */
export const wordBoxes = (
  words: readonly Word[],
  { bbox }: Pick<DocumentMetadata, "bbox">,
): (BBox | null)[] => {
  if (!isPlace(bbox)) return words.map(() => null);
  const { left, top } = bbox;
  const known = words.map((word) => word.bbox).filter(isPlace);
  const isOnPage =
    known.some((box) => !liesIn(box, bbox)) && known.every((box) => liesIn(moved(box, -left, -top), bbox));
  return words.map((word) => {
    const box = word.bbox;
    if (!isPlace(box)) return null;
    if (isOnPage) return box;
    return liesIn(box, bbox) ? moved(box, left, top) : null;
  });
};

const shareLine = (word: BBox, last: BBox, line: BBox): boolean => {
  const common = Math.min(word.top + word.height, last.top + last.height) - Math.max(word.top, last.top);
  const space = Math.max(line.left - word.left - word.width, word.left - line.left - line.width);
  const height = Math.min(word.height, last.height);
  return common >= height * SAME_LINE && space <= height * WIDEST_SPACE;
};

/**
 * One box around each line of words, in reading order: words go on with a line as long as they stand beside the word
 * before. Engines that give every word the box of its line give that box.
 */
export const lineBoxes = (words: readonly BBox[]): BBox[] => {
  const lines: BBox[] = [];
  let last: BBox | undefined;
  for (const word of words) {
    const line = lines.at(-1);
    if (line && last && shareLine(word, last, line)) lines[lines.length - 1] = unionBox([line, word]) ?? line;
    else lines.push(word);
    last = word;
  }
  return lines;
};
