import { Document } from "@langchain/core/documents";
import type { SplitDocument, SplitMetadata } from "../documents/metadata.js";
import type { Said } from "./input.js";
import type { DraftMetadata, Location } from "./split-draft.js";

/** What splitting adds to the metadata of the segments, or puts in its place. */
export type OwnMetadata = Location &
  DraftMetadata &
  Pick<
    SplitMetadata,
    "segment_type" | "confidence" | "section_path" | "segment_indices" | "part_index" | "part_count"
  >;

/** A split without what its segments say of themselves, so that this needs not go to a thread and back. */
export interface UnmergedSplit {
  text: string;
  /** Places of its segments in the input, in reading order; at least one. */
  segments: readonly number[];
  metadata: OwnMetadata;
}

/** Merges metadata: keys of later segments are kept too, and the first value of a key counts. */
const merge = (all: readonly Said[]): Said => {
  const [first, ...others] = all;
  return first && others.length === 0 ? first : Object.assign({}, ...all.toReversed());
};

/**
 * Adds the metadata of their segments to splits. Where both have a key, the value of the split counts.
 *
 * @param said metadata of each segment of the input
 */
export const completeSplits = (made: readonly UnmergedSplit[], said: readonly Said[]): SplitDocument[] =>
  made.map(({ text, segments, metadata }) => {
    const ofSegments = merge(segments.flatMap((segment) => said[segment] ?? []));
    return new Document({ pageContent: text, metadata: { ...ofSegments, ...metadata } });
  });
