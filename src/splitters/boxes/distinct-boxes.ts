import { unionBox } from "../../documents/bbox.js";
import type { PageBox } from "../../documents/metadata.js";
import type { BBox } from "../../documents/segment.js";

/** Rounds to hundredths of a pixel, which are finer than any page is read. */
const round = (value: number): number => Math.round(value * 100) / 100;

/** Rounds a box to two decimals, which moves its edges by less than a hundredth of a pixel. */
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

/** Collects rounded boxes in the order in which they are added, each once. */
export class DistinctBoxes {
  readonly all: PageBox[] = [];
  /** The boxes by their upper edge, which few have in common. */
  readonly #byTop = new Map<number | undefined, PageBox[]>();

  add(page_number: number, box: BBox | null): void {
    const bbox = roundBox(box);
    const known = this.#byTop.get(bbox?.top);
    if (known?.some((each) => each.page_number === page_number && isSame(each.bbox, bbox))) return;
    const added = { page_number, bbox };
    this.all.push(added);
    if (known) known.push(added);
    else this.#byTop.set(bbox?.top, [added]);
  }

  /** Computes the smallest box around those of one page; `null` if there is none. */
  onPage(page: number): BBox | null {
    return roundBox(unionBox(this.all.filter((box) => box.page_number === page).map((box) => box.bbox)));
  }
}
