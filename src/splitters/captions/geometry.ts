import type { BBox } from "../../documents/segment.js";

/** The side of its target on which a caption is. */
export type Side = "above" | "below" | "beside";

export interface Relation {
  side: Side;
  /** Pixels between the boxes; 0 if they touch or overlap. */
  gap: number;
  /** The share of the narrower box that both have in common; of the lower box if they are beside each other. */
  overlap: number;
}

const middle = (start: number, length: number): number => start + length / 2;

/** Computes the length that two ranges have in common; a negative length is the distance between them. */
const common = (a: number, aLength: number, b: number, bLength: number): number =>
  Math.min(a + aLength, b + bLength) - Math.max(a, b);

/** Relates a caption's box to a target's on the same page; `undefined` if it is neither above, below nor beside. */
export const relate = (caption: BBox, target: BBox): Relation | undefined => {
  const across = common(caption.left, caption.width, target.left, target.width);
  const down = common(caption.top, caption.height, target.top, target.height);
  if (across > 0) {
    const isAbove = middle(caption.top, caption.height) < middle(target.top, target.height);
    const narrower = Math.max(1, Math.min(caption.width, target.width));
    return {
      side: isAbove ? "above" : "below",
      gap: Math.max(0, -down),
      overlap: Math.min(1, across / narrower),
    };
  }
  if (down <= 0) return undefined;
  const lower = Math.max(1, Math.min(caption.height, target.height));
  return { side: "beside", gap: -across, overlap: Math.min(1, down / lower) };
};

/** Tells whether the middle of a box is in the gap between two others. */
export const liesBetween = (box: BBox, caption: BBox, target: BBox, side: Side): boolean => {
  if (side === "beside") {
    const [left, right] = caption.left < target.left ? [caption, target] : [target, caption];
    const x = middle(box.left, box.width);
    return (
      x > left.left + left.width &&
      x < right.left &&
      common(box.top, box.height, caption.top, caption.height) > 0
    );
  }
  const [upper, lower] = side === "above" ? [caption, target] : [target, caption];
  const y = middle(box.top, box.height);
  const inTheWay = [caption, target].some(({ left, width }) => common(box.left, box.width, left, width) > 0);
  return inTheWay && y > upper.top + upper.height && y < lower.top;
};
