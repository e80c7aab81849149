import type { DocumentMetadata } from "../../documents/metadata.js";
import { boxesOf } from "../../documents/packed-words.js";
import type { BBox, PackedWords } from "../../documents/segment.js";
import { areInOrder, divideShared } from "./shared-boxes.js";
import { liesIn, wordFrame } from "./word-frame.js";

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

/** The share of a word's area that must be within its segment, and how far it may reach out of it, in pixels. */
const LEAST_WITHIN = 1 / 2;
const REACH = 1;

/** Cuts a box off at the edges of its segment; `null` if most of it is outside. */
export const within = (box: BBox, segment: BBox): BBox | null => {
  const [right, bottom] = [segment.left + segment.width + REACH, segment.top + segment.height + REACH];
  const left = Math.max(box.left, segment.left - REACH);
  const top = Math.max(box.top, segment.top - REACH);
  const isIn = left === box.left && top === box.top;
  if (isIn && box.left + box.width <= right && box.top + box.height <= bottom) return box;
  const width = Math.min(box.left + box.width, right) - left;
  const height = Math.min(box.top + box.height, bottom) - top;
  const isMostlyIn = width > 0 && height > 0 && width * height >= box.width * box.height * LEAST_WITHIN;
  return isMostlyIn ? { left, top, width, height } : null;
};

/** Types whose words stand in any order. */
const UNORDERED = new Set(["Formula", "Picture", "Table"]);

/**
 * Converts the boxes of a segment's words to pixels of the page; `null` for a box that is not that of its word: one
 * without an extent or outside the segment, and every box if they are those of another resolution or do not follow each
 * other as words do.
 */
export const wordBoxes = (
  words: PackedWords,
  { bbox, segment_type }: Pick<DocumentMetadata, "bbox" | "segment_type">,
): (BBox | null)[] => {
  const given = boxesOf(words);
  if (!hasExtent(bbox)) return given.map(() => null);
  const frame = wordFrame(given.filter(hasExtent), bbox);
  const placed = given.map((box) => {
    if (!frame || !hasExtent(box)) return null;
    if (!liesIn(box, bbox, frame)) return null;
    box.left += frame.left;
    box.top += frame.top;
    return within(box, bbox);
  });
  if (UNORDERED.has(segment_type)) return placed;
  const boxes = divideShared(placed, words);
  return areInOrder(boxes) ? boxes : boxes.map(() => null);
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
