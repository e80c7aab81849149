import type { DocumentMetadata } from "../../../documents/metadata.js";
import { boxAt, WORD_NUMBERS } from "../../../documents/packed-words.js";
import type { BBox, PackedWords } from "../../../documents/segment.js";
import {
  hasExtent,
  hasExtentAt,
  heightAt,
  leftAt,
  removeBox,
  setBox,
  topAt,
  widthAt,
} from "./box-numbers.js";
import { areInOrder, divideShared, type SharedLine } from "./shared-boxes.js";
import { liesIn, type WordFrame, wordFrame } from "./word-frame.js";

/** The share of the smaller of two heights that words of one line have in common. */
const SAME_LINE = 1 / 2;

/** The widest space within a line, in heights of the line; a wider one separates columns. */
const WIDEST_SPACE = 3;

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

/** Moves a box to the page and cuts it off at the edges of its segment; removes it if it is outside. */
const place = (numbers: Float64Array, at: number, segment: BBox, frame: WordFrame): void => {
  if (!hasExtentAt(numbers, at) || !liesIn(numbers, at, segment, frame)) {
    removeBox(numbers, at);
    return;
  }
  const left = leftAt(numbers, at) + frame.left;
  const top = topAt(numbers, at) + frame.top;
  const [width, height] = [widthAt(numbers, at), heightAt(numbers, at)];
  const isInside =
    left >= segment.left - REACH &&
    top >= segment.top - REACH &&
    left + width <= segment.left + segment.width + REACH &&
    top + height <= segment.top + segment.height + REACH;
  const box = isInside ? undefined : within({ left, top, width, height }, segment);
  if (box === null) removeBox(numbers, at);
  else if (box) setBox(numbers, at, box.left, box.top, box.width, box.height);
  else setBox(numbers, at, left, top, width, height);
};

/** Types whose words stand in any order. */
const UNORDERED = new Set(["Formula", "Picture", "Table"]);

/** Enlarges a box so that it contains another. */
const extend = (box: BBox, numbers: Float64Array, at: number): void => {
  const right = Math.max(box.left + box.width, leftAt(numbers, at) + widthAt(numbers, at));
  const bottom = Math.max(box.top + box.height, topAt(numbers, at) + heightAt(numbers, at));
  box.left = Math.min(box.left, leftAt(numbers, at));
  box.top = Math.min(box.top, topAt(numbers, at));
  box.width = right - box.left;
  box.height = bottom - box.top;
};

/** Tells whether a word continues the line of the word before it. */
const continuesLine = (numbers: Float64Array, at: number, before: number, line: BBox): boolean => {
  const [top, height] = [topAt(numbers, at), heightAt(numbers, at)];
  const [topBefore, heightBefore] = [topAt(numbers, before), heightAt(numbers, before)];
  const common = Math.min(top + height, topBefore + heightBefore) - Math.max(top, topBefore);
  const left = leftAt(numbers, at);
  const space = Math.max(line.left - left - widthAt(numbers, at), left - line.left - line.width);
  const least = Math.min(height, heightBefore);
  return common >= least * SAME_LINE && space <= least * WIDEST_SPACE;
};

/**
 * The boxes of a segment's words in pixels of the page. A word has none if its box is not that of the word: one without
 * an extent or outside the segment, and every box if they are those of another resolution or do not follow each other
 * as words do.
 */
export class WordBoxes {
  /** In the layout of packed words. */
  readonly #numbers: Float64Array;
  /** The lines of which each word has a share that was estimated by its letters. */
  readonly #divided: readonly SharedLine[] = [];
  readonly count: number;

  constructor(
    { numbers, text }: PackedWords,
    { bbox, segment_type }: Pick<DocumentMetadata, "bbox" | "segment_type">,
  ) {
    this.#numbers = numbers.slice();
    this.count = numbers.length / WORD_NUMBERS;
    const frame = hasExtent(bbox) ? wordFrame(numbers, bbox) : undefined;
    if (!bbox || !frame) {
      this.#removeAll();
      return;
    }
    for (let at = 0; at < numbers.length; at += WORD_NUMBERS) place(this.#numbers, at, bbox, frame);
    if (UNORDERED.has(segment_type)) return;
    this.#divided = divideShared(this.#numbers, text);
    if (!areInOrder(this.#numbers)) this.#removeAll();
  }

  has(word: number): boolean {
    return hasExtentAt(this.#numbers, word * WORD_NUMBERS);
  }

  /** Returns the box of a word; `null` if it has none. */
  at(word: number): BBox | null {
    return this.has(word) ? boxAt(this.#numbers, word * WORD_NUMBERS) : null;
  }

  /** Tells whether words are only a part of a line that was divided by letters, so that their boxes are estimates. */
  areEstimated(words: readonly number[]): boolean {
    return this.#divided.some(({ first, end }) => {
      const within = words.filter((word) => word >= first && word < end).length;
      return within > 0 && within < end - first;
    });
  }

  /**
   * Draws one box around each line of words, in reading order. A line continues as long as each word is beside the word
   * before. Where an engine gives every word the box of its line, the result is that box.
   *
   * @param words those with a box
   */
  linesOf(words: readonly number[]): BBox[] {
    const numbers = this.#numbers;
    const lines: BBox[] = [];
    let line: BBox | undefined;
    let before = 0;
    for (const word of words) {
      const at = word * WORD_NUMBERS;
      if (line && continuesLine(numbers, at, before, line)) extend(line, numbers, at);
      else {
        line = boxAt(numbers, at);
        lines.push(line);
      }
      before = at;
    }
    return lines;
  }

  #removeAll(): void {
    for (let at = 0; at < this.#numbers.length; at += WORD_NUMBERS) removeBox(this.#numbers, at);
  }
}
