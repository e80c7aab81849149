import type { SegmentDocument } from "../documents/metadata.js";
import { SplitLocator } from "./boxes/locate.js";
import { DocumentRouter } from "./split-document.js";
import { ownMetadata, type UnmergedSplit } from "./split-metadata.js";
import { TokenBudget } from "./token-budget.js";

/** The settings of splitting that can be sent to a thread. */
export interface SplitSettings {
  chunkSize: number;
  chunkOverlap: number;
}

const byDocument = (segments: readonly SegmentDocument[]): Iterable<SegmentDocument[]> => {
  const groups = new Map<string, SegmentDocument[]>();
  for (const segment of segments) {
    const group = groups.get(segment.metadata.doc_id);
    if (group) group.push(segment);
    else groups.set(segment.metadata.doc_id, [segment]);
  }
  return groups.values();
};

/**
 * Splits the segments of one or several documents, document after document.
 *
 * @param given checked segments, each an object of its own
 * @param countTokens the user's own count of tokens, in place of that of `cl100k_base`
 */
export const splitSegments = async (
  given: readonly SegmentDocument[],
  { chunkSize, chunkOverlap }: SplitSettings,
  countTokens?: (text: string) => number,
): Promise<UnmergedSplit[]> => {
  const count = countTokens ?? (await import("../internal/text/tokens.js")).countTokens;
  const splits: UnmergedSplit[] = [];
  const indices = new Map(given.map((segment, index) => [segment, index]));
  for (const segments of byDocument(given)) {
    const title = segments[0]?.metadata.title;
    const budget = new TokenBudget(chunkSize, chunkOverlap, count, countTokens === undefined, title);
    const locator = new SplitLocator();
    for (const drafts of new DocumentRouter(segments, budget).split())
      for (const [part_index, draft] of drafts.entries())
        splits.push({
          text: draft.text,
          segments: draft.segments.flatMap((segment) => indices.get(segment) ?? []),
          metadata: {
            ...(title !== budget.title && { title: undefined }),
            ...ownMetadata(draft, locator.locate(draft), { part_index, part_count: drafts.length }),
          },
        });
  }
  return splits;
};
