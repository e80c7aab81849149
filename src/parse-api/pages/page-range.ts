/**
 * Counts how many pages of a document the option `page_range` has parsed.
 *
 * @param range such as `1-5`, `2,4,6` or `[1,3,5]`
 * @param total pages of the document; without it, the range is taken to be in the document
 */
export const pagesInRange = (range: string | undefined, total: number | undefined): number | undefined => {
  if (range === undefined) return total;
  const most = total ?? Number.POSITIVE_INFINITY;
  const parts = [...range.matchAll(/(\d+)(?:-(\d+))?/g)]
    .map(([, from, to = from]) => ({ from: Number(from), to: Math.min(Number(to), most) }))
    .sort((a, b) => a.from - b.from);
  let pages = 0;
  let last = 0;
  for (const { from, to } of parts) {
    pages += Math.max(0, to - Math.max(from - 1, last));
    last = Math.max(last, to);
  }
  return pages;
};
