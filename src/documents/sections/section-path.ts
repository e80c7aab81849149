import { withoutMarks } from "../../internal/markup/markdown.js";
import { captionLabel } from "../labels/labels.js";
import type { Segment } from "../segment.js";
import { isHeading, normalizeSegmentType } from "../segment-type.js";
import { standsAlone } from "./heading-names.js";
import { type HeadingNumber, headingNumber } from "./heading-number.js";
import { HeadingSizes, lineHeight, type SizeOfHeading } from "./heading-size.js";

/** An open heading, which the following segments belong to. */
interface Heading {
  text: string;
  isTitle: boolean;
  /** Number of `#` in its Markdown, or of `<hN>`. */
  level: number | undefined;
  size: SizeOfHeading | undefined;
  number: HeadingNumber | undefined;
}

/** The headings that were numbered in one style so far. */
interface Numbered {
  last: HeadingNumber;
  /** By number: the heading with that number, after the headings that contain it. */
  paths: Map<string, Heading[]>;
}

type HeadingSegment = Pick<Segment, "segment_type" | "markdown" | "html" | "bbox" | "ocr" | "packed_ocr">;

const markedLevel = ({ markdown, html }: HeadingSegment): number | undefined => {
  const marks = /^\s*(#{1,6})\s/.exec(markdown ?? "")?.[1];
  if (marks) return marks.length;
  const tag = /^\s*<h([1-6])[\s>]/i.exec(html ?? "")?.[1];
  return tag ? Number(tag) : undefined;
};

/** The most characters of a heading in a section path, because every split below it repeats the path. */
const HEADING_LENGTH = 1_000;

const shorten = (text: string): string =>
  text.length <= HEADING_LENGTH ? text : `${text.slice(0, HEADING_LENGTH).replace(/\p{Surrogate}$/u, "")}…`;

/** White space other than single spaces, which few texts have. */
const ODD_BLANKS = /[^\S ]| {2}/;

/** What a text must have for anything but white space around it to be left out. */
const MAY_CHANGE = /[#*_`[\\]|[^\S ]| {2}/;

export const headingText = (text: string): string => {
  if (!MAY_CHANGE.test(text)) return shorten(text.trim());
  return shorten(
    withoutMarks(
      // White space first, because a pattern with a run of it before something else takes quadratic time.
      (ODD_BLANKS.test(text) ? text.replace(/\s+/g, " ") : text)
        .replace(/^ ?#{1,6} /, "")
        .replace(/ #+ ?$/, "")
        .trim(),
    ),
  );
};

/** Headings with numbers of this rank or a higher one, such as `(a)`, belong to a heading without a number. */
const MINOR_RANK = 6;

/**
 * Follows the headings of one document in reading order, across pages, and returns the headings that contain each
 * segment. It needs nothing that comes later, so that segments can be read one at a time.
 *
 * The first of these rules that distinguishes two headings decides which one contains the other:
 * 1. a number that includes the number of the other: `3.1` contains `3.1.2`;
 * 2. `#` in Markdown or `<hN>`, once the section headings so far have had two levels; it decides nothing while all
 *    have `##`;
 * 3. numbers of one style (`2.` ends `1.`), then a title before a heading;
 * 4. the styles of their numbers: annex, part, chapter, then sections and articles, `A.`, `1.`, `(a)`; if two styles
 *    have no fixed order, the earlier heading contains the later one;
 * 5. the height of their lines, if Markdown decides nothing;
 * 6. a heading with a number contains one without that is no larger, unless it is one such as `References`.
 * Otherwise they are siblings. Captions such as `Table 3: Safety` that were parsed as headings open no section.
 */
export class SectionPath {
  // Titles and headings are compared by size only among themselves, because their types tell them apart.
  readonly #sizes = { title: new HeadingSizes(), heading: new HeadingSizes() };
  readonly #levels = new Set<number>();
  readonly #numbered = new Map<string, Numbered>();
  #open: Heading[] = [];

  /** Returns the section path of the next segment; that of a heading includes itself. */
  enter(segment: HeadingSegment, text: string): string[] {
    const type = normalizeSegmentType(segment.segment_type);
    const heading = isHeading(type) ? headingText(text) : "";
    if (heading && !captionLabel(heading)) this.#push(this.#read(segment, heading, type === "Title"));
    return this.#open.map((open) => open.text);
  }

  #read(segment: HeadingSegment, text: string, isTitle: boolean): Heading {
    const height = lineHeight(segment, text);
    const level = markedLevel(segment);
    if (level !== undefined && !isTitle) this.#levels.add(level);
    const follows = (style: string, before: string): boolean =>
      this.#open.some(
        ({ number }) => number?.style === style && (before === "" || number.parts.at(-1) === before),
      );
    return {
      text,
      isTitle,
      level,
      size: height === null ? undefined : this.#sizes[isTitle ? "title" : "heading"].add(height, text),
      number: headingNumber(text, follows),
    };
  }

  #push(heading: Heading): void {
    const { number } = heading;
    this.#open = [...(this.#namedParents(number) ?? this.#parents(heading)), heading];
    if (!number) {
      if (heading.isTitle) this.#numbered.clear();
      return;
    }
    // Numbering that restarts within another annex or chapter has other parents.
    for (const [style, { last }] of this.#numbered) if (last.rank > number.rank) this.#numbered.delete(style);
    const paths = this.#numbered.get(number.style)?.paths ?? new Map<string, Heading[]>();
    paths.set(number.parts.join("."), this.#open);
    this.#numbered.set(number.style, { last: number, paths });
  }

  /** Returns the headings down to `3.1` for `3.1.2`, also if a heading without a number is between them. */
  #namedParents(number: HeadingNumber | undefined): Heading[] | undefined {
    const numbered = number && this.#numbered.get(number.style);
    const parent = number?.parts.slice(0, -1) ?? [];
    if (!numbered || parent.length === 0) return undefined;
    const isWithin = parent.every((part, index) => part === numbered.last.parts[index]);
    return isWithin ? numbered.paths.get(parent.join(".")) : undefined;
  }

  #parents(next: Heading): Heading[] {
    const { number } = next;
    const peer = number
      ? this.#open.findIndex(
          (open) =>
            open.number?.style === number.style &&
            open.number.parts.length >= number.parts.length &&
            this.#byMarks(open, next) === undefined,
        )
      : -1;
    if (peer >= 0) return this.#open.slice(0, peer);
    const open = [...this.#open];
    for (let last = open.at(-1); last && !this.#isAbove(last, next); last = open.at(-1)) open.pop();
    return open;
  }

  /** Tells by the marks of Markdown or HTML whether a heading contains the next; `undefined` if they do not decide. */
  #byMarks(open: Heading, next: Heading): boolean | undefined {
    const says = this.#levels.size > 1 || open.isTitle !== next.isTitle;
    if (!says || open.level === undefined || next.level === undefined) return undefined;
    return open.level === next.level ? undefined : open.level < next.level;
  }

  #isAbove(open: Heading, next: Heading): boolean {
    const [outer, inner] = [open.number, next.number];
    const byMarks = this.#byMarks(open, next);
    if (byMarks !== undefined) return byMarks;
    if (outer && inner && outer.style === inner.style) return outer.parts.length < inner.parts.length;
    if (open.isTitle && !outer && (inner || !next.isTitle)) return true;
    if (next.isTitle && !open.isTitle && !inner) return false;
    if (outer && inner) return outer.rank <= inner.rank;
    const bySize = this.#bySize(open, next);
    if (bySize !== undefined) return bySize;
    if (outer && !inner && open.size && next.size) return outer.rank < MINOR_RANK && !standsAlone(next.text);
    return inner !== undefined && inner.rank >= MINOR_RANK;
  }

  #bySize(open: Heading, next: Heading): boolean | undefined {
    const marksTell = this.#levels.size > 1 && open.level !== undefined && next.level !== undefined;
    if (marksTell || open.isTitle !== next.isTitle || !open.size || !next.size) return undefined;
    const difference = this.#sizes[open.isTitle ? "title" : "heading"].compare(open.size, next.size);
    return difference === 0 ? undefined : difference > 0;
  }
}
