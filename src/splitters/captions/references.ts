import {
  captionLabel,
  type Label,
  mentionsIn,
  openingLabel,
  rangeOf,
} from "../../documents/labels/labels.js";
import type { Reference, SegmentDocument } from "../../documents/metadata.js";
import type { SplitDraft } from "../split-draft.js";
import type { CaptionLinks } from "./link-captions.js";

/** What bears a label: a table or picture, and the caption that gives it. */
interface Bearer {
  label: Label;
  segment: SegmentDocument;
  caption: SegmentDocument;
}

/** What is full of figures of its own, or repeats on every page. */
const WITHOUT_REFERENCES = new Set(["Table", "Picture", "PageHeader", "PageFooter"]);

const isTarget = ({ metadata }: SegmentDocument): boolean =>
  metadata.segment_type === "Table" || metadata.segment_type === "Picture";

/**
 * Finds what the texts of one document mention by label, such as `see Table 2` or `Figs. 3–5`. A label stands for the
 * table or picture that its caption is linked to, or for the caption alone. What nothing in the document bears is left
 * out: it may be the table of another document.
 */
export class References {
  /** By series and number. */
  readonly #bearers = new Map<string, Bearer>();

  constructor(segments: readonly SegmentDocument[], captions: CaptionLinks) {
    const found = segments.flatMap((segment): Bearer[] => {
      const link = captions.ofCaption(segment);
      const isCaption = link !== undefined || segment.metadata.segment_type === "Caption";
      // A table may have its label in a first row of its own.
      const isOwnCaption = isTarget(segment) && captions.ofTarget(segment) === undefined;
      const label = isCaption
        ? openingLabel(segment.pageContent)
        : isOwnCaption
          ? captionLabel(firstLine(segment))
          : undefined;
      return label ? [{ label, segment: link?.target ?? segment, caption: segment }] : [];
    });
    // A caption without a target is the second choice: `Table 2, continued` may be one.
    for (const bearer of [...found.filter(({ segment }) => isTarget(segment)), ...found]) {
      const { series, number } = bearer.label;
      if (number === undefined) continue;
      const key = keyOf(series, number);
      if (!this.#bearers.has(key)) this.#bearers.set(key, bearer);
    }
  }

  /** The draft with what its text mentions. */
  addTo(draft: SplitDraft): SplitDraft {
    const [first] = draft.segments;
    if (this.#bearers.size === 0 || WITHOUT_REFERENCES.has(first.metadata.segment_type)) return draft;
    const refers_to = this.#referencesOf(draft);
    return refers_to.length === 0 ? draft : { ...draft, metadata: { ...draft.metadata, refers_to } };
  }

  #referencesOf({ text, segments }: SplitDraft): Reference[] {
    const bearers = new Set(
      mentionsIn(text).flatMap(({ series, number, several }) => {
        const exact = this.#find(series, number);
        const isRange = exact.length === 0 && several;
        return isRange ? rangeOf(number).flatMap((each) => this.#find(series, each)) : exact;
      }),
    );
    // A caption says its own label, and does not refer to itself.
    return [...bearers]
      .filter(({ caption }) => !segments.includes(caption))
      .map(({ label, segment: { metadata } }) => ({
        label: label.text,
        segment_id: metadata.segment_id,
        segment_index: metadata.segment_index,
        page_number: metadata.page_number,
      }));
  }

  /** `Figure 3a` is Figure 3 where no part of it has a caption, and Figure 3 all its parts where it has none itself. */
  #find(series: string, number: string): Bearer[] {
    const exact =
      this.#bearers.get(keyOf(series, number)) ??
      this.#bearers.get(keyOf(series, number.replace(/(?<=\d)[A-Z]$/, "")));
    if (exact) return [exact];
    if (!/\d$/.test(number)) return [];
    const parts = [...LETTERS].map((letter) => this.#bearers.get(keyOf(series, `${number}${letter}`)));
    return parts.filter((part) => part !== undefined);
  }
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The first line that says something, less the blanks and borders it ends with. */
const firstLine = ({ pageContent }: SegmentDocument): string => {
  const line = pageContent.split("\n").find((each) => /[\p{L}\p{N}]/u.test(each)) ?? "";
  let end = line.length;
  // Step by step: a pattern for a run at the end takes the square of the longest run before it.
  while (end > 0 && /[\s|]/u.test(line.charAt(end - 1))) end--;
  return line.slice(0, end);
};

const keyOf = (series: string, number: string): string => `${series} ${number}`;
