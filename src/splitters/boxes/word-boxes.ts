import type { DocumentMetadata } from "../../documents/metadata.js";
import { boxesOf } from "../../documents/packed-words.js";
import type { BBox, PackedWords } from "../../documents/segment.js";

/** How far outside its segment the middle of a word may be, in heights of the word: layout boxes are drawn tight. */
const OUTSIDE = 1;

/** The share of the smaller of two heights that words of one line have in common. */
const SAME_LINE = 1 / 2;

/** The widest space within a line, in heights of the line; a wider one separates columns. */
const WIDEST_SPACE = 3;

const isLength = (value: number): boolean => Number.isFinite(value) && value > 0;

const hasExtent = (box: BBox | null | undefined): box is BBox =>
  box != null &&
  Number.isFinite(box.left) &&
  Number.isFinite(box.top) &&
  isLength(box.width) &&
  isLength(box.height);

/** Tells whether a box is within an area whose corner is at 0, 0, after it was moved. */
const liesIn = (box: BBox, { width, height }: BBox, moveX = 0, moveY = 0): boolean => {
  const x = box.left + moveX + box.width / 2;
  const y = box.top + moveY + box.height / 2;
  const margin = box.height * OUTSIDE;
  return x >= -margin && y >= -margin && x <= width + margin && y <= height + margin;
};

const areOnPage = (boxes: readonly BBox[], bbox: BBox): boolean => {
  const known = boxes.filter(hasExtent);
  return (
    known.some((box) => !liesIn(box, bbox)) && known.every((box) => liesIn(box, bbox, -bbox.left, -bbox.top))
  );
};

/**
 * Converts the boxes of a segment's words to pixels of the page; `null` for a box without an extent or outside the
 * segment.
 *
 * Word boxes are relative to the segment's corner. They are taken for boxes of the page if that is certain: read as
 * relative, some are outside the segment; read as boxes of the page, all are within.
 */
export const wordBoxes = (words: PackedWords, { bbox }: Pick<DocumentMetadata, "bbox">): (BBox | null)[] => {
  const boxes = boxesOf(words).map((box) => {
    if (!hasExtent(bbox) || !hasExtent(box) || !liesIn(box, bbox)) return null;
    box.left += bbox.left;
    box.top += bbox.top;
    return box;
  });
  if (!hasExtent(bbox) || !boxes.includes(null)) return boxes;
  const onPage = boxesOf(words);
  return areOnPage(onPage, bbox) ? onPage.map((box) => (hasExtent(box) ? box : null)) : boxes;
};

const shareLine = (word: BBox, last: BBox, line: BBox): boolean => {
  const common = Math.min(word.top + word.height, last.top + last.height) - Math.max(word.top, last.top);
  const space = Math.max(line.left - word.left - word.width, word.left - line.left - line.width);
  const height = Math.min(word.height, last.height);
  return common >= height * SAME_LINE && space <= height * WIDEST_SPACE;
};

/** Enlarges a box so that it contains another. */
const extend = (box: BBox, by: BBox): void => {
  const right = Math.max(box.left + box.width, by.left + by.width);
  const bottom = Math.max(box.top + box.height, by.top + by.height);
  box.left = Math.min(box.left, by.left);
  box.top = Math.min(box.top, by.top);
  box.width = right - box.left;
  box.height = bottom - box.top;
};

/**
 * Draws one box around each line of words, in reading order. A line continues as long as each word is beside the word
 * before. Where an engine gives every word the box of its line, the result is that box.
 */
export const lineBoxes = (words: readonly BBox[]): BBox[] => {
  const lines: BBox[] = [];
  let line: BBox | undefined;
  let last: BBox | undefined;
  for (const word of words) {
    if (line && last && shareLine(word, last, line)) extend(line, word);
    else {
      line = { left: word.left, top: word.top, width: word.width, height: word.height };
      lines.push(line);
    }
    last = word;
  }
  return lines;
};
