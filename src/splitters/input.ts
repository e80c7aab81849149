import { z } from "zod";
import { documentMetadataSchema, type SegmentDocument } from "../documents/metadata.js";
import { packedOf } from "../documents/packed-words.js";
import type { Word } from "../documents/segment.js";
import { UnsiloedError } from "../errors.js";
import { describeIssue } from "../internal/options.js";

/**
 * Holds what splitting needs of a segment, in values that can be sent to a thread. Single words are not checked: there
 * are too many, and splitting does without any of them.
 */
const neededSchema = z.object({
  pageContent: z.string(),
  metadata: documentMetadataSchema
    .omit({ chart_data: true, references: true })
    .extend({ ocr: z.custom<Word[]>(Array.isArray, "expected an array").optional() }),
});

const LONG_KEYS = ["html", "ocr", "packed_ocr", "merged_page_bboxes"] as const;

/** Metadata of a segment that each of its splits repeats, the user's own keys included. */
export type RepeatedMetadata = Omit<
  SegmentDocument["metadata"],
  "html" | "ocr" | "packed_ocr" | "merged_page_bboxes"
>;

/** A checked segment, and what its splits repeat of it. */
export interface Input {
  segment: SegmentDocument;
  repeated: RepeatedMetadata;
}

/**
 * Checks a Document, and packs its words.
 *
 * @param index its place in the input, for messages
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
  const { ocr, ...others } = segment.metadata;
  // Packed words are all that the code behind this takes; they are sent to a thread ten times as fast as objects.
  if (ocr) segment.metadata = { ...others, packed_ocr: packedOf({ ocr }) };
  return { segment, repeated: shorten(metadata) };
};

/** Leaves out what is too long to repeat. Most metadata has nothing of it, and needs no copy. */
const shorten = (metadata: SegmentDocument["metadata"]): RepeatedMetadata => {
  if (LONG_KEYS.every((key) => !(key in metadata))) return metadata;
  const { html: _html, ocr: _ocr, packed_ocr: _packed, merged_page_bboxes: _pages, ...short } = metadata;
  return short;
};
