import type { DocumentMetadata } from "../../documents/metadata.js";
import { boxesOf, NO_WORDS } from "../../documents/packed-words.js";
import type { BBox, PagePlace } from "../../documents/segment.js";
import { WordBoxes } from "./words/word-boxes.js";

/** A word and its box in pixels of the page. */
export interface BoxedWord {
  word: number;
  box: BBox;
}

/** The part of a table that is on one page. */
export interface TablePage {
  page_number: number;
  bbox: BBox;
  words: BoxedWord[];
}

type TableMetadata = Pick<
  DocumentMetadata,
  "page_number" | "segment_type" | "bbox" | "merged_page_bboxes" | "packed_ocr"
>;

/** Lists the pages of a merged table in their order; `undefined` for a table on one page. */
export const mergedPages = ({
  merged_page_bboxes: pages = [],
}: Pick<DocumentMetadata, "merged_page_bboxes">): PagePlace[] | undefined =>
  pages.length > 1 ? pages.toSorted((one, two) => one.page_number - two.page_number) : undefined;

/** How far a word may reach out of its table, in its own heights. */
const OUTSIDE = 1;

const fits = ({ left, top, width, height }: BBox, table: Pick<BBox, "width" | "height">): boolean => {
  const margin = height * OUTSIDE;
  return (
    left >= -margin &&
    top >= -margin &&
    left + width <= table.width + margin &&
    top + height <= table.height + margin
  );
};

const overlap = (one: BBox, two: BBox): boolean => {
  const across = Math.min(one.left + one.width, two.left + two.width) - Math.max(one.left, two.left);
  const down = Math.min(one.top + one.height, two.top + two.height) - Math.max(one.top, two.top);
  return across > 0 && down > Math.min(one.height, two.height) / 2;
};

const isSame = (one: BBox, two: BBox): boolean =>
  one.left === two.left && one.top === two.top && one.width === two.width && one.height === two.height;

/** Decides whether a word opens the next page. */
type OpensPage = (box: BBox, before: BBox, page: { first: BBox; bottom: number; height: number }) => boolean;

/**
 * The corner of a table holds one word on each page. Some engines give all words of a line one box, so that a box like
 * the one before says nothing.
 */
const isInCorner: OpensPage = (box, before, { first }) => overlap(box, first) && !isSame(box, before);

/** Words that are read row by row go up by more than half of a page only where the next page begins. */
const goesUp: OpensPage = (box, _before, { bottom, height }) =>
  box.top + box.height / 2 < bottom - height / 2;

type BoxedPage = PagePlace & { bbox: BBox };

/** Deals words, whose boxes are relative to the table's corner on their page, out to the pages in their order. */
const dealOut = (
  boxes: readonly BBox[],
  pages: readonly BoxedPage[],
  opensPage: OpensPage,
): BoxedWord[][] | undefined => {
  const dealt: BoxedWord[][] = [];
  let state: { first: BBox; bottom: number; height: number } | undefined;
  for (const [word, box] of boxes.entries()) {
    const before = boxes[word - 1];
    if (!state || (before && opensPage(box, before, state))) {
      state = { first: box, bottom: 0, height: pages[dealt.length]?.bbox.height ?? 0 };
      dealt.push([]);
    }
    const table = pages[dealt.length - 1]?.bbox;
    if (!table || !fits(box, table)) return undefined;
    state.bottom = Math.max(state.bottom, box.top + box.height);
    const placed = { ...box, left: box.left + table.left, top: box.top + table.top };
    dealt.at(-1)?.push({ word, box: placed });
  }
  return dealt.length === pages.length ? dealt : undefined;
};

/** Deals words out to pages whose tables count as one below the other. */
const dealOutByHeight = (boxes: readonly BBox[], pages: readonly BoxedPage[]): BoxedWord[][] | undefined => {
  const dealt = pages.map((): BoxedWord[] => []);
  for (const [word, box] of boxes.entries()) {
    let top = 0;
    let index = 0;
    const height = (): number => pages[index]?.bbox.height ?? 0;
    while (index < pages.length - 1 && box.top + box.height / 2 >= top + height()) {
      top += height();
      index += 1;
    }
    const table = pages[index]?.bbox;
    const within = { ...box, top: box.top - top };
    if (!table || !fits(within, table)) return undefined;
    dealt[index]?.push({ word, box: { ...box, left: box.left + table.left, top: within.top + table.top } });
  }
  return dealt.every((words) => words.length > 0) ? dealt : undefined;
};

const hasBox = (page: PagePlace): page is BoxedPage => page.bbox !== null;

/**
 * Finds the words of a table on each of its pages. The words of a merged table do not say which page they are on: it
 * shows where words go up or stand in the corner of the table again, or where all heights go on from page to page.
 *
 * @returns `undefined` if the page of the words, or the box of the table, cannot be told
 */
export const tablePages = (metadata: TableMetadata): TablePage[] | undefined => {
  const packed = metadata.packed_ocr ?? NO_WORDS;
  const { page_number, bbox } = metadata;
  const merged = mergedPages(metadata);
  if (!merged) {
    if (!bbox) return undefined;
    const boxes = new WordBoxes(packed, metadata);
    const words: BoxedWord[] = [];
    for (let word = 0; word < boxes.count; word++) {
      const box = boxes.at(word);
      if (box) words.push({ word, box });
    }
    return [{ page_number, bbox, words }];
  }
  const pages = merged.filter(hasBox);
  const boxes = boxesOf(packed);
  const isKnown = boxes.length > 0 && boxes.every(({ width, height }) => width > 0 && height > 0);
  if (pages.length < merged.length || !isKnown) return undefined;
  const dealt =
    dealOut(boxes, pages, goesUp) ?? dealOut(boxes, pages, isInCorner) ?? dealOutByHeight(boxes, pages);
  return dealt?.flatMap((words, index) => {
    const page = pages[index];
    return page ? [{ page_number: page.page_number, bbox: page.bbox, words }] : [];
  });
};
