import { boxesOf, packedOf } from "../packed-words.js";
import type { BBox, Segment } from "../segment.js";

/** The heights of headings in one font size differ by no more than this factor. */
const TOLERANCE = 1.12;

/** A tight box is lower by up to this factor where no letter has a descender. */
const DESCENDER_TOLERANCE = 1.3;

/** Average width of a letter, and of an East Asian character, as a share of the height of the line. */
const LETTER_WIDTH = 0.42;
const WIDE_LETTER_WIDTH = 0.85;

const isWide = (letter: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(letter);

/** Measures from the top of the first line of words to the top of the last. */
const dropOfWords = (boxes: readonly BBox[]): number => {
  const [first, ...rest] = boxes.toSorted((a, b) => a.top - b.top);
  let line = first;
  // A word that begins below the middle of a line is on the next line.
  for (const box of rest) if (line && box.top > line.top + line.height / 2) line = box;
  return first && line ? line.top - first.top : 0;
};

/**
 * Estimates how many lines a text has from its box: `n` letters of `w` line heights in `L` lines fill a box of `width` by
 * `height` when `L² = n · w · height / width`.
 */
const linesOfBox = (text: string, width: number, height: number): number => {
  const letters = [...text].reduce((sum, each) => sum + (isWide(each) ? WIDE_LETTER_WIDTH : LETTER_WIDTH), 0);
  return Math.max(1, Math.round(Math.sqrt((letters * height) / Math.max(1, width))));
};

/** Distance between two lines, in heights of one line, for headings without word boxes. */
const LINE_PITCH = 1.2;

/** Returns the height in pixels that the box of a heading would have on one line; `null` without a box. */
export const lineHeight = (
  segment: Pick<Segment, "bbox" | "ocr" | "packed_ocr">,
  text: string,
): number | null => {
  const { bbox } = segment;
  if (!bbox || bbox.height <= 0) return null;
  const boxes = boxesOf(packedOf(segment));
  if (boxes.length > 0) return Math.max(1, bbox.height - dropOfWords(boxes));
  const lines = linesOfBox(text, bbox.width, bbox.height);
  return bbox.height / (1 + LINE_PITCH * (lines - 1));
};

interface Mean {
  sum: number;
  count: number;
}

/** Averages the heights of headings of one size, separately for headings with and without descenders. */
export class HeadingSize {
  readonly #means = new Map<boolean, Mean>();

  get height(): number {
    const all = [...this.#means.values()];
    return all.reduce((sum, mean) => sum + mean.sum, 0) / all.reduce((count, mean) => count + mean.count, 0);
  }

  add(height: number, hangs: boolean): void {
    const mean = this.#means.get(hangs) ?? { sum: 0, count: 0 };
    this.#means.set(hangs, { sum: mean.sum + height, count: mean.count + 1 });
  }

  /** Returns 0 for the same height, and 1 for the largest difference within one size. */
  distanceTo(height: number, hangs: boolean): number {
    const own = this.#means.get(hangs);
    const mean = own ? own.sum / own.count : this.height;
    const isAsExpected = hangs ? height > mean : height < mean;
    const tolerance = !own && isAsExpected ? DESCENDER_TOLERANCE : TOLERANCE;
    return Math.abs(Math.log(height / mean)) / Math.log(tolerance);
  }
}

/** Collects the font sizes of the headings of one document. Assumes that all pages have the same resolution. */
export class HeadingSizes {
  readonly #sizes: HeadingSize[] = [];

  /** Returns the size that a heading belongs to, or a new one if no size is near. */
  of(height: number, text: string): HeadingSize {
    const hangs = /[gjpqy,;()[\]]/.test(text);
    const near = this.#sizes
      .map((size) => ({ size, distance: size.distanceTo(height, hangs) }))
      .filter(({ distance }) => distance <= 1)
      .sort((a, b) => a.distance - b.distance);
    const size = near[0]?.size ?? new HeadingSize();
    if (near.length === 0) this.#sizes.push(size);
    size.add(height, hangs);
    return size;
  }
}
