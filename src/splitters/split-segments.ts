import type { SegmentDocument, SplitDocument } from "../documents/metadata.js";
import { TokenBudget } from "./budget.js";
import { DocumentDrafts } from "./document-drafts.js";
import { groupByDocument } from "./input.js";
import { Places } from "./places.js";
import { SplitMaker } from "./split-maker.js";

/** How segments are split; unlike the options of the splitter it can be sent to a thread. */
export interface SplitSettings {
  chunkSize: number;
  chunkOverlap: number;
}

/**
 * The splits of the segments of one or several documents, document after document.
 *
 * @param countTokens a count of tokens of the user's own, instead of that of `cl100k_base`
 * @throws UnsiloedError `INVALID_OPTION` when a Document lacks the metadata of a segment
 */
export const splitSegments = async (
  documents: readonly SegmentDocument[],
  { chunkSize, chunkOverlap }: SplitSettings,
  countTokens?: (text: string) => number,
): Promise<SplitDocument[]> => {
  const byDocument = groupByDocument(documents);
  const count = countTokens ?? (await import("../internal/tokens.js")).countTokens;
  const budget = new TokenBudget(chunkSize, chunkOverlap, count, countTokens === undefined);
  const splits: SplitDocument[] = [];
  const maker = new SplitMaker();
  for (const segments of byDocument) {
    const places = new Places();
    for (const drafts of new DocumentDrafts(segments, budget).inOrder())
      for (const split of maker.make(drafts, (draft) => places.of(draft))) splits.push(split);
  }
  return splits;
};
