import type { SegmentDocument } from "../../documents/metadata.js";
import type { BBox, PagePlace } from "../../documents/segment.js";
import { firstAbove } from "../../internal/lists.js";

/** A segment and its place in reading order. */
export interface IndexedSegment {
  document: SegmentDocument;
  index: number;
  /** Where a table that was merged over several pages ends. @default where the segment begins */
  end?: Pick<PagePlace, "page_number" | "bbox"> | undefined;
}

/** Returns the page of a segment, and its box there. */
export const placeOf = ({ document, end }: IndexedSegment): Pick<PagePlace, "page_number" | "bbox"> =>
  end ?? document.metadata;

interface Boxed extends IndexedSegment {
  bbox: BBox;
  isTarget: boolean;
}

/** Tables and pictures on either side of a caption; more than a reader would look through. */
const MOST_TARGETS = 64;

/** What has a place on a scale, in order. */
class Scale<T> {
  readonly #places: readonly number[];
  readonly #all: readonly T[];

  constructor(all: readonly T[], placeOf: (item: T) => number) {
    this.#all = all.toSorted((a, b) => placeOf(a) - placeOf(b));
    this.#places = this.#all.map(placeOf);
  }

  /** At most so many with a place up to this one, and as many beyond. */
  around(place: number, count: number): T[] {
    const at = firstAbove(this.#places, place);
    return this.#all.slice(Math.max(0, at - count), at + count);
  }

  *between(from: number, to: number): Generator<T> {
    for (let at = firstAbove(this.#places, from); at < this.#all.length; at++) {
      const item = this.#all[at];
      if (item === undefined || (this.#places[at] ?? to) > to) return;
      yield item;
    }
  }
}

const topOf = ({ bbox }: Boxed): number => bbox.top;

/** The segments of one page, of which there may be very many where pages are not paper, found without looking at all. */
export class PageIndex {
  readonly #targets: IndexedSegment[] = [];
  readonly #boxed: Boxed[] = [];
  #tallest = 0;
  #boxes: Scale<Boxed> | undefined;
  #order: Scale<IndexedSegment> | undefined;
  #heights: Scale<Boxed> | undefined;

  /** All are added before anything is looked for. @param isTarget whether it may have a caption */
  add(place: IndexedSegment, isTarget: boolean): void {
    const { bbox } = placeOf(place);
    if (isTarget) this.#targets.push(place);
    if (!bbox) return;
    this.#boxed.push({ ...place, bbox, isTarget });
    this.#tallest = Math.max(this.#tallest, bbox.height);
  }

  /**
   * What may have a caption, in reading order. On a page with very many it is what stands nearest to the caption, in
   * reading order and in height.
   */
  targetsNear({ index, document }: IndexedSegment): IndexedSegment[] {
    if (this.#targets.length <= 2 * MOST_TARGETS) return this.#targets;
    this.#order ??= new Scale(this.#targets, (target) => target.index);
    const near = this.#order.around(index, MOST_TARGETS);
    const { bbox } = document.metadata;
    if (!bbox) return near;
    this.#heights ??= new Scale(
      this.#boxed.filter(({ isTarget }) => isTarget),
      topOf,
    );
    const all = [...near, ...this.#heights.around(bbox.top, MOST_TARGETS)];
    const distinct = new Map(all.map((target) => [target.index, target]));
    return [...distinct.values()].sort((a, b) => a.index - b.index);
  }

  /** The segments whose boxes reach into a range of heights, and some more, from the top down. */
  reachingInto(top: number, bottom: number): Iterable<Boxed> {
    this.#boxes ??= new Scale(this.#boxed, topOf);
    return this.#boxes.between(top - this.#tallest - 1, bottom);
  }
}
