import type { PageBox, SegmentDocument, SplitMetadata } from "../../documents/metadata.js";
import { confidenceAt, countWords, NO_WORDS } from "../../documents/packed-words.js";
import type { PackedWords, PagePlace } from "../../documents/segment.js";
import type { Excerpt, Location, RowsInSegment, SplitDraft } from "../split-draft.js";
import { DistinctBoxes } from "./distinct-boxes.js";
import { RowBoxes } from "./row-boxes.js";
import { estimatePages } from "./row-pages.js";
import { mergedPages } from "./table-pages.js";
import { TextBoxes } from "./text-boxes.js";

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Averages the confidence of text recognition in words; some engines report none. */
class WordConfidence {
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;

  add({ numbers }: PackedWords, words: readonly number[]): void {
    for (const word of words) {
      const confidence = confidenceAt(numbers, word);
      if (!Number.isFinite(confidence)) continue;
      this.#count++;
      this.#sum += confidence;
      this.#min = Math.min(this.#min, confidence);
    }
  }

  get total(): SplitMetadata["ocr_confidence"] {
    return this.#count === 0 ? null : { mean: round(this.#sum / this.#count), min: round(this.#min) };
  }
}

/** Where text of one segment is. */
interface SegmentLocation {
  boxes: readonly PageBox[];
  /** The indices of its words; absent if the boxes are not those of words. */
  words?: readonly number[];
  /** The page it begins on, if that is not the page of the first box. */
  first?: PagePlace;
}

/**
 * Locates splits on their pages. It keeps the word boxes of one segment at a time, so that they take no memory longer
 * than the splits of that segment are being located.
 */
export class SplitLocator {
  #text: TextBoxes | undefined;
  #table: { segment: SegmentDocument; cells: RowsInSegment["cells"]; rows: RowBoxes } | undefined;

  locate({ segments, excerpts = [], rows = [] }: SplitDraft): Location {
    const [first] = segments;
    const boxes = new DistinctBoxes();
    const confidence = new WordConfidence();
    let precision: Location["bbox_precision"] = "word";
    let page: number | undefined;
    const add = ({ metadata }: SegmentDocument, location: SegmentLocation): void => {
      page ??= location.first?.page_number ?? location.boxes[0]?.page_number;
      for (const { page_number, bbox } of location.boxes) boxes.add(page_number, bbox);
      if (location.words) confidence.add(metadata.packed_ocr ?? NO_WORDS, location.words);
      else precision = "segment";
    };
    for (const segment of segments) {
      const inSegment = rows.filter((each) => each.segment === segment);
      for (const each of inSegment) add(segment, this.#locateRows(each) ?? wholeSegment(segment));
      if (inSegment.length > 0) continue;
      const excerpt = excerpts.find((each) => each.segment === segment);
      add(segment, this.#locateText(segment, excerpt) ?? wholeSegment(segment));
    }
    const { page_number } = first.metadata;
    return {
      bbox: boxes.onPage(page ?? page_number),
      boxes: boxes.all,
      bbox_precision: precision,
      ocr_confidence: precision === "word" ? confidence.total : null,
      ...(page !== undefined && page !== page_number && pageOf(first, page)),
    };
  }

  #locateText(segment: SegmentDocument, excerpt: Excerpt | undefined): SegmentLocation | undefined {
    const { segment_type, page_number } = segment.metadata;
    const text = excerpt?.of ?? segment.pageContent;
    const range = excerpt ?? { start: 0, end: text.length };
    // A picture is more than the words in it, and a table more than the header that is left of it without rows.
    const isWhole = range.start === 0 && range.end >= text.length;
    if (countWords(segment.metadata) === 0 || (segment_type === "Picture" && isWhole)) return undefined;
    if (segment_type === "Table" && (!excerpt || mergedPages(segment.metadata))) return undefined;
    if (!this.#text?.isFor(segment, text)) this.#text = new TextBoxes(segment, text);
    const location = this.#text.locate(range);
    return (
      location && {
        boxes: location.boxes.map((bbox) => ({ page_number, bbox })),
        ...(!location.areEstimates && { words: location.words }),
      }
    );
  }

  #locateRows(rows: RowsInSegment): SegmentLocation | undefined {
    const { segment, cells } = rows;
    const hasWords = countWords(segment.metadata) > 0;
    const location = hasWords ? this.#rowsOf(segment, cells).locate(rows) : undefined;
    if (location) return location;
    const pages = mergedPages(segment.metadata);
    const estimate = pages && estimatePages(pages, cells.length, rows);
    return estimate && { boxes: estimate.all, first: estimate.first };
  }

  #rowsOf(segment: SegmentDocument, cells: RowsInSegment["cells"]): RowBoxes {
    if (this.#table?.segment !== segment || this.#table.cells !== cells)
      this.#table = { segment, cells, rows: new RowBoxes(segment, cells) };
    return this.#table.rows;
  }
}

/** The location of a text that is not known more exactly: its segment, on every page of a merged table. */
const wholeSegment = ({ metadata }: SegmentDocument): SegmentLocation => ({
  boxes: mergedPages(metadata) ?? [metadata],
});

/** The page on which part of a merged table begins. */
const pageOf = ({ metadata }: SegmentDocument, page_number: number): Partial<Location> => {
  const page = mergedPages(metadata)?.find((each) => each.page_number === page_number);
  return page
    ? {
        page_number,
        loc: { pageNumber: page_number },
        page_width: page.page_width,
        page_height: page.page_height,
      }
    : {};
};
