import { unionBox } from "../../documents/bbox.js";
import type { PageBox } from "../../documents/metadata.js";
import type { BBox } from "../../documents/segment.js";

/** Hundredths of a pixel are finer than any page is read. */
const round = (value: number): number => Math.round(value * 100) / 100;

/** A box in numbers of at most two decimals, its edges moved by less than one hundredth. */
export const roundBox = (box: BBox | null): BBox | null =>
  box && {
    left: round(box.left),
    top: round(box.top),
    width: round(box.width),
    height: round(box.height),
  };

const isSame = (one: BBox | null, other: BBox | null): boolean =>
  one && other
    ? one.left === other.left &&
      one.top === other.top &&
      one.width === other.width &&
      one.height === other.height
    : one === other;

/** Rounded boxes in the order in which they are added, each once. */
export class DistinctBoxes {
  readonly all: PageBox[] = [];
  /** By their upper edge, which few have in common. */
  readonly #known = new Map<number | undefined, PageBox[]>();

  add(page_number: number, box: BBox | null): void {
    const bbox = roundBox(box);
    const level = this.#known.get(bbox?.top);
    if (level?.some((each) => each.page_number === page_number && isSame(each.bbox, bbox))) return;
    const added = { page_number, bbox };
    this.all.push(added);
    if (level) level.push(added);
    else this.#known.set(bbox?.top, [added]);
  }

  /** The smallest box around those of one page; `null` when there is none. */
  onPage(page: number): BBox | null {
    return roundBox(unionBox(this.all.filter((box) => box.page_number === page).map((box) => box.bbox)));
  }
}
