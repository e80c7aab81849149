import { captionLabel, openingLabel } from "../../documents/labels/labels.js";
import type { SegmentDocument } from "../../documents/metadata.js";
import type { Relation, Side } from "./geometry.js";

export type TargetType = "Table" | "Picture";

/** The share of captions above what they describe, by type of target, from 0 to 1. */
export type CaptionSidePrior = Readonly<Record<TargetType, number>>;

/** By custom, tables have their captions above and pictures below. */
export const DEFAULT_SIDE_PRIOR: CaptionSidePrior = { Table: 0.7, Picture: 0.3 };

/** The weights of the evidence for a link. They add up to 1; nearness scales the sum. */
const WEIGHTS = { label: 0.45, overlap: 0.2, side: 0.15, order: 0.2 } as const;

/**
 * The gaps, as shares of the page's height, that halve nearness. The narrow one decides between two neighbours; the
 * wide one lets a caption reach over white space if nothing is nearer.
 */
const NARROW_GAP = 0.015;
const WIDE_GAP = 0.1;
const NARROW_SHARE = 0.4;

const nearnessOf = (gap: number): number =>
  NARROW_SHARE / (1 + gap / NARROW_GAP) + (1 - NARROW_SHARE) / (1 + gap / WIDE_GAP);

/**
 * Scores reading order. The first segments between cost little, so that of two captions before two tables each takes
 * its own.
 */
const orderOf = (between: number): number => Math.max(0, 1 - (between / 5) ** 2);

/** Used without boxes, where only reading order is known. */
const UNKNOWN_NEARNESS = 0.8;
const UNKNOWN_OVERLAP = 0.5;
/** Used where caption and target are separated by the end of a page or column. */
const BREAK_NEARNESS = 0.6;

/** What the text of a caption says about its target. */
export interface CaptionText {
  /** Scores how clearly the text names a target of the type, 0 to 1; `null` if it names another type. */
  names(type: TargetType): number | null;
  /** Whether it opens with a label that has a number. */
  isLabelled: boolean;
  /** Whether it names the source of a table or is a note, which stands below. */
  isNote: boolean;
}

const NOTE = /^\W*(?:sources?|notes?|quellen?|anmerkung(?:en)?|fuentes?|fonti?|bron|remarques?)\s*[:.]/iu;
const SUBFIGURE = /^\W*\(?[a-z]\)/iu;

export const readCaption = ({ pageContent, metadata }: SegmentDocument): CaptionText => {
  const text = pageContent.trim();
  const label = openingLabel(text);
  const isNote = NOTE.test(text);
  // A segment of another type counts only with a clear label, and is slightly less certain to be a caption.
  const trust = metadata.segment_type === "Caption" ? 1 : 0.9;
  return {
    names: (type) => {
      if (label && label.kind !== "any") return label.kind === type ? trust : null;
      if (label) return 0.8 * trust;
      if (isNote) return 0.25;
      return SUBFIGURE.test(text) && type === "Picture" ? 0.8 : 0.5;
    },
    isLabelled: label?.number !== undefined,
    isNote,
  };
};

/** Tells whether a segment is a caption by its type, or a text of another type that is a caption by its label. */
export const isCaptionLike = ({ pageContent, metadata }: SegmentDocument): boolean => {
  if (metadata.segment_type === "Caption") return pageContent.trim() !== "";
  return MAY_BE_CAPTION.has(metadata.segment_type) && captionLabel(pageContent) !== undefined;
};

const MAY_BE_CAPTION = new Set(["Text", "Title", "SectionHeader", "ListItem"]);

/** The minimum score of a link. */
const LEAST_SCORE = 0.25;
const LEAST_SCORE_OF_LABELLED = 0.2;

export interface Evidence {
  side: Side;
  /** `null` without boxes, or if the end of a page or column is between. */
  relation: Relation | null;
  pageHeight: number;
  /** Whether one is at the end of a page or column and the other at the start of the next. */
  acrossBreak: boolean;
  /** Segments between the two in reading order, running heads and feet excepted. */
  between: number;
}

/** Scores how certainly a caption describes a target, from 0 to 1; `null` if it does not. */
export const scoreLink = (
  caption: CaptionText,
  type: TargetType,
  { side, relation, pageHeight, acrossBreak, between }: Evidence,
  sidePrior: CaptionSidePrior,
): number | null => {
  const label = caption.names(type);
  if (label === null || (caption.isNote && side === "above")) return null;
  const prior = { above: sidePrior[type], below: 1 - sidePrior[type], beside: 0.3 }[side];
  const nearness = relation
    ? nearnessOf(relation.gap / pageHeight)
    : acrossBreak
      ? BREAK_NEARNESS
      : UNKNOWN_NEARNESS;
  const sum =
    WEIGHTS.label * label +
    WEIGHTS.overlap * (relation?.overlap ?? UNKNOWN_OVERLAP) +
    WEIGHTS.side * prior +
    WEIGHTS.order * orderOf(between);
  const score = nearness * sum;
  return score >= (caption.isLabelled ? LEAST_SCORE_OF_LABELLED : LEAST_SCORE) ? score : null;
};
