/** Tells whether a list begins with the items of another. */
export const startsWith = <T>(list: readonly T[], opening: readonly T[]): boolean =>
  opening.length <= list.length && opening.every((item, index) => item === list[index]);

/** Tells whether two lists have the same items in the same order. */
export const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && startsWith(a, b);

/** Finds the index of the first of ascending numbers that is greater than a value; their count if none is. */
export const firstAbove = (ascending: ArrayLike<number>, value: number): number => {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};
