import type { SegmentDocument, SplitMetadata } from "../../documents/metadata.js";
import { confidencesOf, countWords, NO_WORDS } from "../../documents/packed-words.js";
import type { Draft, Excerpt, Place, TableRowsOf } from "../split-draft.js";
import { DistinctBoxes } from "./distinct-boxes.js";
import { TableRows } from "./row-boxes.js";
import { TextWords, type WordPlace } from "./text-boxes.js";

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

/** How sure recognition was of words; of some engines' nothing is known. */
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
 * Finds where drafts stand on the page. Holds what it knows of one segment at a time, and so no word boxes for
 * longer than the parts of their segment are being placed.
 */
export class Places {
  #text: TextWords | undefined;
  #table: { segment: SegmentDocument; cells: TableRowsOf["cells"]; rows: TableRows } | undefined;

  of({ segments, excerpt, rows = [] }: Draft): Place {
    const [first] = segments;
    const last = segments.at(-1);
    const boxes = new DistinctBoxes();
    const confidence = new WordConfidence();
    let precision: Place["bbox_precision"] = "word";
    const add = ({ metadata }: SegmentDocument, place: WordPlace | undefined): void => {
      const { page_number, bbox } = metadata;
      if (!place) {
        precision = "segment";
        boxes.add(page_number, bbox);
        return;
      }
      for (const box of place.boxes) boxes.add(page_number, box);
      confidence.add(place.confidences);
    };
    for (const segment of segments) {
      const ofTable = rows.filter((each) => each.segment === segment);
      for (const each of ofTable) add(segment, this.#rowPlace(each));
      if (ofTable.length === 0)
        add(segment, this.#textPlace(segment, segment === last ? excerpt : undefined));
    }
    return {
      bbox: boxes.onPage(first.metadata.page_number),
      boxes: boxes.all,
      bbox_precision: precision,
      ocr_confidence: precision === "word" ? confidence.total : null,
    };
  }

  #textPlace(segment: SegmentDocument, excerpt: Excerpt | undefined): WordPlace | undefined {
    const { segment_type } = segment.metadata;
    const text = excerpt?.of ?? segment.pageContent;
    const range = excerpt ?? { start: 0, end: text.length };
    // A picture is more than the words in it, and a table without rows is more than its header.
    const isWhole = range.start === 0 && range.end >= text.length;
    if (countWords(segment.metadata) === 0 || (segment_type === "Picture" && isWhole)) return undefined;
    if (segment_type === "Table" && !excerpt) return undefined;
    if (!this.#text?.isOf(segment, text)) this.#text = new TextWords(segment, text);
    return this.#text.placeOf(range);
  }

  #rowPlace({ segment, cells, from, to }: TableRowsOf): WordPlace | undefined {
    const words = segment.metadata.packed_ocr ?? NO_WORDS;
    if (words.numbers.length === 0) return undefined;
    if (this.#table?.segment !== segment || this.#table.cells !== cells)
      this.#table = { segment, cells, rows: new TableRows(segment, cells) };
    const place = this.#table.rows.placeOf({ from, to });
    return place && { boxes: [place.bbox], confidences: confidencesOf(words, place.words) };
  }
}
