import { WORD_NUMBERS } from "../../../documents/packed-words.js";
import type { BBox } from "../../../documents/segment.js";
import { hasExtentAt, heightAt, leftAt, topAt, widthAt } from "./box-numbers.js";

/** How far outside its segment the middle of a word may be, in heights of the word: layout boxes are drawn tight. */
const OUTSIDE = 1;

/** How far the edges of all words may be from those of the segment: in heights of a word, or as a share of the segment. */
const EDGE_HEIGHTS = 1 / 4;
const EDGE_SHARE = 0.03;

/** Scales closer to 1 are not told from boxes that are drawn loosely. */
const LEAST_SCALE = 1.25;

/** By how much boxes of words are moved to become boxes in pixels of the page. */
export type WordFrame = Pick<BBox, "left" | "top">;

const PAGE: WordFrame = { left: 0, top: 0 };

/** Tells whether the box of a word belongs to a segment once it is moved to the page. */
export const liesIn = (numbers: Float64Array, at: number, segment: BBox, frame: WordFrame): boolean => {
  const x = leftAt(numbers, at) + widthAt(numbers, at) / 2 + frame.left - segment.left;
  const y = topAt(numbers, at) + heightAt(numbers, at) / 2 + frame.top - segment.top;
  const margin = heightAt(numbers, at) * OUTSIDE;
  return x >= -margin && y >= -margin && x <= segment.width + margin && y <= segment.height + margin;
};

const areWithin = (numbers: Float64Array, segment: BBox, frame: WordFrame): boolean => {
  for (let at = 0; at < numbers.length; at += WORD_NUMBERS)
    if (hasExtentAt(numbers, at) && !liesIn(numbers, at, segment, frame)) return false;
  return true;
};

/** Compares the box around all words with that of their segment, which is drawn around them. */
class Outline {
  readonly #segment: BBox;
  readonly left: number;
  readonly top: number;
  readonly #width: number;
  readonly #height: number;
  /** The mean height of a word. */
  readonly #wordHeight: number;
  readonly count: number;

  constructor(numbers: Float64Array, segment: BBox) {
    let count = 0;
    let heights = 0;
    let [left, top] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    let [right, bottom] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = 0; at < numbers.length; at += WORD_NUMBERS) {
      if (!hasExtentAt(numbers, at)) continue;
      count += 1;
      heights += heightAt(numbers, at);
      left = Math.min(left, leftAt(numbers, at));
      top = Math.min(top, topAt(numbers, at));
      right = Math.max(right, leftAt(numbers, at) + widthAt(numbers, at));
      bottom = Math.max(bottom, topAt(numbers, at) + heightAt(numbers, at));
    }
    this.count = count;
    this.#segment = segment;
    this.left = left;
    this.top = top;
    this.#width = right - left;
    this.#height = bottom - top;
    this.#wordHeight = heights / count;
  }

  /** By how much the words must be enlarged to fill the longer side of the segment. */
  get scale(): number {
    const { width, height } = this.#segment;
    return width >= height ? width / this.#width : height / this.#height;
  }

  #isNear(one: number, other: number, length: number, scale: number): boolean {
    return Math.abs(one - other) <= Math.max(this.#wordHeight * scale * EDGE_HEIGHTS, length * EDGE_SHARE);
  }

  /** Tells whether all words begin where the segment does. */
  beginsAt(left: number, top: number, scale = 1): boolean {
    const { width, height } = this.#segment;
    return (
      this.#isNear(this.left * scale, left, width, scale) &&
      this.#isNear(this.top * scale, top, height, scale)
    );
  }

  /** Tells whether all words are as wide and high as the segment; lines may be shorter than it is wide. */
  isAsLarge(scale = 1): boolean {
    const { width, height } = this.#segment;
    return (
      this.#isNear(this.#width * scale, width, 2 * width, scale) &&
      this.#isNear(this.#height * scale, height, 2 * height, scale)
    );
  }
}

/**
 * Finds out what the boxes of a segment's words are relative to.
 *
 * They should be relative to the segment's corner and in its pixels. Some are boxes of the page, or all moved alike:
 * the segment shows it, because it is drawn around its words. Where nothing else fits better, they are taken as they
 * should be.
 *
 * @param numbers those of packed words
 * @returns `undefined` if they are those of a page that was read at another resolution. They are not enlarged: the scale
 *   that the segment shows is a few hundredths off, as it is drawn with a margin, and by a page's end that is a line
 *   (mean IoU 0.73 in `bench/boxes`)
 */
export const wordFrame = (numbers: Float64Array, segment: BBox): WordFrame | undefined => {
  const { left, top } = segment;
  const outline = new Outline(numbers, segment);
  if (outline.count === 0) return segment;
  const isRelative = areWithin(numbers, segment, segment);
  if (isRelative && outline.isAsLarge() && outline.beginsAt(0, 0)) return segment;
  const mayBeOnPage = !isRelative || (outline.isAsLarge() && outline.beginsAt(left, top));
  if (mayBeOnPage && areWithin(numbers, segment, PAGE)) return PAGE;
  if (outline.isAsLarge()) return { left: left - outline.left, top: top - outline.top };
  const { scale } = outline;
  const isScaled = outline.count > 1 && Math.max(scale, 1 / scale) >= LEAST_SCALE && outline.isAsLarge(scale);
  return isScaled && (outline.beginsAt(0, 0, scale) || outline.beginsAt(left, top, scale))
    ? undefined
    : segment;
};
