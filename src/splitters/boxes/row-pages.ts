import type { PagePlace } from "../../documents/segment.js";

/** Where the rows of a range are most likely. */
export interface RowPages {
  /** The page of the first row. */
  first: PagePlace;
  /** All pages that the rows may be on, in their order. */
  all: PagePlace[];
}

/** The share of the rows of a page by which an estimate may be wrong: rows differ in height. */
const UNCERTAIN = 0.1;

/**
 * Estimates the pages of rows of a merged table by the height of the table on each page, as if all rows were of one
 * height; where a height is not known, as if each page had as many rows. Close to the end of a page, the rows may be on
 * either side of it: both pages are listed.
 *
 * @param rows how many body rows the table has
 */
export const estimatePages = (
  pages: readonly PagePlace[],
  rows: number,
  { from, to }: { from: number; to: number },
): RowPages | undefined => {
  const heights = pages.map(({ bbox }) => bbox?.height ?? 0);
  const shares = heights.every((height) => height > 0) ? heights : pages.map(() => 1);
  const sum = shares.reduce((total, share) => total + share, 0);
  const all: PagePlace[] = [];
  let first: PagePlace | undefined;
  let start = 0;
  for (const [index, page] of pages.entries()) {
    const count = ((shares[index] ?? 0) / sum) * rows;
    const end = start + count;
    const margin = Math.max(1, count * UNCERTAIN);
    if (from < end + margin && to + 1 > start - margin) all.push(page);
    if (first === undefined && (from + 0.5 < end || index === pages.length - 1)) first = page;
    start = end;
  }
  return first && { first, all };
};
