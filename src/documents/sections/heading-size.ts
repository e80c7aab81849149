import { boxesOf, packedOf } from "../packed-words.js";
import type { BBox, Segment } from "../segment.js";

/** Boxes around the line of the font, of headings in one size, differ by no more than this factor. */
const FONT_TOLERANCE = 1.12;

/** Heights of ink, of headings in one size, differ by no more than this factor once their letters are accounted for. */
const INK_TOLERANCE = 1.07;

/** Shares of the font size that ink reaches above and below the line on which letters stand; averages of common fonts. */
const INK = {
  small: 0.48,
  tall: 0.7,
  accented: 0.88,
  bracketed: 0.75,
  descender: 0.21,
  comma: 0.14,
} as const;

/** Scripts whose letters nearly all have the same height, or whose heights are not known. */
const OTHER_SCRIPT = /[^\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{P}\p{Z}\p{S}\p{M}\p{Nd}]/u;
const TALL = /[\p{Lu}\p{Nd}bdfhijkltßþðіїйёδθλβξζ]|\p{L}\p{M}/u;
const ACCENTED_CAPITAL = /\p{Lu}\p{M}/u;
const BRACKET = /[()[\]{}|]/;
const DESCENDER = /[gjpqyþруфцщдβγζημξρςφχψµ]/u;

/** Estimates the height of the ink of one line, as a share of the font size. */
const inkHeight = (text: string): number => {
  const letters = text.normalize("NFD");
  if (OTHER_SCRIPT.test(letters)) return INK.tall + INK.descender;
  const hasBracket = BRACKET.test(letters);
  const tall = hasBracket ? INK.bracketed : TALL.test(letters) ? INK.tall : INK.small;
  const above = ACCENTED_CAPITAL.test(letters) ? INK.accented : tall;
  if (hasBracket || DESCENDER.test(letters)) return above + INK.descender;
  return /[,;Q]/.test(letters) ? above + INK.comma : above;
};

/** Average width of a letter, a capital and an East Asian character, as a share of the height of the line. */
const LETTER_WIDTH = 0.42;
const CAPITAL_WIDTH = 0.58;
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

const widthOf = (letter: string): number =>
  isWide(letter) ? WIDE_LETTER_WIDTH : /\p{Lu}/u.test(letter) ? CAPITAL_WIDTH : LETTER_WIDTH;

/**
 * Estimates how many lines a text has from its box: `n` letters of `w` line heights in `L` lines fill a box of `width` by
 * `height` when `L² = n · w · height / width`.
 */
const linesOfBox = (text: string, width: number, height: number): number => {
  const letters = [...text].reduce((sum, each) => sum + widthOf(each), 0);
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

/** Collects heights of one size. */
class HeadingSize {
  #sum = 0;
  #count = 0;

  get height(): number {
    return this.#sum / this.#count;
  }

  add(height: number): void {
    this.#sum += height;
    this.#count += 1;
  }

  /** Returns 0 for the same height, and 1 for the largest difference within one size. */
  distanceTo(height: number, tolerance: number): number {
    return Math.abs(Math.log(height / this.height)) / Math.log(tolerance);
  }
}

/** Groups heights that differ by no more than a factor. */
class SizeGroups {
  readonly #tolerance: number;
  readonly #sizes: HeadingSize[] = [];

  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  get count(): number {
    return this.#sizes.length;
  }

  /** Tells whether two sizes are as near as heights of one size. */
  isNear(one: HeadingSize, other: HeadingSize): boolean {
    return one.distanceTo(other.height, this.#tolerance) <= 1;
  }

  /** Returns the size that a height belongs to, or a new one if no size is near. */
  of(height: number): HeadingSize {
    let nearest: HeadingSize | undefined;
    let least = 1;
    for (const size of this.#sizes) {
      const distance = size.distanceTo(height, this.#tolerance);
      if (distance <= least) [nearest, least] = [size, distance];
    }
    const size = nearest ?? new HeadingSize();
    if (!nearest) this.#sizes.push(size);
    size.add(height);
    return size;
  }
}

/** The size of one heading, read both ways; see {@link HeadingSizes}. */
export interface SizeOfHeading {
  font: HeadingSize;
  ink: HeadingSize;
}

/**
 * Compares the font sizes of the headings of one document. Assumes that all pages have the same resolution.
 *
 * Some services draw a box around the line of the font, which has one height for all letters; others draw it
 * around the ink, which is lower where no letter has a descender. Which of them holds is not said, so heights are
 * grouped both ways, and the way that needs fewer sizes counts: real documents have few. The first heading is left out
 * of that: a title has a size of its own, and its font may be larger by just what a descender adds.
 */
export class HeadingSizes {
  readonly #font = new SizeGroups(FONT_TOLERANCE);
  readonly #ink = new SizeGroups(INK_TOLERANCE);
  #first: SizeOfHeading | undefined;

  add(height: number, text: string): SizeOfHeading {
    const ink = height / inkHeight(text);
    if (this.#first) return { font: this.#font.of(height), ink: this.#ink.of(ink) };
    const first = { font: new HeadingSize(), ink: new HeadingSize() };
    first.font.add(height);
    first.ink.add(ink);
    this.#first = first;
    return first;
  }

  /** Compares two sizes: positive if the first is larger, 0 if they are the same. */
  compare(one: SizeOfHeading, other: SizeOfHeading): number {
    const way = this.#ink.count < this.#font.count ? "ink" : "font";
    const isFirst = one === this.#first || other === this.#first;
    const groups = way === "ink" ? this.#ink : this.#font;
    const isSame = isFirst ? groups.isNear(one[way], other[way]) : one[way] === other[way];
    return isSame ? 0 : one[way].height - other[way].height;
  }
}
