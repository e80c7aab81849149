import type { SegmentDocument, SplitDocument } from "../../documents/metadata.js";
import { countWords } from "../../documents/packed-words.js";

/** Measured on results of ordinary pages: a word as the splitter packs it, and what a Document holds beside its text and words. */
const WORD_BYTES = 60;
const DOCUMENT_BYTES = 2_000;
const CHARACTER_BYTES = 2;

/** About what a segment takes in memory. */
export const bytesOfSegment = ({ pageContent, metadata }: SegmentDocument): number =>
  DOCUMENT_BYTES +
  CHARACTER_BYTES * (pageContent.length + (metadata.html?.length ?? 0)) +
  WORD_BYTES * countWords(metadata);

/** About what splits take in memory, less their vectors. */
export const bytesOfSplits = (splits: readonly SplitDocument[]): number =>
  splits.reduce((sum, { pageContent }) => sum + DOCUMENT_BYTES + CHARACTER_BYTES * pageContent.length, 0);
