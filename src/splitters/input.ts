import { z } from "zod";
import { documentMetadataSchema, type SegmentDocument } from "../documents/metadata.js";
import { unpackWords } from "../documents/packed-words.js";
import { UnsiloedError } from "../errors.js";
import { describeIssue } from "../internal/options.js";

/** Word boxes are too many to check each, and none of them is needed to split. */
const neededSchema = documentMetadataSchema.extend({
  ocr: z.custom<unknown[]>(Array.isArray, "expected an array").optional(),
});

const check = (document: SegmentDocument, index: number): void => {
  const { metadata, pageContent } = document;
  const parsed = neededSchema.safeParse(metadata);
  if (parsed.success && typeof pageContent === "string") return;
  const problem = parsed.success
    ? "pageContent is not a string"
    : `metadata.${describeIssue(parsed.error, metadata)}`;
  throw new UnsiloedError(
    "INVALID_OPTION",
    `SegmentSplitter: Document ${index} of the input: ${problem}; it takes the Documents that the loaders of this package make`,
  );
};

const unpacked = (document: SegmentDocument): SegmentDocument => {
  const { packed_ocr, ...metadata } = document.metadata;
  return packed_ocr ? { ...document, metadata: { ...metadata, ocr: unpackWords(packed_ocr) } } : document;
};

/**
 * The segments of each document, in the order in which they came.
 *
 * @throws UnsiloedError `INVALID_OPTION`, naming the Document and what is wrong with it
 */
export const groupByDocument = (documents: readonly SegmentDocument[]): SegmentDocument[][] => {
  const groups = new Map<string, SegmentDocument[]>();
  for (const [index, document] of documents.entries()) {
    check(document, index);
    const { doc_id } = document.metadata;
    const segment = unpacked(document);
    const group = groups.get(doc_id);
    if (group) group.push(segment);
    else groups.set(doc_id, [segment]);
  }
  return [...groups.values()];
};
