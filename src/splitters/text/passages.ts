import type { SegmentDocument } from "../../documents/metadata.js";
import { trimText } from "../../internal/text/trim.js";
import type { Excerpt, TextRange } from "../split-draft.js";
import { continues } from "./continuation.js";
import { joinTexts } from "./join-texts.js";

/** A segment's range in the text of a passage. */
interface PassagePart extends TextRange {
  segment: SegmentDocument;
  /** The segment's own text, which may end with a hyphen that the passage leaves out. */
  of: string;
}

/** The text of one segment, or of several over which a sentence continues. */
export interface Passage {
  text: string;
  parts: readonly [PassagePart, ...PassagePart[]];
}

/** The segments that a range of a passage is from, in reading order. */
export interface PassageSegments {
  segments: [SegmentDocument, ...SegmentDocument[]];
  excerpts: Excerpt[];
}

const passageOf = (segment: SegmentDocument): Passage => {
  const text = trimText(segment.pageContent);
  return { text, parts: [{ segment, of: text, start: 0, end: text.length }] };
};

const append = (passage: Passage, segment: SegmentDocument, known: () => ReadonlySet<string>): Passage => {
  const of = segment.pageContent.trim();
  const { end, separator } = joinTexts(passage.text, of, known);
  const start = end + separator.length;
  const [first, ...others] = passage.parts.map((part) => ({ ...part, end: Math.min(part.end, end) }));
  const part = { segment, of, start, end: start + of.length };
  return {
    text: passage.text.slice(0, end) + separator + of,
    parts: first ? [first, ...others, part] : [part],
  };
};

/**
 * Joins the segments whose sentences continue over a column, a page or a figure.
 *
 * @param known the words of the document
 */
export const toPassages = (run: readonly SegmentDocument[], known: () => ReadonlySet<string>): Passage[] => {
  const passages: Passage[] = [];
  let before: SegmentDocument | undefined;
  for (const segment of run) {
    const last = passages.at(-1);
    if (last && before && continues(before, segment))
      passages[passages.length - 1] = append(last, segment, known);
    else passages.push(passageOf(segment));
    before = segment;
  }
  return passages;
};

/** Finds the segments that a range of a passage is from. */
export const segmentsIn = ({ parts }: Passage, { start, end }: TextRange): PassageSegments => {
  const within = parts.filter((part) => part.start < end && part.end > start);
  const [first = parts[0], ...others] = within;
  const excerpts = [first, ...others].map(
    ({ segment, of, start: from, end: to }): Excerpt => ({
      segment,
      of,
      start: Math.max(0, start - from),
      end: end >= to ? of.length : end - from,
    }),
  );
  return { segments: [first.segment, ...others.map(({ segment }) => segment)], excerpts };
};
