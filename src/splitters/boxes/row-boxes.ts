import { unionBox } from "../../documents/bbox.js";
import type { PageBox, SegmentDocument } from "../../documents/metadata.js";
import { NO_WORDS, textAt } from "../../documents/packed-words.js";
import type { BBox } from "../../documents/segment.js";
import { firstAbove } from "../../internal/lists.js";
import { levelLines } from "../level-lines.js";
import { normalizedLetters } from "./alignment/normalized-text.js";
import { rowsOfLines } from "./alignment/row-alignment.js";
import { type BoxedWord, type TablePage, tablePages } from "./table-pages.js";
import { within } from "./words/word-boxes.js";

/** The share of the rows of a range that must be found on the page, its first and last among them. */
const MIN_FOUND_ROWS = 0.9;

/** Where rows of a table are on their pages. */
export interface RowLocation {
  /** One for each page, in pixels of the page, as wide as the table. */
  boxes: PageBox[];
  /** The indices of the words within. */
  words: number[];
}

const middleOf = ({ top, height }: BBox): number => top + height / 2;

/** Words sorted by the height of their middles, so that those of a few rows are found by binary search. */
class WordsByHeight {
  readonly #words: readonly number[];
  readonly #middles: Float64Array;

  constructor(words: readonly BoxedWord[]) {
    const sorted = words.map(({ box, word }) => ({ middle: middleOf(box), word }));
    sorted.sort((one, two) => one.middle - two.middle);
    this.#words = sorted.map(({ word }) => word);
    this.#middles = Float64Array.from(sorted, ({ middle }) => middle);
  }

  /** Lists the indices of the words whose middles are below `top` and above `bottom`, ascending. */
  between(top: number, bottom: number): number[] {
    const first = firstAbove(this.#middles, top);
    let end = first;
    while (end < this.#middles.length && (this.#middles[end] ?? 0) < bottom) end += 1;
    return this.#words.slice(first, end).sort((one, two) => one - two);
  }
}

/** The words of a table on one page. */
interface WordsOfPage {
  page: TablePage;
  boxes: ReadonlyMap<number, BBox>;
  byHeight: WordsByHeight;
}

/**
 * Locates the rows of one table by the word boxes of its segment. The box of rows is around all words of these rows
 * and as wide as the table; rows of a merged table may have boxes on several pages.
 *
 * @example
 * ```ts
 * const rows = new RowBoxes(segment, [["Alder North", "20 MW"], …]);
 * rows.locate({ from: 0, to: 9 })?.boxes; // [{ page_number: 3, bbox: { left: 110, top: 138.8, … } }]
 * ```
 */
export class RowBoxes {
  readonly #pages: readonly WordsOfPage[];
  readonly #isEmpty: readonly boolean[];
  /** The words of the lines of each row. */
  readonly #wordsOf: readonly (readonly number[])[];

  /** @param cells the texts of every body row of the table in that segment */
  constructor({ metadata }: SegmentDocument, cells: readonly (readonly string[])[]) {
    const packed = metadata.packed_ocr ?? NO_WORDS;
    const pages = tablePages(metadata) ?? [];
    const lines = pages.flatMap((page) =>
      levelLines(page.words, ({ box }) => box).map((line) => line.map(({ word }) => word)),
    );
    const texts = lines.map((line) => line.map((word) => textAt(packed, word)));
    const found = rowsOfLines(texts, cells).rows;
    const wordsOf = cells.map((): number[] => []);
    for (const [index, line] of lines.entries()) wordsOf[found[index] ?? -1]?.push(...line);
    this.#pages = pages.map((page) => ({
      page,
      boxes: new Map(page.words.map(({ word, box }) => [word, box])),
      byHeight: new WordsByHeight(page.words),
    }));
    this.#isEmpty = cells.map((row) => row.every((cell) => normalizedLetters(cell) === ""));
    this.#wordsOf = wordsOf;
  }

  /** @returns `undefined` if the rows from `from` to `to`, both inclusive, were not found */
  locate({ from, to }: { from: number; to: number }): RowLocation | undefined {
    const rows = this.#wordsOf.slice(from, to + 1);
    const full = rows.filter((_, index) => !this.#isEmpty[from + index]);
    const found = full.filter((words) => words.length > 0);
    const isWhole = (full[0]?.length ?? 0) > 0 && (full.at(-1)?.length ?? 0) > 0;
    if (!isWhole || found.length < full.length * MIN_FOUND_ROWS) return undefined;
    const ofRows = rows.flat();
    const boxes: PageBox[] = [];
    const words: number[] = [];
    for (const { page, boxes: boxOf, byHeight } of this.#pages) {
      const union = unionBox(ofRows.map((word) => boxOf.get(word) ?? null));
      if (!union) continue;
      const { left, width } = page.bbox;
      // A row is easiest to see over the whole width of its table.
      const bbox = unionBox([union, { ...union, left, width }]) ?? union;
      boxes.push({ page_number: page.page_number, bbox: within(bbox, page.bbox) ?? bbox });
      for (const word of byHeight.between(bbox.top, bbox.top + bbox.height)) words.push(word);
    }
    return boxes.length > 0 ? { boxes, words } : undefined;
  }
}
