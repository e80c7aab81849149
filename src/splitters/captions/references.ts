import {
  captionLabel,
  type Label,
  mentionsIn,
  openingLabel,
  rangeOf,
} from "../../documents/labels/labels.js";
import type { Reference, SegmentDocument } from "../../documents/metadata.js";
import { isPageMargin } from "../../documents/segment-type.js";
import type { SplitDraft } from "../split-draft.js";
import type { CaptionLinks } from "./link-captions.js";

/** A table or picture with a label, and the caption that gives the label. */
interface LabelledSegment {
  label: Label;
  segment: SegmentDocument;
  caption: SegmentDocument;
}

const isTarget = ({ metadata }: SegmentDocument): boolean =>
  metadata.segment_type === "Table" || metadata.segment_type === "Picture";

/** Tells which segments are not searched: they are full of figures of their own, or repeated on every page. */
const isNotSearched = (segment: SegmentDocument): boolean =>
  isTarget(segment) || isPageMargin(segment.metadata.segment_type);

/**
 * Finds the tables and pictures that the texts of one document mention by label, such as `see Table 2` or `Figs. 3–5`. A
 * label refers to the table or picture that its caption is linked to, or to the caption alone. A label that no caption
 * has is left out: it may be that of another document.
 */
export class References {
  /** By series and number. */
  readonly #labelled = new Map<string, LabelledSegment>();

  constructor(segments: readonly SegmentDocument[], captions: CaptionLinks) {
    const found = segments.flatMap((segment): LabelledSegment[] => {
      const link = captions.ofCaption(segment);
      const isCaption = link !== undefined || segment.metadata.segment_type === "Caption";
      // A table may have its label in its first row.
      const isOwnCaption = isTarget(segment) && captions.ofTarget(segment) === undefined;
      const label = isCaption
        ? openingLabel(segment.pageContent)
        : isOwnCaption
          ? captionLabel(firstLine(segment))
          : undefined;
      return label ? [{ label, segment: link?.target ?? segment, caption: segment }] : [];
    });
    // A caption without a target is the second choice: `Table 2, continued` may be one.
    for (const entry of [...found.filter(({ segment }) => isTarget(segment)), ...found]) {
      const { series, number } = entry.label;
      if (number === undefined) continue;
      const key = keyOf(series, number);
      if (!this.#labelled.has(key)) this.#labelled.set(key, entry);
    }
  }

  /** Adds the references in its text to a split. */
  addTo(draft: SplitDraft): SplitDraft {
    const [first] = draft.segments;
    if (this.#labelled.size === 0 || isNotSearched(first)) return draft;
    const refers_to = this.#referencesOf(draft);
    return refers_to.length === 0 ? draft : { ...draft, metadata: { ...draft.metadata, refers_to } };
  }

  #referencesOf({ text, segments }: SplitDraft): Reference[] {
    const labelled = new Set(
      mentionsIn(text).flatMap(({ series, number, several }) => {
        const exact = this.#find(series, number);
        const isRange = exact.length === 0 && several;
        return isRange ? rangeOf(number).flatMap((each) => this.#find(series, each)) : exact;
      }),
    );
    // A caption contains its own label, which is no reference.
    return [...labelled]
      .filter(({ caption }) => !segments.includes(caption))
      .map(({ label, segment: { metadata } }) => ({
        label: label.text,
        segment_id: metadata.segment_id,
        segment_index: metadata.segment_index,
        page_number: metadata.page_number,
      }));
  }

  /** Finds a label: `Figure 3a` is Figure 3 if no part has a caption; Figure 3 is all its parts if it has none itself. */
  #find(series: string, number: string): LabelledSegment[] {
    const exact =
      this.#labelled.get(keyOf(series, number)) ??
      this.#labelled.get(keyOf(series, number.replace(/(?<=\d)[A-Z]$/, "")));
    if (exact) return [exact];
    if (!/\d$/.test(number)) return [];
    const parts = [...LETTERS].map((letter) => this.#labelled.get(keyOf(series, `${number}${letter}`)));
    return parts.filter((part) => part !== undefined);
  }
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Finds the first line with letters or figures, without the blanks and borders at its end. */
const firstLine = ({ pageContent }: SegmentDocument): string => {
  const line = pageContent.split("\n").find((each) => /[\p{L}\p{N}]/u.test(each)) ?? "";
  let end = line.length;
  // Step by step: a pattern for a run at the end takes the square of the longest run before it.
  while (end > 0 && /[\s|]/u.test(line.charAt(end - 1))) end--;
  return line.slice(0, end);
};

const keyOf = (series: string, number: string): string => `${series} ${number}`;
