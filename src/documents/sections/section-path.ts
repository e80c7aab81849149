import { captionLabel } from "../labels/labels.js";
import type { Segment } from "../segment.js";
import { isHeading, normalizeSegmentType } from "../segment-type.js";
import { type HeadingNumber, headingNumber } from "./heading-number.js";
import { type HeadingSize, HeadingSizes, lineHeight } from "./heading-size.js";

/** An open heading: the segments that follow are under it. */
interface Heading {
  text: string;
  isTitle: boolean;
  /** Number of `#` in its Markdown, or of `<hN>`. */
  level: number | undefined;
  size: HeadingSize | undefined;
  number: HeadingNumber | undefined;
}

/** The headings that were numbered in one style. */
interface Numbered {
  last: HeadingNumber;
  /** For each number, the headings above it and itself. */
  paths: Map<string, Heading[]>;
}

type HeadingSegment = Pick<Segment, "segment_type" | "markdown" | "html" | "bbox" | "ocr" | "packed_ocr">;

const markedLevel = ({ markdown, html }: HeadingSegment): number | undefined => {
  const marks = /^\s*(#{1,6})\s/.exec(markdown ?? "")?.[1];
  if (marks) return marks.length;
  const tag = /^\s*<h([1-6])[\s>]/i.exec(html ?? "")?.[1];
  return tag ? Number(tag) : undefined;
};

/** The longest heading in a section path, which all that follows repeats; a longer one is shortened. */
const HEADING_LENGTH = 1_000;

const shorten = (text: string): string =>
  text.length <= HEADING_LENGTH ? text : `${text.slice(0, HEADING_LENGTH).replace(/\p{Surrogate}$/u, "")}…`;

/** Blanks other than single spaces, which few texts have. */
const ODD_BLANKS = /[^\S ]| {2}/;

export const headingText = (text: string): string =>
  shorten(
    // Blanks first: a pattern that looks for a run of them before something else takes the square of its length.
    (ODD_BLANKS.test(text) ? text.replace(/\s+/g, " ") : text)
      .replace(/^ ?#{1,6} /, "")
      .replace(/ #+ ?$/, "")
      .trim(),
  );

/** Numbers of this rank and beyond, such as `(a)`, stand under a heading without a number. */
const MINOR_RANK = 6;

/**
 * Follows the headings of one document in reading order, across pages, and tells under which of them a segment
 * stands. It looks at nothing that comes later, so that segments can be read one at a time.
 *
 * Of two headings, the first of these that tells them apart decides which stands above the other:
 * 1. a number that names the one above it: `3.1.2` stands under `3.1`;
 * 2. `#` in Markdown or `<hN>`, once the section headings so far have had two levels; while all have `##`, it
 *    says nothing;
 * 3. numbering of one style (`2.` ends `1.`), then a title before a heading;
 * 4. styles of numbering: annex, part, chapter, then sections and articles, `A.`, `1.`, `(a)`; of two that have no
 *    fixed order, the later one is inside;
 * 5. the height of their lines, where Markdown says nothing.
 * Otherwise they are equals. Captions such as `Table 3: Safety` that came as headings open no section.
 */
export class SectionPath {
  // Whether a title or a heading, the type says; how large, says which of its kind.
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
      size: height === null ? undefined : this.#sizes[isTitle ? "title" : "heading"].of(height, text),
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

  /** The headings down to `3.1` for `3.1.2`, also when a heading without a number stands between. */
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

  /** What Markdown says, if it says anything. */
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
    return inner !== undefined && inner.rank >= MINOR_RANK;
  }

  #bySize(open: Heading, next: Heading): boolean | undefined {
    const marksTell = this.#levels.size > 1 && open.level !== undefined && next.level !== undefined;
    if (marksTell || open.isTitle !== next.isTitle || !open.size || !next.size || open.size === next.size)
      return undefined;
    return open.size.height > next.size.height;
  }
}
