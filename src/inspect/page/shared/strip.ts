/** Items one below the other, of which only those near the view are drawn. */
export interface Strip {
  /** Where each item begins, and behind the last one where the strip ends. */
  tops: readonly number[];
  sizes: readonly number[];
}

/** Lays out items of these heights. @param gap space before, between and after them */
export const layOut = (sizes: readonly number[], gap: number): Strip => {
  const tops: number[] = [];
  let top = gap;
  for (const size of sizes) {
    tops.push(top);
    top += size + gap;
  }
  return { tops: [...tops, top], sizes };
};

export const heightOf = ({ tops }: Strip): number => tops.at(-1) ?? 0;

/** Returns the item at a height; the last one that begins above it. */
export const itemAt = ({ tops, sizes }: Strip, at: number): number => {
  let first = 0;
  let end = sizes.length;
  while (end - first > 1) {
    const middle = (first + end) >> 1;
    if ((tops[middle] ?? 0) <= at) first = middle;
    else end = middle;
  }
  return first;
};

/** Lists the items that touch a stretch of the strip. */
export const itemsWithin = (strip: Strip, from: number, to: number): number[] => {
  if (strip.sizes.length === 0) return [];
  const first = itemAt(strip, from);
  const last = itemAt(strip, to);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
};

/** A place on a strip that stays where it is when sizes change: an item, and how far down in it. */
export const placeAt = (strip: Strip, at: number): { item: number; share: number } => {
  const item = itemAt(strip, at);
  return { item, share: (at - (strip.tops[item] ?? 0)) / (strip.sizes[item] || 1) };
};

export const heightAt = (strip: Strip, { item, share }: { item: number; share: number }): number =>
  (strip.tops[item] ?? 0) + share * (strip.sizes[item] ?? 0);
