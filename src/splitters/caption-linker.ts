import type { SegmentDocument } from "../documents/metadata.js";

type Target = "Table" | "Picture";

/** Words that open a caption, in several languages, and what they name. */
const LABELS: readonly [RegExp, Target][] = [
  [/^\W*(?:tables?|tableaux?|tabellen?|tab\.|tablas?|tabelas?|tabell[ae])(?![\p{L}])/iu, "Table"],
  [
    /^\W*(?:figures?|fig\.|abbildung(?:en)?|abb\.|charts?|diagrams?|graphiques?|figuras?|figur[ae]|photos?|images?|grafik)(?![\p{L}])/iu,
    "Picture",
  ],
];

/** The links between captions and what they describe. */
export interface CaptionLinks {
  captionOf(target: SegmentDocument): SegmentDocument | undefined;
  targetOf(caption: SegmentDocument): SegmentDocument | undefined;
}

const isFurniture = ({ metadata }: SegmentDocument): boolean =>
  metadata.segment_type === "PageHeader" || metadata.segment_type === "PageFooter";

const isTarget = ({ metadata }: SegmentDocument): boolean =>
  metadata.segment_type === "Table" || metadata.segment_type === "Picture";

const isCaption = ({ metadata }: SegmentDocument): boolean => metadata.segment_type === "Caption";

const labelOf = (caption: string): Target | undefined =>
  LABELS.find(([pattern]) => pattern.test(caption))?.[1];

/** Pixels between two boxes of one page, up and down; `null` when a box is missing. */
const gapBetween = (a: SegmentDocument, b: SegmentDocument): number | null => {
  const [one, two] = [a.metadata.bbox, b.metadata.bbox];
  if (!one || !two) return null;
  return Math.max(0, one.top - (two.top + two.height), two.top - (one.top + one.height));
};

/** The share of the narrower box's width that both boxes have in common. */
const overlapOf = (a: SegmentDocument, b: SegmentDocument): number => {
  const [one, two] = [a.metadata.bbox, b.metadata.bbox];
  if (!one || !two) return 0;
  const common = Math.min(one.left + one.width, two.left + two.width) - Math.max(one.left, two.left);
  return Math.max(0, common) / Math.max(1, Math.min(one.width, two.width));
};

/** A link is better the nearer the two stand; the label decides between neighbours, the usual side breaks ties. */
const scoreOf = (caption: SegmentDocument, target: SegmentDocument, captionFirst: boolean): number => {
  const label = labelOf(caption.pageContent.trim());
  const type = target.metadata.segment_type;
  if (label !== undefined && label !== type) return Number.NEGATIVE_INFINITY;
  const usualSide = captionFirst === (type === "Table") ? 0.2 : 0;
  const score = (label === undefined ? 0 : 1) + usualSide;
  if (caption.metadata.page_number !== target.metadata.page_number) {
    const isNext = target.metadata.page_number === caption.metadata.page_number + 1;
    return captionFirst && isNext ? score - 0.5 : Number.NEGATIVE_INFINITY;
  }
  const gap = gapBetween(caption, target);
  const height = caption.metadata.page_height ?? 0;
  if (gap === null || height <= 0) return score;
  return score + 0.2 * overlapOf(caption, target) - Math.min(1, (gap / height) * 4);
};

/** The nearest table or picture in one direction, with nothing but page furniture and captions between. */
const neighbour = (
  documents: readonly SegmentDocument[],
  from: number,
  step: 1 | -1,
): SegmentDocument | undefined => {
  for (let index = from + step; ; index += step) {
    const document = documents[index];
    if (!document) return undefined;
    if (isTarget(document)) return document;
    if (!isFurniture(document) && !isCaption(document)) return undefined;
  }
};

const candidates = (documents: readonly SegmentDocument[]) =>
  documents
    .flatMap((caption, index) => {
      if (!isCaption(caption) || caption.pageContent.trim() === "") return [];
      return ([1, -1] as const).flatMap((step) => {
        const target = neighbour(documents, index, step);
        return target ? [{ caption, target, score: scoreOf(caption, target, step === 1) }] : [];
      });
    })
    .filter(({ score }) => score > -0.5)
    .sort((a, b) => b.score - a.score);

/**
 * Links each caption of a document to the table or picture it describes: at most one each.
 *
 * @param documents the segments of one document in reading order
 * @param continues whether a table goes on with the one before it; it then shares that one's caption
 */
export const linkCaptions = (
  documents: readonly SegmentDocument[],
  continues: (table: SegmentDocument) => SegmentDocument | undefined,
): CaptionLinks => {
  const byTarget = new Map<SegmentDocument, SegmentDocument>();
  const byCaption = new Map<SegmentDocument, SegmentDocument>();
  for (const { caption, target } of candidates(documents)) {
    if (byTarget.has(target) || byCaption.has(caption)) continue;
    byTarget.set(target, caption);
    byCaption.set(caption, target);
  }
  for (const document of documents) {
    const before = byTarget.has(document) ? undefined : continues(document);
    const caption = before && byTarget.get(before);
    if (caption) byTarget.set(document, caption);
  }
  return {
    captionOf: (target) => byTarget.get(target),
    targetOf: (caption) => byCaption.get(caption),
  };
};
