import type { Segment } from "./segment.js";
import { isHeading, normalizeSegmentType } from "./segment-type.js";

/** Level of a heading: the number of `#` in its Markdown, or of `<hN>`; else 1 for a title and 2 for a heading. */
export const headingLevel = (segment: Pick<Segment, "segment_type" | "markdown" | "html">): number => {
  const marks = /^\s*(#{1,6})\s/.exec(segment.markdown ?? "")?.[1];
  if (marks) return marks.length;
  const tag = /^\s*<h([1-6])[\s>]/i.exec(segment.html ?? "")?.[1];
  if (tag) return Number(tag);
  return normalizeSegmentType(segment.segment_type) === "Title" ? 1 : 2;
};

/** A heading stands in the metadata of all that follows it; one that is longer is shortened there. */
const HEADING_LENGTH = 1_000;

const shorten = (text: string): string =>
  text.length <= HEADING_LENGTH ? text : `${text.slice(0, HEADING_LENGTH).replace(/\p{Surrogate}$/u, "")}…`;

export const headingText = (text: string): string =>
  shorten(
    text
      // Blanks first: a pattern that looks for a run of them before something else takes the square of its length.
      .replace(/\s+/g, " ")
      .replace(/^ ?#{1,6} /, "")
      .replace(/ #+ ?$/, "")
      .trim(),
  );

/** Follows the headings of one document in reading order, across pages. */
export class SectionPath {
  #stack: { level: number; text: string }[] = [];

  /** The path a segment stands under; a heading stands under itself. */
  enter(segment: Segment, text: string): string[] {
    const heading = isHeading(normalizeSegmentType(segment.segment_type)) ? headingText(text) : "";
    if (heading) {
      const level = headingLevel(segment);
      this.#stack = [...this.#stack.filter((open) => open.level < level), { level, text: heading }];
    }
    return this.#stack.map((open) => open.text);
  }
}
