import type { PointContent, SinkCallOptions, VectorSink } from "../stores/sink.js";

/** A split of a document that a hit may be grown by. */
export type Piece = PointContent;

/** Segments either side of a split that are looked at for its surroundings; wider as long as that is not enough. */
const REACHES = [16, 128, 1024] as const;

/** First segment a split holds text of. */
export const firstSegment = ({ metadata }: Piece): number =>
  metadata.segment_indices[0] ?? metadata.segment_index;

/** The order of the document. */
export const inOrder = (a: Piece, b: Piece): number =>
  firstSegment(a) - firstSegment(b) ||
  a.metadata.part_index - b.metadata.part_index ||
  (a.id < b.id ? -1 : 1);

const sameNames = ({ metadata: { header: a } }: Piece, { metadata: { header: b } }: Piece): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.length === b.length &&
  a.every((name, column) => name === b[column]);

export const isTable = ({ metadata }: Piece): boolean => metadata.segment_type === "Table";

/** Parts of one segment belong together; so does the table that goes on with the same columns on the next page. */
export const sameTable = (a: Piece, b: Piece): boolean => {
  if (!isTable(a) || !isTable(b)) return false;
  if (firstSegment(a) === firstSegment(b)) return true;
  return sameNames(a, b) && Math.abs(a.metadata.page_number - b.metadata.page_number) === 1;
};

/** What stands before and after a split, nearest first. */
export interface Sides {
  before: Piece[];
  after: Piece[];
}

/**
 * Whether growing goes on from one split to the next.
 *
 * @param inner the split reached so far
 * @param outer the one beyond it
 * @param distance how many splits `outer` is away from the hit
 */
export type GoesOn = (inner: Piece, outer: Piece, distance: number) => boolean;

/** Reads the surroundings of splits: of the same document, in the same version. */
export class PieceReader {
  readonly #sink: VectorSink;
  readonly #options: SinkCallOptions;

  constructor(sink: VectorSink, options: SinkCallOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Splits made of certain segments, in order. */
  async bySegmentId({ metadata }: Piece, segmentIds: string[]): Promise<Piece[]> {
    return this.#read({ docIds: [metadata.doc_id], version: metadata.version, segmentIds });
  }

  /** The splits either side of a hit, for as long as growing goes on. */
  async around(hit: Piece, goesOn: GoesOn): Promise<Sides> {
    const { doc_id, version, segment_index, segment_indices } = hit.metadata;
    const held = segment_indices.length > 0 ? segment_indices : [segment_index];
    let sides: Sides = { before: [], after: [] };
    for (const reach of REACHES) {
      const from = Math.max(0, Math.min(...held) - reach);
      const to = Math.max(...held) + reach;
      const pieces = await this.#read({ docIds: [doc_id], version, segments: { from, to } });
      const at = pieces.findIndex(({ id }) => id === hit.id);
      if (at < 0) return sides;
      const before = follow(pieces.slice(0, at + 1).reverse(), goesOn);
      const after = follow(pieces.slice(at), goesOn);
      sides = { before: before.pieces, after: after.pieces };
      if ((before.ended || from === 0) && after.ended) break;
    }
    return sides;
  }

  async #read(filter: Parameters<VectorSink["readPoints"]>[0]): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for await (const piece of this.#sink.readPoints(filter, this.#options)) pieces.push(piece);
    return pieces.sort(inOrder);
  }
}

/** @returns the splits beyond the first, and whether growing ended before they did */
const follow = (pieces: readonly Piece[], goesOn: GoesOn): { pieces: Piece[]; ended: boolean } => {
  const [, ...outer] = pieces;
  const end = outer.findIndex((piece, index) => !goesOn(pieces[index] ?? piece, piece, index + 1));
  return end < 0 ? { pieces: outer, ended: false } : { pieces: outer.slice(0, end), ended: true };
};
