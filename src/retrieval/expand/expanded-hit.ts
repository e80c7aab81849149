import { unionBox } from "../../documents/bbox.js";
import { joinReferences } from "../../documents/cell-references.js";
import type { PageBox } from "../../documents/metadata.js";
import type { PointMetadata, SearchHit } from "../../stores/sink.js";
import { joinSplits } from "./join-splits.js";
import { inOrder, type StoredSplit } from "./split-reader.js";

/** Hits that are expanded together, and the splits they consist of then. */
export interface Expanding {
  /** Best first; at least one. */
  hits: [SearchHit, ...SearchHit[]];
  /** The hits themselves included, in no particular order. */
  splits: StoredSplit[];
}

/** A hit with the text around it. */
export interface ExpandedHit extends SearchHit {
  metadata: PointMetadata & {
    /** Ids of the hits it was expanded from, best first. */
    expanded_from: string[];
  };
}

const distinctBoxes = (boxes: readonly PageBox[]): PageBox[] => [
  ...new Map(boxes.map((box) => [JSON.stringify([box.page_number, box.bbox]), box])).values(),
];

/** Returns rows and column names of the table in a text; nothing when it holds several tables or none. */
const tableOf = (
  splits: readonly StoredSplit[],
): Partial<Pick<PointMetadata, "row_start" | "row_end" | "header">> => {
  const parts = splits.flatMap(({ metadata }) => (metadata.row_start === undefined ? [] : [metadata]));
  const segments = new Set(parts.map(({ segment_index }) => segment_index));
  const indices = new Set(parts.map(({ part_count, part_index }) => `${part_index}/${part_count}`));
  const counts = new Set(parts.map(({ part_count }) => part_count));
  // Row numbers continue over the parts of one segment, and of a table that was split as one over several segments.
  const isOne = segments.size === 1 || (counts.size === 1 && indices.size === parts.length);
  if (!isOne || parts.length === 0) return {};
  return {
    row_start: Math.min(...parts.map(({ row_start = 0 }) => row_start)),
    row_end: Math.max(...parts.map(({ row_end = 0 }) => row_end)),
    header:
      [...new Set(parts.map(({ header = [] }) => header.join("\n")))].length === 1
        ? (parts[0]?.header ?? [])
        : [...new Set(parts.flatMap(({ header = [] }) => header))],
  };
};

/** Returns the segment type that most of the text has, of equal ones the first. */
const mainType = (splits: readonly StoredSplit[]): string | undefined => {
  const lengths = new Map<string, number>();
  for (const { content, metadata } of splits)
    lengths.set(metadata.segment_type, (lengths.get(metadata.segment_type) ?? 0) + content.length);
  return [...lengths].sort(([, a], [, b]) => b - a)[0]?.[0];
};

/**
 * Makes one hit of expanded ones: id and score of the best, the ids of all in `expanded_from`, and metadata that depends
 * on its splits alone, so that the same text has the same after every question: that of the first split, the type of most
 * of the text, all boxes and segments, and the least confidence.
 */
export const toExpandedHit = ({ hits, splits }: Expanding): ExpandedHit => {
  const [hit] = hits;
  const ordered = splits.toSorted(inOrder);
  const boxes = distinctBoxes(ordered.flatMap(({ metadata }) => metadata.boxes));
  const first = (ordered[0] ?? hit).metadata;
  const onPage = boxes.filter(({ page_number }) => page_number === first.page_number);
  const confidences = ordered.map(({ metadata }) => metadata.confidence).filter((value) => value !== null);
  const cells = joinReferences(ordered.map(({ metadata }) => metadata.cell_references));
  const segments = new Set(ordered.flatMap(({ metadata }) => metadata.segment_indices));
  const { row_start: _start, row_end: _end, ...others } = first;
  const { repeated_rows: _rows, row_groups: _groups, ...joined } = others;
  const metadata = ordered.length === 1 ? others : joined;
  return {
    id: hit.id,
    score: hit.score,
    content: ordered.length === 1 ? hit.content : joinSplits(ordered),
    metadata: {
      ...metadata,
      segment_type: mainType(ordered) ?? first.segment_type,
      ...tableOf(ordered),
      ...(cells.length > 0 && { cell_references: cells }),
      boxes,
      bbox: unionBox(onPage.map(({ bbox }) => bbox)),
      bbox_precision: ordered.every((split) => split.metadata.bbox_precision === "word") ? "word" : "segment",
      confidence: confidences.length > 0 ? Math.min(...confidences) : null,
      segment_indices: [...segments].sort((a, b) => a - b),
      expanded_from: hits.map(({ id }) => id),
    },
  };
};
