import type { SegmentDocument } from "../../documents/metadata.js";
import { bestMatching } from "./bipartite-matching.js";
import { CaptionCandidates, type LinkCandidate } from "./candidates.js";
import { type Habits, USUAL_HABITS } from "./score.js";

/** A caption and what it describes. */
export interface CaptionLink {
  caption: SegmentDocument;
  target: SegmentDocument;
  /** From 0 to 1: how sure it is that the two belong together. */
  score: number;
}

/** The links between captions and what they describe. */
export interface CaptionLinks {
  /** The link of a table or picture, if it has a caption. */
  ofTarget(target: SegmentDocument): CaptionLink | undefined;
  /** The link of a caption, or of a text that serves as one. */
  ofCaption(caption: SegmentDocument): CaptionLink | undefined;
}

/** The usual side counts as much as this many captions of the document itself. */
const USUAL_WEIGHT = 2;

/** On which side the captions of this document stand, as far as the links that were found tell. */
const habitsOf = (links: readonly LinkCandidate[]): Habits => {
  const share = (type: "Table" | "Picture"): number => {
    const sides = links.filter((link) => link.type === type).map(({ side }) => side);
    const above = sides.filter((side) => side === "above").length;
    const below = sides.filter((side) => side === "below").length;
    return (USUAL_HABITS[type] * USUAL_WEIGHT + above) / (USUAL_WEIGHT + above + below);
  };
  return { Table: share("Table"), Picture: share("Picture") };
};

/**
 * Links each caption of a document to the table or picture it describes: at most one each, and so that the scores of
 * all links have the greatest sum. The links are sought twice, the second time with the side in mind on which the
 * document has its captions.
 *
 * @param documents the segments of one document in reading order
 * @param continues whether a table goes on with the one before it; it then shares that one's caption
 */
export const linkCaptions = (
  documents: readonly SegmentDocument[],
  continues: (table: SegmentDocument) => SegmentDocument | undefined,
): CaptionLinks => {
  const candidates = new CaptionCandidates(documents);
  const first = bestMatching(candidates.all(USUAL_HABITS));
  const links = bestMatching(candidates.all(habitsOf(first)));
  const byTarget = new Map<SegmentDocument, CaptionLink>();
  const byCaption = new Map<SegmentDocument, CaptionLink>();
  for (const { from: caption, to: target, score } of links) {
    const link = { caption, target, score: Math.round(score * 100) / 100 };
    byTarget.set(target, link);
    byCaption.set(caption, link);
  }
  for (const document of documents) {
    const before = byTarget.has(document) ? undefined : continues(document);
    const link = before && byTarget.get(before);
    if (link) byTarget.set(document, link);
  }
  return {
    ofTarget: (target) => byTarget.get(target),
    ofCaption: (caption) => byCaption.get(caption),
  };
};
