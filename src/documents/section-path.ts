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

export const headingText = (text: string): string =>
  text
    .replace(/^\s*#{1,6}\s+/, "")
    .replace(/\s+#+\s*$/, "")
    .replace(/\s+/g, " ")
    .trim();

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
