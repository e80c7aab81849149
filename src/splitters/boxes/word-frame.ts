import { unionBox } from "../../documents/bbox.js";
import type { BBox } from "../../documents/segment.js";

/** How far outside its segment the middle of a word may be, in heights of the word: layout boxes are drawn tight. */
const OUTSIDE = 1;

/** How far the edges of all words may be from those of the segment: in heights of a word, or as a share of the segment. */
const EDGE_HEIGHTS = 1 / 4;
const EDGE_SHARE = 0.03;

/** Scales closer to 1 are not told from boxes that are drawn loosely. */
const LEAST_SCALE = 1.25;

/** By how much boxes of words are moved to become boxes in pixels of the page. */
export type WordFrame = Pick<BBox, "left" | "top">;

/** Tells whether a box belongs to a segment once it is moved to the page. */
export const liesIn = (box: BBox, segment: BBox, frame: WordFrame): boolean => {
  const x = box.left + box.width / 2 + frame.left - segment.left;
  const y = box.top + box.height / 2 + frame.top - segment.top;
  const margin = box.height * OUTSIDE;
  return x >= -margin && y >= -margin && x <= segment.width + margin && y <= segment.height + margin;
};

/** Compares the box around all words with that of their segment, which is drawn around them. */
class Outline {
  readonly #union: BBox;
  readonly #segment: BBox;
  readonly #height: number;

  /** @param height of a word */
  constructor(union: BBox, segment: BBox, height: number) {
    this.#union = union;
    this.#segment = segment;
    this.#height = height;
  }

  #isNear(one: number, other: number, length: number, scale: number): boolean {
    return Math.abs(one - other) <= Math.max(this.#height * scale * EDGE_HEIGHTS, length * EDGE_SHARE);
  }

  /** Tells whether all words begin where the segment does. */
  beginsAt(left: number, top: number, scale = 1): boolean {
    const { width, height } = this.#segment;
    return (
      this.#isNear(this.#union.left * scale, left, width, scale) &&
      this.#isNear(this.#union.top * scale, top, height, scale)
    );
  }

  /** Tells whether all words are as wide and high as the segment; lines may be shorter than it is wide. */
  isAsLarge(scale = 1): boolean {
    const { width, height } = this.#segment;
    return (
      this.#isNear(this.#union.width * scale, width, 2 * width, scale) &&
      this.#isNear(this.#union.height * scale, height, 2 * height, scale)
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
 * @param boxes those with an extent
 * @returns `undefined` if they are those of a page that was read at another resolution, because how much larger or
 *   smaller it was is not known well enough to tell one line from the next
 */
export const wordFrame = (boxes: readonly BBox[], segment: BBox): WordFrame | undefined => {
  const { left, top } = segment;
  const union = unionBox(boxes);
  if (!union) return segment;
  const isWithin = (frame: WordFrame): boolean => boxes.every((box) => liesIn(box, segment, frame));
  const height = boxes.reduce((sum, box) => sum + box.height, 0) / boxes.length;
  const outline = new Outline(union, segment, height);
  const isRelative = isWithin(segment);
  if (isRelative && outline.isAsLarge() && outline.beginsAt(0, 0)) return segment;
  const onPage = { left: 0, top: 0 };
  if (isWithin(onPage) && (!isRelative || (outline.isAsLarge() && outline.beginsAt(left, top))))
    return onPage;
  if (outline.isAsLarge()) return { left: left - union.left, top: top - union.top };
  const scale = segment.width >= segment.height ? segment.width / union.width : segment.height / union.height;
  const isScaled = boxes.length > 1 && Math.max(scale, 1 / scale) >= LEAST_SCALE && outline.isAsLarge(scale);
  return isScaled && (outline.beginsAt(0, 0, scale) || outline.beginsAt(left, top, scale))
    ? undefined
    : segment;
};
