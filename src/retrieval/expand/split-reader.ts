import { isPageMargin } from "../../documents/segment-type.js";
import { sameItems } from "../../internal/lists.js";
import type { PointContent, SinkCallOptions, VectorSink } from "../../stores/sink.js";

/** A split as the store returns it. */
export type StoredSplit = PointContent;

/** How many segments on each side of a hit are read. The next size is tried while the splits do not suffice. */
const WINDOWS = [16, 128, 1024] as const;

/** Returns the index of the first segment of a split. */
export const firstSegment = ({ metadata }: StoredSplit): number =>
  metadata.segment_indices[0] ?? metadata.segment_index;

/** Compares splits by their position in the document. */
export const inOrder = (a: StoredSplit, b: StoredSplit): number =>
  firstSegment(a) - firstSegment(b) ||
  a.metadata.part_index - b.metadata.part_index ||
  (a.id < b.id ? -1 : 1);

const sameNames = ({ metadata: a }: StoredSplit, { metadata: b }: StoredSplit): boolean =>
  a.header !== undefined && b.header !== undefined && sameItems(a.header, b.header);

export const isTable = ({ metadata }: StoredSplit): boolean => metadata.segment_type === "Table";

/** Returns every page that a split is on. */
export const pagesOf = ({ metadata }: StoredSplit): number[] => [
  metadata.page_number,
  ...metadata.boxes.map(({ page_number }) => page_number),
];

const shareSegment = (a: StoredSplit, b: StoredSplit): boolean =>
  a.metadata.segment_indices.some((index) => b.metadata.segment_indices.includes(index));

const sameGroup = ({ metadata: a }: StoredSplit, { metadata: b }: StoredSplit): boolean =>
  a.part_count > 1 && a.part_count === b.part_count && a.part_index !== b.part_index;

/**
 * Whether two splits are parts of one table: of the same segment, or of a table that continues in a segment on the next
 * page with the same columns or the same number of parts.
 */
export const sameTable = (a: StoredSplit, b: StoredSplit): boolean => {
  if (!isTable(a) || !isTable(b)) return false;
  if (shareSegment(a, b)) return true;
  const [first = a, second = b] = [a, b].sort(inOrder);
  const isNext = Math.min(...pagesOf(second)) === Math.max(...pagesOf(first)) + 1;
  return isNext && (sameNames(a, b) || sameGroup(a, b));
};

/** The splits before and after a hit, nearest first. */
export interface Sides {
  before: StoredSplit[];
  after: StoredSplit[];
}

/**
 * Decides whether the expansion takes the next split.
 *
 * @param inner the last split that was taken
 * @param outer the split after it, seen from the hit
 * @param distance number of splits from the hit to `outer`
 */
export type TakesNext = (inner: StoredSplit, outer: StoredSplit, distance: number) => boolean;

/** Reads the splits around a hit, from the same version of the same document. */
export class SplitReader {
  readonly #sink: VectorSink;
  readonly #options: SinkCallOptions;

  constructor(sink: VectorSink, options: SinkCallOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Returns the splits of certain segments, in the order of the document. */
  async bySegmentId({ metadata }: StoredSplit, segmentIds: string[]): Promise<StoredSplit[]> {
    return this.#read({ docIds: [metadata.doc_id], version: metadata.version, segmentIds });
  }

  /** Returns the splits on both sides of a hit up to the first that `takesNext` refuses. Page headers and footers are skipped. */
  async around(hit: StoredSplit, takesNext: TakesNext): Promise<Sides> {
    const { doc_id, version, segment_index, segment_indices } = hit.metadata;
    const covered = segment_indices.length > 0 ? segment_indices : [segment_index];
    let sides: Sides = { before: [], after: [] };
    for (const window of WINDOWS) {
      const from = Math.max(0, Math.min(...covered) - window);
      const to = Math.max(...covered) + window;
      const read = await this.#read({ docIds: [doc_id], version, segments: { from, to } });
      const splits = read.filter(
        (split) => split.id === hit.id || !isPageMargin(split.metadata.segment_type),
      );
      const at = splits.findIndex(({ id }) => id === hit.id);
      if (at < 0) return sides;
      const before = follow(splits.slice(0, at + 1).reverse(), takesNext);
      const after = follow(splits.slice(at), takesNext);
      sides = { before: before.splits, after: after.splits };
      if ((before.ended || from === 0) && after.ended) break;
    }
    return sides;
  }

  async #read(filter: Parameters<VectorSink["readPoints"]>[0]): Promise<StoredSplit[]> {
    const splits: StoredSplit[] = [];
    for await (const split of this.#sink.readPoints(filter, this.#options)) splits.push(split);
    return splits.sort(inOrder);
  }
}

/** Returns the splits after the first up to one that is refused, and whether one was. */
const follow = (
  splits: readonly StoredSplit[],
  takesNext: TakesNext,
): { splits: StoredSplit[]; ended: boolean } => {
  const [, ...outer] = splits;
  const end = outer.findIndex((split, index) => !takesNext(splits[index] ?? split, split, index + 1));
  return end < 0 ? { splits: outer, ended: false } : { splits: outer.slice(0, end), ended: true };
};
