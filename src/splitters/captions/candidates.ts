import type { SegmentDocument } from "../../documents/metadata.js";
import type { BBox } from "../../documents/segment.js";
import { isPageMargin } from "../../documents/segment-type.js";
import type { Candidate } from "./bipartite-matching.js";
import { liesBetween, relate, type Side } from "./geometry.js";
import { type IndexedSegment, PageIndex, placeOf } from "./page-index.js";
import {
  type CaptionSidePrior,
  type CaptionText,
  type Evidence,
  isCaptionLike,
  readCaption,
  scoreLink,
  type TargetType,
} from "./score.js";

/** A caption that may describe a table or picture. */
export interface LinkCandidate extends Candidate<SegmentDocument, SegmentDocument> {
  side: Side;
  type: TargetType;
}

interface Caption extends IndexedSegment {
  text: CaptionText;
}

/** A caption and a target that it may describe by their positions. */
interface Pair {
  caption: Caption;
  target: IndexedSegment;
  type: TargetType;
  evidence: Evidence;
}

const targetType = ({ metadata }: SegmentDocument): TargetType | undefined =>
  metadata.segment_type === "Table" || metadata.segment_type === "Picture"
    ? metadata.segment_type
    : undefined;

const isTypedCaption = ({ metadata }: SegmentDocument): boolean => metadata.segment_type === "Caption";

/** The longest line, such as `in millions of euro`, that may be between a labelled caption and its table. */
const MAX_UNIT_LINE = 60;

/** Limits for a text that is a caption only by its label: it must be next to its target. */
const MAX_GAP_OF_TEXT = 0.04;
const MIN_OVERLAP_OF_TEXT = 0.5;

/** The largest gap between caption and target, as a share of the page's height. */
const MAX_GAP = 0.4;

/** Segments this far apart in reading order are linked only by their boxes. */
const FAR = 24;

/** A caption whose best target is taken goes only to targets with at least this share of the best score. */
const SECOND_BEST = 0.65;

/** A page without a known height is taken to be A4 at 150 dots per inch. */
const DEFAULT_PAGE_HEIGHT = 1754;

/** Finds where a table that was merged over several pages ends; `undefined` for any other segment. */
const endOf = ({ metadata }: SegmentDocument): IndexedSegment["end"] => {
  const pages = metadata.merged_page_bboxes ?? [];
  const last = pages.reduce((a, b) => (b.page_number > a.page_number ? b : a), pages[0] ?? metadata);
  return last.page_number > metadata.page_number ? last : undefined;
};

/** Tells whether the later of two in reading order is higher, in a column to the right of the other. */
const isInNextColumn = (caption: IndexedSegment, target: IndexedSegment, from: BBox, to: BBox): boolean => {
  const [first, second] = caption.index < target.index ? [from, to] : [to, from];
  return second.left >= first.left + first.width && second.top + second.height <= first.top;
};

/** Finds the targets that the captions of one document may describe. */
export class CaptionCandidates {
  readonly #documents: readonly SegmentDocument[];
  readonly #pages = new Map<number, PageIndex>();
  readonly #pairs: Pair[];

  /** @param documents the segments of one document in reading order */
  constructor(documents: readonly SegmentDocument[]) {
    this.#documents = documents;
    const captions: Caption[] = [];
    for (const [index, document] of documents.entries())
      if (isCaptionLike(document)) captions.push({ document, index, text: readCaption(document) });
    if (captions.length > 0) this.#indexPages();
    this.#pairs = captions.flatMap((caption) => this.#pairsOf(caption));
  }

