import type { SegmentDocument } from "../../documents/metadata.js";
import { packedOf, textAt } from "../../documents/packed-words.js";
import type { ParsedResult } from "../../documents/result.js";
import type { BBox, PackedWords, Segment } from "../../documents/segment.js";
import { SegmentConverter } from "../../documents/to-document.js";
import type { LedgerRecord } from "../../ledger/record.js";
import { WordBoxes } from "../../splitters/boxes/words/word-boxes.js";
import type { WordView } from "../contract.js";

/** A segment of a parse result, and the Document that was made of it. */
export interface InspectedSegment {
  document: SegmentDocument;
  /** As the service wrote it, without its words. */
  raw: Segment;
  words: PackedWords;
}

/** Reads a whole result. */
export const readSegments = async (
  { chunks, info }: ParsedResult,
  { doc_id: docId, source, job_id }: LedgerRecord,
): Promise<InspectedSegment[]> => {
  const converter = new SegmentConverter({ source, docId, jobId: info.jobId ?? job_id });
  const read: InspectedSegment[] = [];
  for await (const { chunkId, segments } of chunks)
    for (const segment of segments) {
      const { packed_ocr: _packed, ocr: _words, ...raw } = segment;
      read.push({ document: converter.convert(segment, chunkId), raw, words: packedOf(segment) });
    }
  return read;
};

/** A page that a segment is on, and its box there. */
interface SegmentPlace {
  page: number;
  box: BBox | null;
  width: number | null;
  height: number | null;
}

/** Returns every page that a segment is on: a merged table is on several. */
export const placesOf = ({ document: { metadata } }: InspectedSegment): SegmentPlace[] => {
  const { page_number: page, bbox: box, page_width: width, page_height: height } = metadata;
  const others = (metadata.merged_page_bboxes ?? []).filter(({ page_number }) => page_number !== page);
  return [
    { page, box, width, height },
    ...others.map((other) => ({
      page: other.page_number,
      box: other.bbox,
      width: other.page_width,
      height: other.page_height,
    })),
  ];
};

/** Returns the words of a segment with their boxes on its page; those without a box are left out. */
export const wordsOf = ({ document, words }: InspectedSegment): WordView[] => {
  const boxes = new WordBoxes(words, document.metadata);
  return Array.from({ length: boxes.count }, (_, word) => ({
    text: textAt(words, word),
    box: boxes.at(word),
  })).flatMap(({ text, box }) => (box ? [{ text, box }] : []));
};
