import { unionBox } from "../documents/bbox.js";
import type { PageBox } from "../documents/metadata.js";
import type { PointMetadata, SearchHit } from "../stores/sink.js";
import { joinPieces } from "./join-pieces.js";
import { inOrder, type Piece } from "./pieces.js";

/** Hits that grew together, and the splits they grew to. */
export interface Growing {
  /** Best first; at least one. */
  hits: [SearchHit, ...SearchHit[]];
  /** The hits themselves included, in no particular order. */
  pieces: Piece[];
}

/** A hit and what stands around it. */
export interface GrownHit extends SearchHit {
  metadata: PointMetadata & {
    /** Ids of the hits it grew from, best first. */
    grown_from: string[];
  };
}

const distinctBoxes = (boxes: readonly PageBox[]): PageBox[] => [
  ...new Map(boxes.map((box) => [JSON.stringify([box.page_number, box.bbox]), box])).values(),
];

/** Rows and column names of the one table that a text holds; none when it holds several or none. */
const tableOf = (
  pieces: readonly Piece[],
): Partial<Pick<PointMetadata, "row_start" | "row_end" | "header">> => {
  const parts = pieces.flatMap(({ metadata }) => (metadata.row_start === undefined ? [] : [metadata]));
  const segments = new Set(parts.map(({ segment_index }) => segment_index));
  const indices = new Set(parts.map(({ part_count, part_index }) => `${part_index}/${part_count}`));
  const counts = new Set(parts.map(({ part_count }) => part_count));
  // Rows are numbered through in the parts of one segment, and of a table that was split as one over several.
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

/**
 * What hits grew to, as a hit: id, score and type of the best one, the boxes and segments of everything it holds, the
 * least confidence, and the ids of all its hits in `grown_from`.
 */
export const toGrownHit = ({ hits, pieces }: Growing): GrownHit => {
  const [hit] = hits;
  const ordered = pieces.toSorted(inOrder);
  const boxes = distinctBoxes(ordered.flatMap(({ metadata }) => metadata.boxes));
  const onPage = boxes.filter(({ page_number }) => page_number === hit.metadata.page_number);
  const confidences = ordered.map(({ metadata }) => metadata.confidence).filter((value) => value !== null);
  const segments = new Set(ordered.flatMap(({ metadata }) => metadata.segment_indices));
  const { row_start: _start, row_end: _end, ...metadata } = hit.metadata;
  return {
    id: hit.id,
    score: hit.score,
    content: ordered.length === 1 ? hit.content : joinPieces(ordered),
    metadata: {
      ...metadata,
      ...tableOf(ordered),
      boxes,
      bbox: unionBox(onPage.map(({ bbox }) => bbox)),
      bbox_precision: ordered.every((piece) => piece.metadata.bbox_precision === "word") ? "word" : "segment",
      confidence: confidences.length > 0 ? Math.min(...confidences) : null,
      segment_indices: [...segments].sort((a, b) => a - b),
      grown_from: hits.map(({ id }) => id),
    },
  };
};
