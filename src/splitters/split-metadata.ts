import { Document } from "@langchain/core/documents";
import { joinReferences } from "../documents/cell-references.js";
import type { SplitDocument, SplitMetadata } from "../documents/metadata.js";
import { isHeading } from "../documents/segment-type.js";
import type { RepeatedMetadata } from "./input.js";
import type { DraftMetadata, Location, SplitDraft } from "./split-draft.js";

/** What splitting adds to the metadata of the segments, or puts in its place. */
export type OwnMetadata = Location &
  DraftMetadata &
  Pick<
    SplitMetadata,
    "segment_type" | "confidence" | "section_path" | "segment_indices" | "part_index" | "part_count"
  > & {
    /** Set where the title of the document is left out. */
    title?: undefined;
  };

/** A split without what its segments say of themselves, so that this needs not go to a thread and back. */
export interface UnmergedSplit {
  text: string;
  /** Places of its segments in the input, in reading order; at least one. */
  segments: readonly number[];
  metadata: OwnMetadata;
}

/**
 * Merges metadata: keys of later segments are kept too, and the first value of a key counts. Cells of a workbook are
 * those of all segments.
 */
const merge = (all: readonly RepeatedMetadata[]): RepeatedMetadata => {
  const [first, ...others] = all;
  if (first && others.length === 0) return first;
  // Most segments have the same keys, and copying one of them takes a fraction of the time.
  const isWhole =
    first && others.every((other) => Object.keys(other).every((key) => Object.hasOwn(first, key)));
  const merged: RepeatedMetadata = isWhole ? { ...first } : Object.assign({}, ...all.toReversed());
  if (merged.cell_references)
    merged.cell_references = joinReferences(all.map(({ cell_references }) => cell_references));
  return merged;
};

/** Names the keys of two objects in their order; `undefined` if a segment has symbols for keys. */
const keysOf = (ofSegments: RepeatedMetadata, own: OwnMetadata): string | undefined =>
  Object.getOwnPropertySymbols(ofSegments).length === 0
    ? [...Object.keys(ofSegments), "", ...Object.keys(own)].join("\0")
    : undefined;

/**
 * Adds the metadata of their segments to splits. Where both have a key, the value of the split counts.
 *
 * Metadata has some thirty keys, and V8 takes many times as long to add them one by one as to copy an object that has
 * them: the first metadata with the same keys is copied and overwritten.
 *
 * @param repeated metadata of each segment of the input
 */
export const completeSplits = (
  made: readonly UnmergedSplit[],
  repeated: readonly RepeatedMetadata[],
): SplitDocument[] => {
  const byKeys = new Map<string, SplitMetadata>();
  return made.map(({ text, segments, metadata: own }) => {
    const ofSegments = merge(segments.flatMap((segment) => repeated[segment] ?? []));
    const keys = keysOf(ofSegments, own);
    const like = keys === undefined ? undefined : byKeys.get(keys);
    const metadata = like ? Object.assign({ ...like }, ofSegments, own) : { ...ofSegments, ...own };
    if (keys !== undefined && !like) byKeys.set(keys, metadata);
    return new Document({ pageContent: text, metadata });
  });
};

/** Finds the type of most of the text; headings count only if there is nothing else. */
const mainType = (segments: SplitDraft["segments"]): string => {
  const [first] = segments;
  if (segments.length === 1) return first.metadata.segment_type;
  const lengths = new Map<string, number>();
  for (const { pageContent, metadata } of segments) {
    lengths.set(metadata.segment_type, (lengths.get(metadata.segment_type) ?? 0) + pageContent.length);
  }
  const types = [...lengths].sort(([a, x], [b, y]) => Number(isHeading(a)) - Number(isHeading(b)) || y - x);
  return types[0]?.[0] ?? first.metadata.segment_type;
};

const leastConfidence = (segments: SplitDraft["segments"]): number | null => {
  let least: number | null = null;
  for (const { metadata } of segments)
    if (metadata.confidence !== null) least = Math.min(metadata.confidence, least ?? metadata.confidence);
  return least;
};

/** Puts together the metadata that a split has of its own, beside that of its segments. */
export const ownMetadata = (
  { segments, sectionPath, metadata }: SplitDraft,
  location: Location,
  part: Pick<OwnMetadata, "part_index" | "part_count">,
): OwnMetadata => ({
  segment_type: mainType(segments),
  confidence: leastConfidence(segments),
  section_path: sectionPath,
  ...location,
  segment_indices: segments.map((segment) => segment.metadata.segment_index),
  ...metadata,
  ...part,
});
