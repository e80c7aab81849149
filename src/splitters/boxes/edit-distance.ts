/** What a misread character costs, the first that is left out, and each that is left out after it. */
const MISREAD = 2;
const FIRST_GAP = 2;
const NEXT_GAP = 1;

/** Far from any cost, and no overflow when a cost is added. */
const NEVER = 1 << 29;

/** How a state was reached: by a pair from a gap; by a gap of the second text; by a gap from a pair. */
const PAIR_AFTER_GAP = 1;
const GAP_IN_ROW = 2;
const GAP_AFTER_PAIR = 4;

/**
 * The cheapest alignment of two texts by edit distance with affine gaps (Gotoh 1982, one state for the gaps of both
 * texts): pairs of places whose characters are equal or misread. A gap costs more to open than to go on with, so
 * that a word stays together.
 *
 * @param band how far from the straight line between both ends the alignment may go, in characters
 */
export const editAlign = (
  a: string,
  b: string,
  band: number,
): { pairs: [number, number][]; steps: number } => {
  // The longer text by rows: the line between the ends never rises by more than one column a row.
  if (b.length > a.length) {
    const { pairs, steps } = editAlign(b, a, band);
    return { pairs: pairs.map(([x, y]) => [y, x]), steps };
  }
  const [rows, columns] = [a.length, b.length];
  const reach = Math.min(band, columns);
  const width = Math.min(2 * reach + 1, columns + 1);
  const lowOf = (row: number): number =>
    Math.max(0, Math.min(Math.round((row * columns) / rows) - reach, columns + 1 - width));
  const ways = new Uint8Array((rows + 1) * width);
  const never = () => new Int32Array(columns + 1).fill(NEVER);
  let [pairBefore, gapBefore, pair, gap] = [never(), never(), never(), never()];
  const at = (costs: Int32Array, column: number): number => costs[column] ?? NEVER;
  for (let row = 0; row <= rows; row++) {
    const low = lowOf(row);
    const high = low + width - 1;
    if (low > 0) [pair[low - 1], gap[low - 1]] = [NEVER, NEVER];
    // The column that the band has just come to holds costs of two rows before.
    if (row > 0) {
      for (let column = lowOf(row - 1) + width; column <= high; column++)
        [pairBefore[column], gapBefore[column]] = [NEVER, NEVER];
    }
    for (let column = low; column <= high; column++) {
      if (row === 0 && column === 0) {
        [pair[0], gap[0]] = [0, NEVER];
        continue;
      }
      let way = 0;
      let pairCost = NEVER;
      if (row > 0 && column > 0) {
        const [afterPair, afterGap] = [at(pairBefore, column - 1), at(gapBefore, column - 1)];
        if (afterGap < afterPair) way |= PAIR_AFTER_GAP;
        const isSame = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
        pairCost = Math.min(afterPair, afterGap) + (isSame ? 0 : MISREAD);
      }
      let gapCost = NEVER;
      if (row > 0) {
        const [opened, gone] = [at(pairBefore, column) + FIRST_GAP, at(gapBefore, column) + NEXT_GAP];
        gapCost = Math.min(opened, gone);
        if (opened < gone) way |= GAP_AFTER_PAIR;
      }
      if (column > low) {
        const [opened, gone] = [at(pair, column - 1) + FIRST_GAP, at(gap, column - 1) + NEXT_GAP];
        if (Math.min(opened, gone) < gapCost) {
          gapCost = Math.min(opened, gone);
          way = (way & PAIR_AFTER_GAP) | GAP_IN_ROW | (opened < gone ? GAP_AFTER_PAIR : 0);
        }
      }
      [pair[column], gap[column]] = [pairCost, gapCost];
      ways[row * width + column - low] = way;
    }
    [pairBefore, gapBefore, pair, gap] = [pair, gap, pairBefore, gapBefore];
  }
  const pairs: [number, number][] = [];
  let inGap = at(gapBefore, columns) < at(pairBefore, columns);
  for (let [row, column] = [rows, columns]; row > 0 || column > 0; ) {
    const way = ways[row * width + column - lowOf(row)] ?? 0;
    if (inGap) {
      if ((way & GAP_IN_ROW) !== 0) column--;
      else row--;
      inGap = (way & GAP_AFTER_PAIR) === 0;
    } else {
      pairs.push([--row, --column]);
      inGap = (way & PAIR_AFTER_GAP) !== 0;
    }
  }
  return { pairs: pairs.reverse(), steps: (rows + 1) * width };
};
