import type { SegmentDocument } from "../documents/metadata.js";
import type { BBox } from "../documents/segment.js";

/** A segment and its place in reading order. */
export interface Place {
  document: SegmentDocument;
  index: number;
}

interface Boxed {
  document: SegmentDocument;
  bbox: BBox;
}

/** No page that a reader finds her way on has more tables and pictures on either side of a caption. */
const MOST_TARGETS = 32;

/** The first place in a list, in ascending order, whose value is not below a limit. */
const firstFrom = <T>(list: readonly T[], limit: number, orderOf: (item: T) => number): number => {
  let [low, high] = [0, list.length];
  while (low < high) {
    const half = (low + high) >> 1;
    const item = list[half];
    if (item !== undefined && orderOf(item) < limit) low = half + 1;
    else high = half;
  }
  return low;
};

/** The segments of one page, of which there may be very many where pages are not paper, found without looking at all. */
export class PagePlaces {
  readonly #targets: Place[] = [];
  readonly #boxed: Boxed[] = [];
  #isSorted = true;
  #tallest = 0;

  /** @param isTarget whether it may have a caption */
  add(place: Place, isTarget: boolean): void {
    const { document } = place;
    const { bbox } = document.metadata;
    if (isTarget) this.#targets.push(place);
    if (!bbox) return;
    this.#boxed.push({ document, bbox });
    this.#isSorted = false;
    this.#tallest = Math.max(this.#tallest, bbox.height);
  }

  /** What may have a caption, in reading order; on a page with very many the nearest on both sides of a place. */
  targetsNear(index: number): Place[] {
    if (this.#targets.length <= 2 * MOST_TARGETS) return this.#targets;
    const at = firstFrom(this.#targets, index, (target) => target.index);
    return this.#targets.slice(Math.max(0, at - MOST_TARGETS), at + MOST_TARGETS);
  }

  /** The segments whose boxes reach into a range of heights, and some more, from the top down. */
  *reachingInto(top: number, bottom: number): Generator<Boxed> {
    const all = this.#boxed;
    if (!this.#isSorted) all.sort((a, b) => a.bbox.top - b.bbox.top);
    this.#isSorted = true;
    for (let at = firstFrom(all, top - this.#tallest, ({ bbox }) => bbox.top); at < all.length; at++) {
      const boxed = all[at];
      if (!boxed || boxed.bbox.top > bottom) return;
      yield boxed;
    }
  }
}
