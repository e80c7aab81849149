import { Document } from "@langchain/core/documents";
import type { SplitDocument, SplitMetadata } from "../documents/metadata.js";
import type { Said } from "./input.js";
import type { DraftMetadata, Place } from "./split-draft.js";

/** What splitting adds to the metadata of the segments, or puts in its place. */
export type MadeMetadata = Place &
  DraftMetadata &
  Pick<
    SplitMetadata,
    "segment_type" | "confidence" | "section_path" | "segment_indices" | "part_index" | "part_count"
  >;

/** A split without what its segments say of themselves, so that this needs not go to a thread and back. */
export interface MadeSplit {
  text: string;
  /** Places of its segments in the input, in reading order; at least one. */
  segments: readonly number[];
  metadata: MadeMetadata;
}

const kindOf = (said: ShortSaid, made: MadeMetadata): string | undefined =>
  Object.getOwnPropertySymbols(said).length === 0
    ? [...Object.keys(said), "", ...Object.keys(made)].join("\0")
    : undefined;

type ShortSaid = Omit<Said, "html" | "ocr" | "packed_ocr">;

/** Less what is too long to stand in each split of a segment. */
const shorten = (said: Said): ShortSaid => {
  // Most have nothing of the kind, and need no copy.
  if (!("html" in said || "ocr" in said || "packed_ocr" in said)) return said;
  const { html: _html, ocr: _ocr, packed_ocr: _packed, ...short } = said;
  return short;
};

/** Keys that only a later segment has are kept too; where both have one, the first counts. */
const merge = (all: readonly Said[]): ShortSaid => {
  const [first, ...others] = all;
  return shorten(first && others.length === 0 ? first : Object.assign({}, ...all.toReversed()));
};

/**
 * Adds to splits what their segments say of themselves.
 *
 * Metadata has some thirty keys. An object that is put together key by key takes V8 some fifty times as long as a copy
 * of one that has the same keys already, so the first of each kind is kept to be copied.
 *
 * @param said of each segment of the input
 */
export const completeSplits = (made: readonly MadeSplit[], said: readonly Said[]): SplitDocument[] => {
  /** By their keys, in order. */
  const kinds = new Map<string, SplitMetadata>();
  return made.map(({ text, segments, metadata: own }) => {
    const ofSegments = merge(segments.flatMap((segment) => said[segment] ?? []));
    const kind = kindOf(ofSegments, own);
    const like = kind === undefined ? undefined : kinds.get(kind);
    const metadata = like ? Object.assign({ ...like }, ofSegments, own) : { ...ofSegments, ...own };
    if (kind !== undefined && !like) kinds.set(kind, metadata);
    return new Document({ pageContent: text, metadata });
  });
};
