import { unionBox } from "../../documents/bbox.js";
import type { SegmentDocument } from "../../documents/metadata.js";
import { NO_WORDS, unpackWords } from "../../documents/packed-words.js";
import type { BBox } from "../../documents/segment.js";
import { firstAbove } from "../../internal/binary-search.js";
import { inkOf } from "./normalized-text.js";
import { rowsOfLines } from "./row-alignment.js";
import { wordBoxes } from "./word-boxes.js";

/** The least share of the rows of a range that must be found on the page, its first and last among them. */
const LEAST_ROWS = 0.9;

/** What rows of a table take up on the page. */
export interface RowPlace {
  /** In pixels of the page, as wide as the table. */
  bbox: BBox;
  /** Numbers of the words within. */
  words: number[];
}

interface Line {
  words: number[];
  middle: number;
  height: number;
}

const middleOf = ({ top, height }: BBox): number => top + height / 2;

/** Words by where their middles are, from the top down, so that those of a few rows are found without a look at all. */
class WordsByHeight {
  readonly #words: readonly number[];
  readonly #middles: Float64Array;

  constructor(boxes: readonly (BBox | null)[]) {
    const placed = boxes.flatMap((box, word) => (box ? [{ middle: middleOf(box), word }] : []));
    placed.sort((one, two) => one.middle - two.middle);
    this.#words = placed.map(({ word }) => word);
    this.#middles = Float64Array.from(placed, ({ middle }) => middle);
  }

  /** Numbers of the words whose middles are below `top` and above `bottom`, ascending. */
  between(top: number, bottom: number): number[] {
    const first = firstAbove(this.#middles, top);
    let end = first;
    while (end < this.#middles.length && (this.#middles[end] ?? 0) < bottom) end += 1;
    return this.#words.slice(first, end).sort((one, two) => one - two);
  }
}

/** Words whose middles are level, from the top down and from left to right. */
const levelLines = (boxes: readonly (BBox | null)[]): Line[] => {
  const lines: Line[] = [];
  const placed = boxes.flatMap((box, word) => (box ? [{ box, word }] : []));
  placed.sort((one, two) => middleOf(one.box) - middleOf(two.box));
  for (const { box, word } of placed) {
    const line = lines.at(-1);
    const middle = middleOf(box);
    if (line && middle - line.middle <= Math.min(line.height, box.height) / 2) line.words.push(word);
    else lines.push({ words: [word], middle, height: box.height });
  }
  const leftOf = (word: number): number => boxes[word]?.left ?? 0;
  for (const { words } of lines) words.sort((one, two) => leftOf(one) - leftOf(two));
  return lines;
};

/**
 * Where the rows of one table stand, found from the word boxes of its segment. The box of rows is around all words of
 * these rows and as wide as the table.
 *
 * @example
 * ```ts
 * const rows = new TableRows(segment, [["Alder North", "20 MW"], …]);
 * rows.placeOf({ from: 0, to: 9 })?.bbox; // { left: 110, top: 138.8, width: 971, height: 279 }
 * ```
 */
export class TableRows {
  readonly #boxes: readonly (BBox | null)[];
  readonly #byHeight: WordsByHeight;
  readonly #table: BBox | null;
  readonly #isEmpty: readonly boolean[];
  /** For each row the words of its lines. */
  readonly #wordsOf: readonly (readonly number[])[];

  /** @param cells the texts of every body row of the table in that segment */
  constructor({ metadata }: SegmentDocument, cells: readonly (readonly string[])[]) {
    const packed = metadata.packed_ocr ?? NO_WORDS;
    const words = unpackWords(packed);
    const boxes = wordBoxes(packed, metadata);
    const lines = levelLines(boxes);
    const texts = lines.map((line) => line.words.map((word) => words[word]?.text ?? ""));
    const found = rowsOfLines(texts, cells).rows;
    const wordsOf = cells.map((): number[] => []);
    for (const [index, line] of lines.entries()) wordsOf[found[index] ?? -1]?.push(...line.words);
    this.#boxes = boxes;
    this.#byHeight = new WordsByHeight(boxes);
    this.#table = metadata.bbox;
    this.#isEmpty = cells.map((row) => row.every((cell) => inkOf(cell) === ""));
    this.#wordsOf = wordsOf;
  }

  /** @returns `undefined` when rows from `from` to `to`, both inclusive, were not found */
  placeOf({ from, to }: { from: number; to: number }): RowPlace | undefined {
    const rows = this.#wordsOf.slice(from, to + 1);
    const full = rows.filter((_, index) => !this.#isEmpty[from + index]);
    const found = full.filter((words) => words.length > 0);
    const isWhole = (full[0]?.length ?? 0) > 0 && (full.at(-1)?.length ?? 0) > 0;
    const union = unionBox(rows.flat().map((word) => this.#boxes[word] ?? null));
    if (!isWhole || found.length < full.length * LEAST_ROWS || !union || !this.#table) return undefined;
    const { left, width } = this.#table;
    // A row is easiest to see over the whole width of its table.
    const bbox = unionBox([union, { ...union, left, width }]) ?? union;
    return { bbox, words: this.#byHeight.between(bbox.top, bbox.top + bbox.height) };
  }
}
