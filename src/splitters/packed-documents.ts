import { Document } from "@langchain/core/documents";
import type { SegmentDocument } from "../documents/metadata.js";
import type { Word } from "../documents/segment.js";

/** Numbers of a word: its box, and its confidence, which is not a number where it is not known. */
const NUMBERS = 5;
/** Of a Document that brings no words, or such as cannot be packed. */
const NO_WORDS = -1;

/**
 * Documents on their way to a thread. Words are most of what there is, and as objects ten times slower to send than
 * as a list of numbers.
 */
export interface PackedDocuments {
  /** Less the words that are packed. */
  documents: Pick<SegmentDocument, "pageContent" | "metadata">[];
  /** How many words each Document has. */
  counts: Int32Array;
  /** The texts of all words, one after the other, and how long each is. */
  text: string;
  lengths: Int32Array;
  numbers: Float64Array;
}

const isOrdinary = ({ text, bbox, confidence }: Partial<Word>): boolean =>
  typeof text === "string" &&
  typeof bbox?.left === "number" &&
  typeof bbox.top === "number" &&
  typeof bbox.width === "number" &&
  typeof bbox.height === "number" &&
  (confidence == null || typeof confidence === "number");

const canPack = (words: readonly (Word | null)[]): boolean =>
  words.every((word) => word !== null && isOrdinary(word));

export const packDocuments = (given: readonly SegmentDocument[]): PackedDocuments => {
  const counts = new Int32Array(given.length).fill(NO_WORDS);
  const words: Word[] = [];
  const documents = given.map(({ pageContent, metadata }, index) => {
    const { ocr, ...others } = metadata;
    if (!ocr || !canPack(ocr)) return { pageContent, metadata };
    counts[index] = ocr.length;
    for (const word of ocr) words.push(word);
    return { pageContent, metadata: others };
  });
  const lengths = new Int32Array(words.length);
  const numbers = new Float64Array(words.length * NUMBERS);
  let at = 0;
  for (const [index, { text, bbox, confidence }] of words.entries()) {
    lengths[index] = text.length;
    numbers[at++] = bbox.left;
    numbers[at++] = bbox.top;
    numbers[at++] = bbox.width;
    numbers[at++] = bbox.height;
    numbers[at++] = confidence ?? Number.NaN;
  }
  return { documents, counts, text: words.map(({ text }) => text).join(""), lengths, numbers };
};

export const unpackDocuments = (packed: PackedDocuments): SegmentDocument[] => {
  const { documents, counts, text, lengths, numbers } = packed;
  let word = 0;
  let from = 0;
  const number = (offset: number): number => numbers[word * NUMBERS + offset] ?? Number.NaN;
  const nextWord = (): Word => {
    const to = from + (lengths[word] ?? 0);
    const bbox = { left: number(0), top: number(1), width: number(2), height: number(3) };
    const confidence = number(4);
    const next = {
      text: text.slice(from, to),
      bbox,
      confidence: Number.isNaN(confidence) ? null : confidence,
    };
    from = to;
    word += 1;
    return next;
  };
  return documents.map(({ pageContent, metadata }, index) => {
    const count = counts[index] ?? NO_WORDS;
    if (count === NO_WORDS) return new Document({ pageContent, metadata });
    const ocr = Array.from({ length: count }, nextWord);
    return new Document({ pageContent, metadata: { ...metadata, ocr } });
  });
};
