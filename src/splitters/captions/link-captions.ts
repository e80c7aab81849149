import type { SegmentDocument } from "../../documents/metadata.js";
import { bestMatching } from "./bipartite-matching.js";
import { CaptionCandidates, type LinkCandidate } from "./candidates.js";
import { type CaptionSidePrior, DEFAULT_SIDE_PRIOR } from "./score.js";

/** A caption and what it describes. */
export interface CaptionLink {
  caption: SegmentDocument;
  target: SegmentDocument;
  /** How certain the link is, from 0 to 1. */
  score: number;
}

/** The links between captions and what they describe. */
export interface CaptionLinks {
  /** The link of a table or picture, if it has a caption. */
  ofTarget(target: SegmentDocument): CaptionLink | undefined;
  /** The link of a caption, or of a text that serves as one. */
  ofCaption(caption: SegmentDocument): CaptionLink | undefined;
}

/** How many captions of the document the default prior counts as. */
const PRIOR_WEIGHT = 2;

/** Estimates from the links found on which side this document has its captions. */
const sidePriorOf = (links: readonly LinkCandidate[]): CaptionSidePrior => {
  const share = (type: "Table" | "Picture"): number => {
    const sides = links.filter((link) => link.type === type).map(({ side }) => side);
    const above = sides.filter((side) => side === "above").length;
    const below = sides.filter((side) => side === "below").length;
    return (DEFAULT_SIDE_PRIOR[type] * PRIOR_WEIGHT + above) / (PRIOR_WEIGHT + above + below);
  };
  return { Table: share("Table"), Picture: share("Picture") };
};

/**
 * Links captions to the tables and pictures they describe, at most one each, so that the sum of all scores is the
 * greatest. Links are computed twice: the second pass knows on which side the document has its captions.
 *
 * @param documents the segments of one document in reading order
 * @param continues finds the segment whose table a table continues; it shares that table's caption
 */
export const linkCaptions = (
  documents: readonly SegmentDocument[],
  continues: (table: SegmentDocument) => SegmentDocument | undefined,
): CaptionLinks => {
  const candidates = new CaptionCandidates(documents);
  const first = bestMatching(candidates.all(DEFAULT_SIDE_PRIOR));
  const links = bestMatching(candidates.all(sidePriorOf(first)));
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
