import { z } from "zod";
import { documentMetadataSchema, type SegmentDocument } from "../documents/metadata.js";
import { packWords } from "../documents/packed-words.js";
import type { Word } from "../documents/segment.js";
import { UnsiloedError } from "../errors.js";
import { describeIssue } from "../internal/options.js";

/**
 * All that splitting needs to know of a segment, in values that can be sent to a thread. Word boxes are too many to
 * check each, and none of them is needed to split.
 */
const neededSchema = z.object({
  pageContent: z.string(),
  metadata: documentMetadataSchema
    .omit({ chart_data: true, references: true })
    .extend({ ocr: z.custom<Word[]>(Array.isArray, "expected an array").optional() }),
});

/** Metadata of a segment that each of its splits repeats, the user's own keys included. */
export type Said = Omit<SegmentDocument["metadata"], "html" | "ocr" | "packed_ocr">;

/** A segment that was checked. */
export interface Input {
  segment: SegmentDocument;
  said: Said;
}

/**
 * @param index which of its input it is
 * @throws UnsiloedError `INVALID_OPTION`, naming the Document and what is wrong with it
 */
export const readInput = (document: SegmentDocument, index: number): Input => {
  const parsed = neededSchema.safeParse(document);
  if (!parsed.success)
    throw new UnsiloedError(
      "INVALID_OPTION",
      `SegmentSplitter: Document ${index} of the input: ${describeIssue(parsed.error, document)}; it takes the Documents that the loaders of this package make`,
    );
  const { metadata } = document;
  const segment = parsed.data;
  const { ocr } = segment.metadata;
  // Numbers take a tenth of the time to be sent to a thread that objects take, and of the memory.
  if (ocr) segment.metadata = { ...segment.metadata, ocr: undefined, packed_ocr: packWords(ocr) };
  return { segment, said: shorten(metadata) };
};

/** Leaves out what is too long to repeat. */
const shorten = ({
  html: _html,
  ocr: _ocr,
  packed_ocr: _packed,
  ...short
}: SegmentDocument["metadata"]): Said => short;
