/** Tells whether a list begins with the items of another. */
export const startsWith = <T>(list: readonly T[], opening: readonly T[]): boolean =>
  opening.length <= list.length && opening.every((item, index) => item === list[index]);

/** Tells whether two lists have the same items in the same order. */
export const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && startsWith(a, b);
