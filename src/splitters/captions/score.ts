import { captionLabel, openingLabel } from "../../documents/labels/labels.js";
import type { SegmentDocument } from "../../documents/metadata.js";
import type { Relation, Side } from "./geometry.js";

export type TargetType = "Table" | "Picture";

/** How often captions of a type stand above what they describe, from 0 to 1. */
export type Habits = Readonly<Record<TargetType, number>>;

/** Tables have their captions above and pictures below, as a rule. */
export const USUAL_HABITS: Habits = { Table: 0.7, Picture: 0.3 };

/** What speaks for a link. They sum up to 1; nearness scales the sum. */
const WEIGHTS = { label: 0.45, overlap: 0.2, side: 0.15, order: 0.2 } as const;

/**
 * Gaps, as shares of the page's height, that halve nearness: the narrow one tells which of two neighbours a caption
 * clings to, the wide one lets a caption reach over white space when there is nothing nearer.
 */
const NARROW_GAP = 0.015;
const WIDE_GAP = 0.1;
const NARROW_SHARE = 0.4;

const nearnessOf = (gap: number): number =>
  NARROW_SHARE / (1 + gap / NARROW_GAP) + (1 - NARROW_SHARE) / (1 + gap / WIDE_GAP);

/** Segments that stand between cost little at first, so that of two captions before two tables each takes its own. */
const orderOf = (between: number): number => Math.max(0, 1 - (between / 5) ** 2);

/** Without boxes, reading order alone must do. */
const UNKNOWN_NEARNESS = 0.8;
const UNKNOWN_OVERLAP = 0.5;
/** Over the end of a page or column. */
const BREAK_NEARNESS = 0.6;

/** What a caption says of its target. */
export interface CaptionText {
  /** How far the text names a target of the type, 0 to 1; `null` when it names another one. */
  names(type: TargetType): number | null;
  /** Opens with a label that has a number. */
  isLabelled: boolean;
  /** The source of a table, or a note to it, which stands below. */
  isNote: boolean;
}

const NOTE = /^\W*(?:sources?|notes?|quellen?|anmerkung(?:en)?|fuentes?|fonti?|bron|remarques?)\s*[:.]/iu;
const SUBFIGURE = /^\W*\(?[a-z]\)/iu;

export const readCaption = ({ pageContent, metadata }: SegmentDocument): CaptionText => {
  const text = pageContent.trim();
  const label = openingLabel(text);
  const isNote = NOTE.test(text);
  // Of other types, only a text that is a label beyond doubt is a caption, and a little less sure to be one.
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

/** Whether a segment is a caption, or, whatever its type, a text that can be nothing else beside a table or picture. */
export const isCaptionLike = ({ pageContent, metadata }: SegmentDocument): boolean => {
  if (metadata.segment_type === "Caption") return pageContent.trim() !== "";
  return MAY_BE_CAPTION.has(metadata.segment_type) && captionLabel(pageContent) !== undefined;
};

const MAY_BE_CAPTION = new Set(["Text", "Title", "SectionHeader", "ListItem"]);

/** The least score of a link. */
const LEAST_SCORE = 0.25;
const LEAST_SCORE_OF_LABELLED = 0.2;

export interface Evidence {
  side: Side;
  /** `null` without boxes, or over the end of a page or column. */
  relation: Relation | null;
  pageHeight: number;
  /** Whether one stands at the end of a page or column and the other at the start of the next. */
  acrossBreak: boolean;
  /** Segments between the two in reading order, running heads and feet excepted. */
  between: number;
}

/** How sure it is that a caption describes a target, from 0 to 1; `null` when it does not. */
export const scoreLink = (
  caption: CaptionText,
  type: TargetType,
  { side, relation, pageHeight, acrossBreak, between }: Evidence,
  habits: Habits,
): number | null => {
  const label = caption.names(type);
  if (label === null || (caption.isNote && side === "above")) return null;
  const usual = { above: habits[type], below: 1 - habits[type], beside: 0.3 }[side];
  const nearness = relation
    ? nearnessOf(relation.gap / pageHeight)
    : acrossBreak
      ? BREAK_NEARNESS
      : UNKNOWN_NEARNESS;
  const sum =
    WEIGHTS.label * label +
    WEIGHTS.overlap * (relation?.overlap ?? UNKNOWN_OVERLAP) +
    WEIGHTS.side * usual +
    WEIGHTS.order * orderOf(between);
  const score = nearness * sum;
  return score >= (caption.isLabelled ? LEAST_SCORE_OF_LABELLED : LEAST_SCORE) ? score : null;
};
