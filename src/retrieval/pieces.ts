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

const isFurniture = ({ metadata }: Piece): boolean =>
  metadata.segment_type === "PageHeader" || metadata.segment_type === "PageFooter";

export const isTable = ({ metadata }: Piece): boolean => metadata.segment_type === "Table";

const pagesOf = ({ metadata }: Piece): number[] => [
  metadata.page_number,
  ...metadata.boxes.map(({ page_number }) => page_number),
];

const shareSegment = (a: Piece, b: Piece): boolean =>
  a.metadata.segment_indices.some((index) => b.metadata.segment_indices.includes(index));

const sameGroup = ({ metadata: a }: Piece, { metadata: b }: Piece): boolean =>
  a.part_count > 1 && a.part_count === b.part_count && a.part_index !== b.part_index;

/**
 * Parts of one segment belong together; so do those of a table that goes on in a segment on the next page, with the
 * same columns or as one more part of the same number.
 */
export const sameTable = (a: Piece, b: Piece): boolean => {
  if (!isTable(a) || !isTable(b)) return false;
  if (shareSegment(a, b)) return true;
  const [first = a, second = b] = [a, b].sort(inOrder);
  const isNext = Math.min(...pagesOf(second)) === Math.max(...pagesOf(first)) + 1;
  return isNext && (sameNames(a, b) || sameGroup(a, b));
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

  /** The splits either side of a hit, for as long as growing goes on; running heads and feet are passed over. */
  async around(hit: Piece, goesOn: GoesOn): Promise<Sides> {
    const { doc_id, version, segment_index, segment_indices } = hit.metadata;
    const held = segment_indices.length > 0 ? segment_indices : [segment_index];
    let sides: Sides = { before: [], after: [] };
    for (const reach of REACHES) {
      const from = Math.max(0, Math.min(...held) - reach);
      const to = Math.max(...held) + reach;
      const read = await this.#read({ docIds: [doc_id], version, segments: { from, to } });
      const pieces = read.filter((piece) => piece.id === hit.id || !isFurniture(piece));
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
