import { Document } from "@langchain/core/documents";
import { unionBox } from "../documents/bbox.js";
import type { PageBox } from "../documents/metadata.js";
import type { PointMetadata } from "../stores/sink.js";
import type { GrownHit } from "./grow.js";
import { joinPieces } from "./join-pieces.js";
import { inOrder, type Piece } from "./pieces.js";
import type { RetrievedMetadata } from "./retrieved.js";

const distinctBoxes = (boxes: readonly PageBox[]): PageBox[] => [
  ...new Map(boxes.map((box) => [JSON.stringify([box.page_number, box.bbox]), box])).values(),
];

/** First and last row of the one table that a text holds; none when it holds several or none. */
const rowsOf = (pieces: readonly Piece[]): Partial<Pick<PointMetadata, "row_start" | "row_end">> => {
  const rows = pieces.filter(({ metadata }) => metadata.row_start !== undefined);
  const tables = new Set(rows.map(({ metadata }) => metadata.segment_index));
  if (tables.size !== 1) return {};
  return {
    row_start: Math.min(...rows.map(({ metadata }) => metadata.row_start ?? 0)),
    row_end: Math.max(...rows.map(({ metadata }) => metadata.row_end ?? 0)),
  };
};

/**
 * A grown hit as a Document: id, score and type of the best hit, the boxes and segments of everything it holds, the
 * least confidence, and the ids of the hits in `grown_from`.
 */
export const toGrownDocument = ({ hits, pieces }: GrownHit): Document<RetrievedMetadata> => {
  const [hit] = hits;
  const ordered = pieces.toSorted(inOrder);
  const boxes = distinctBoxes(ordered.flatMap(({ metadata }) => metadata.boxes));
  const confidences = ordered.map(({ metadata }) => metadata.confidence).filter((value) => value !== null);
  const { row_start: _start, row_end: _end, ...metadata } = hit.metadata;
  return new Document({
    id: hit.id,
    pageContent: ordered.length === 1 ? hit.content : joinPieces(ordered),
    metadata: {
      ...metadata,
      ...rowsOf(ordered),
      boxes,
      bbox: unionBox(
        boxes.filter(({ page_number }) => page_number === metadata.page_number).map(({ bbox }) => bbox),
      ),
      bbox_precision: ordered.every((piece) => piece.metadata.bbox_precision === "word") ? "word" : "segment",
      confidence: confidences.length > 0 ? Math.min(...confidences) : null,
      segment_indices: [...new Set(ordered.flatMap((piece) => piece.metadata.segment_indices))].sort(
        (a, b) => a - b,
      ),
      score: hit.score,
      grown_from: hits.map(({ id }) => id),
    },
  });
};