  /** Lists all possible links with their scores, in reading order of the captions. */
  all(sidePrior: CaptionSidePrior): LinkCandidate[] {
    const links = this.#pairs.flatMap(({ caption, target, type, evidence }): LinkCandidate[] => {
      const score = scoreLink(caption.text, type, evidence, sidePrior);
      if (score === null) return [];
      return [{ from: caption.document, to: target.document, score, side: evidence.side, type }];
    });
    const best = new Map<SegmentDocument, number>();
    for (const { from, score } of links) best.set(from, Math.max(score, best.get(from) ?? 0));
    return links.filter(({ from, score }) => score >= SECOND_BEST * (best.get(from) ?? 0));
  }

  #indexPages(): void {
    for (const [index, document] of this.#documents.entries()) {
      this.#add({ document, index });
      const end = endOf(document);
      if (end) this.#add({ document, index, end });
    }
  }

  #add(place: IndexedSegment): void {
    const { page_number } = placeOf(place);
    const page = this.#pages.get(page_number) ?? new PageIndex();
    this.#pages.set(page_number, page);
    page.add(place, targetType(place.document) !== undefined);
  }

  #pairsOf(caption: Caption): Pair[] {
    const page = caption.document.metadata.page_number;
    const pages = [page, page + 1, page - 1].flatMap((number) => this.#pages.get(number) ?? []);
    const near = pages.flatMap((places) => places.targetsNear(caption));
    const pairs = new Map<SegmentDocument, Pair>();
    for (const target of near) {
      const type = targetType(target.document);
      const evidence = type && this.#evidence(caption, target);
      // Of the two ends of a merged table, the one on the caption's page counts.
      const isBetter = evidence?.relation != null || !pairs.has(target.document);
      if (evidence && isBetter) pairs.set(target.document, { caption, target, type, evidence });
    }
    return [...pairs.values()];
  }

  #evidence(caption: Caption, target: IndexedSegment): Evidence | undefined {
    const isFar = Math.abs(caption.index - target.index) > FAR;
    const between = isFar ? [] : this.#between(caption, target);
    const { page_number, page_height, bbox } = caption.document.metadata;
    const pageHeight = page_height && page_height > 0 ? page_height : DEFAULT_PAGE_HEIGHT;
    const common = { pageHeight, between: isFar ? FAR : between.length };
    const { bbox: place, page_number: page } = placeOf(target);
    const acrossBreak =
      page !== page_number ||
      (bbox !== null && place !== null && isInNextColumn(caption, target, bbox, place));
    if (acrossBreak || !bbox || !place) {
      const reaches = acrossBreak
        ? this.#reachesOver(caption, target, between)
        : this.#reachesInOrder(caption, between);
      if (isFar || !reaches) return undefined;
      const side = caption.index < target.index ? "above" : "below";
      return { ...common, side, relation: null, acrossBreak };
    }
    const relation = relate(bbox, place);
    if (!relation || relation.gap > MAX_GAP * pageHeight) return undefined;
    if (relation.gap > 0 && this.#isBlocked(caption, target, relation.side)) return undefined;
    const isNear = relation.gap <= MAX_GAP_OF_TEXT * pageHeight && relation.overlap >= MIN_OVERLAP_OF_TEXT;
    if (!isTypedCaption(caption.document) && !isNear) return undefined;
    return { ...common, side: relation.side, relation, acrossBreak };
  }

  /** Lists the segments between two others in reading order, without page headers and footers. */
  #between(one: IndexedSegment, other: IndexedSegment): SegmentDocument[] {
    const [first, last] = [Math.min(one.index, other.index), Math.max(one.index, other.index)];
    return this.#documents
      .slice(first + 1, last)
      .filter((document) => !isPageMargin(document.metadata.segment_type));
  }

  /**
   * Tells whether a caption reaches its target over the end of a page or column: only footnotes, captions and other
   * targets may be between, and only a labelled caption reaches back.
   */
  #reachesOver(caption: Caption, target: IndexedSegment, between: readonly SegmentDocument[]): boolean {
    const { page_number } = placeOf(target);
    const pages = page_number - caption.document.metadata.page_number;
    const isForward = target.index > caption.index && pages >= 0;
    const isBack = target.index < caption.index && pages <= 0;
    if (!isForward && !(isBack && caption.text.isLabelled)) return false;
    return between.every(
      (document) =>
        document.metadata.segment_type === "Footnote" ||
        isTypedCaption(document) ||
        // Several captions at the end of a page have their targets at the start of the next.
        (targetType(document) && document.metadata.page_number === page_number),
    );
  }

  /** Tells whether a caption reaches its target without boxes: only captions and targets may be between; for a text, nothing. */
  #reachesInOrder(caption: Caption, between: readonly SegmentDocument[]): boolean {
    if (!isTypedCaption(caption.document)) return between.length === 0;
    return between.every((document) => isTypedCaption(document) || targetType(document) !== undefined);
  }

  /** Tells whether another segment is in the gap between caption and target. */
  #isBlocked(caption: Caption, target: IndexedSegment, side: Side): boolean {
    const { bbox: from, page_number } = caption.document.metadata;
    const { bbox: to } = placeOf(target);
    if (!from || !to) return false;
    const top = Math.min(from.top, to.top);
    const bottom = Math.max(from.top + from.height, to.top + to.height);
    let unitLines = 0;
    for (const { document, bbox } of this.#pages.get(page_number)?.reachingInto(top, bottom) ?? []) {
      const stands =
        document !== caption.document &&
        document !== target.document &&
        !isPageMargin(document.metadata.segment_type);
      if (!stands || isTypedCaption(document) || !liesBetween(bbox, from, to, side)) continue;
      const isUnitLine =
        targetType(document) === undefined && document.pageContent.trim().length <= MAX_UNIT_LINE;
      unitLines += 1;
      if (unitLines > 1 || !isUnitLine || !caption.text.isLabelled) return true;
    }
    return false;
  }
}
