import type { SegmentDocument } from "../documents/metadata.js";
import type { BBox } from "../documents/segment.js";
import { firstAbove } from "../internal/first-above.js";

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

/** The segments of one page, of which there may be very many where pages are not paper, found without looking at all. */
export class PagePlaces {
  readonly #targets: Place[] = [];
  readonly #targetIndices: number[] = [];
  readonly #boxed: Boxed[] = [];
  /** Of the boxes, once these are in order from the top down. */
  #tops: number[] | undefined;
  #tallest = 0;

  /** @param isTarget whether it may have a caption */
  add(place: Place, isTarget: boolean): void {
    const { document } = place;
    const { bbox } = document.metadata;
    if (isTarget) {
      this.#targets.push(place);
      this.#targetIndices.push(place.index);
    }
    if (!bbox) return;
    this.#boxed.push({ document, bbox });
    this.#tops = undefined;
    this.#tallest = Math.max(this.#tallest, bbox.height);
  }

  /** What may have a caption, in reading order; on a page with very many the nearest on both sides of a place. */
  targetsNear(index: number): Place[] {
    if (this.#targets.length <= 2 * MOST_TARGETS) return this.#targets;
    const at = firstAbove(this.#targetIndices, index);
    return this.#targets.slice(Math.max(0, at - MOST_TARGETS), at + MOST_TARGETS);
  }

  /** The segments whose boxes reach into a range of heights, and some more, from the top down. */
  *reachingInto(top: number, bottom: number): Generator<Boxed> {
    this.#tops ??= this.#boxed.sort((a, b) => a.bbox.top - b.bbox.top).map(({ bbox }) => bbox.top);
    const highest = top - this.#tallest - 1;
    for (let at = firstAbove(this.#tops, highest); at < this.#boxed.length; at++) {
      const boxed = this.#boxed[at];
      if (!boxed || boxed.bbox.top > bottom) return;
      yield boxed;
    }
  }
}
