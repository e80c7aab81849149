import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";

/** Measured on results of ordinary pages: a word as the splitter packs it, and what a Document holds beside its text and words. */
const WORD_BYTES = 60;
const DOCUMENT_BYTES = 2_000;
const CHARACTER_BYTES = 2;

/** About what a segment takes in memory. */
export const bytesOfSegment = ({ pageContent, metadata: { html = "", ocr = [] } }: SegmentDocument): number =>
  DOCUMENT_BYTES + CHARACTER_BYTES * (pageContent.length + html.length) + WORD_BYTES * ocr.length;

/** About what splits take in memory, less their vectors. */
export const bytesOfSplits = (splits: readonly SplitDocument[]): number =>
  splits.reduce((sum, { pageContent }) => sum + DOCUMENT_BYTES + CHARACTER_BYTES * pageContent.length, 0);
