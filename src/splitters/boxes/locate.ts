import type { SegmentDocument, SplitMetadata } from "../../documents/metadata.js";
import { confidencesOf, countWords, NO_WORDS } from "../../documents/packed-words.js";
import type { Excerpt, Location, RowsInSegment, SplitDraft } from "../split-draft.js";
import { DistinctBoxes } from "./distinct-boxes.js";
import { RowBoxes } from "./row-boxes.js";
import { TextBoxes, type WordLocation } from "./text-boxes.js";

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

/** Averages the confidence of text recognition in words; some engines report none. */
class WordConfidence {
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;

  add(confidences: Float64Array): void {
    for (let index = 0; index < confidences.length; index++) {
      const confidence = confidences[index] ?? Number.NaN;
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

/**
 * Locates splits on their pages. It keeps the word boxes of one segment at a time, so that they take no memory longer
 * than the splits of that segment are being located.
 */
export class SplitLocator {
  #text: TextBoxes | undefined;
  #table: { segment: SegmentDocument; cells: RowsInSegment["cells"]; rows: RowBoxes } | undefined;

  locate({ segments, excerpt, rows = [] }: SplitDraft): Location {
    const [first] = segments;
    const last = segments.at(-1);
    const boxes = new DistinctBoxes();
    const confidence = new WordConfidence();
    let precision: Location["bbox_precision"] = "word";
    const add = ({ metadata }: SegmentDocument, location: WordLocation | undefined): void => {
      const { page_number, bbox } = metadata;
      if (!location) {
        precision = "segment";
        boxes.add(page_number, bbox);
        return;
      }
      for (const box of location.boxes) boxes.add(page_number, box);
      confidence.add(location.confidences);
    };
    for (const segment of segments) {
      const inSegment = rows.filter((each) => each.segment === segment);
      for (const each of inSegment) add(segment, this.#locateRows(each));
      if (inSegment.length === 0)
        add(segment, this.#locateText(segment, segment === last ? excerpt : undefined));
    }
    return {
      bbox: boxes.onPage(first.metadata.page_number),
      boxes: boxes.all,
      bbox_precision: precision,
      ocr_confidence: precision === "word" ? confidence.total : null,
    };
  }

  #locateText(segment: SegmentDocument, excerpt: Excerpt | undefined): WordLocation | undefined {
    const { segment_type } = segment.metadata;
    const text = excerpt?.of ?? segment.pageContent;
    const range = excerpt ?? { start: 0, end: text.length };
    // A picture is more than the words in it, and a table more than the header that is left of it without rows.
    const isWhole = range.start === 0 && range.end >= text.length;
    if (countWords(segment.metadata) === 0 || (segment_type === "Picture" && isWhole)) return undefined;
    if (segment_type === "Table" && !excerpt) return undefined;
    if (!this.#text?.isFor(segment, text)) this.#text = new TextBoxes(segment, text);
    return this.#text.locate(range);
  }

  #locateRows({ segment, cells, from, to }: RowsInSegment): WordLocation | undefined {
    const words = segment.metadata.packed_ocr ?? NO_WORDS;
    if (words.numbers.length === 0) return undefined;
    if (this.#table?.segment !== segment || this.#table.cells !== cells)
      this.#table = { segment, cells, rows: new RowBoxes(segment, cells) };
    const location = this.#table.rows.locate({ from, to });
    return location && { boxes: [location.bbox], confidences: confidencesOf(words, location.words) };
  }
}
