import { Document } from "@langchain/core/documents";
import type { SplitDocument, SplitMetadata } from "../documents/metadata.js";
import { isHeading } from "../documents/segment-type.js";
import type { Draft, Place } from "./draft.js";

/** The type that holds most of the text; headings count only when there is nothing else. */
const mainType = (segments: Draft["segments"]): string => {
  const [first] = segments;
  if (segments.length === 1) return first.metadata.segment_type;
  const lengths = new Map<string, number>();
  for (const { pageContent, metadata } of segments) {
    lengths.set(metadata.segment_type, (lengths.get(metadata.segment_type) ?? 0) + pageContent.length);
  }
  const types = [...lengths].sort(([a, x], [b, y]) => Number(isHeading(a)) - Number(isHeading(b)) || y - x);
  return types[0]?.[0] ?? first.metadata.segment_type;
};

const leastConfidence = (segments: Draft["segments"]): number | null => {
  const known = segments.map(({ metadata }) => metadata.confidence).filter((value) => value !== null);
  return known.length > 0 ? Math.min(...known) : null;
};

/** What segments say of themselves, less what is too long to stand in each of their splits. */
const saidBy = (segments: Draft["segments"]) => {
  const [first] = segments;
  // Keys that only a later segment has are kept too; where both have one, the first counts.
  const merged: typeof first.metadata =
    segments.length === 1 ? first.metadata : Object.assign({}, ...segments.map((s) => s.metadata).reverse());
  const { html: _html, ocr: _ocr, packed_ocr: _packed, ...said } = merged;
  return said;
};

/**
 * Turns drafts into splits.
 *
 * Metadata has some thirty keys. An object that is put together key by key takes V8 some fifty times as long as a copy
 * of one that has the same keys already, so the first of each kind is kept to be copied.
 */
export class SplitMaker {
  /** By their keys, in order. */
  readonly #kinds = new Map<string, SplitMetadata>();

  /** The splits of one segment's parts, or of those of one group of segments. */
  make(drafts: readonly Draft[], placeOf: (draft: Draft) => Place): SplitDocument[] {
    return drafts.map((draft, index) => {
      const metadata = this.#metadata(draft, placeOf(draft), {
        part_index: index,
        part_count: drafts.length,
      });
      return new Document({ pageContent: draft.text, metadata });
    });
  }

  #metadata(
    { segments, sectionPath, metadata: added = {} }: Draft,
    { bbox, boxes, bbox_precision, ocr_confidence }: Place,
    part: Pick<SplitMetadata, "part_index" | "part_count">,
  ): SplitMetadata {
    const said = saidBy(segments);
    const own = {
      segment_type: mainType(segments),
      confidence: leastConfidence(segments),
      section_path: sectionPath,
      bbox,
      boxes,
      bbox_precision,
      ocr_confidence,
      segment_indices: segments.map((segment) => segment.metadata.segment_index),
    };
    const kind = [...Object.keys(said), "", ...Object.keys(added)].join("\0");
    const like = this.#kinds.get(kind);
    if (like) return Object.assign({ ...like }, said, own, added, part);
    const metadata = { ...said, ...own, ...added, ...part };
    this.#kinds.set(kind, metadata);
    return metadata;
  }
}
