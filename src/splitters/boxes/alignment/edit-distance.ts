/** The costs of a misread character, of the first character of a gap, and of each further one. */
const MISREAD = 2;
const GAP_START = 2;
const GAP_STEP = 1;

/** A cost above any real one, which does not overflow if another cost is added. */
const NEVER = 1 << 29;

/** Flags for how a state was reached: a pair after a gap; a gap in which a column is skipped; a gap after a pair. */
const PAIR_AFTER_GAP = 1;
const GAP_ALONG_ROW = 2;
const GAP_AFTER_PAIR = 4;

/**
 * Aligns two texts by edit distance with affine gaps (Gotoh 1982, one state for the gaps of both texts). A gap costs
 * more to open than to extend, so that a word stays together.
 *
 * @param band how many characters the alignment may deviate from the straight line between both ends
 * @returns the pairs of positions whose characters are equal or misread, in order
 */
export const alignByEditDistance = (
  a: string,
  b: string,
  band: number,
): { pairs: [number, number][]; steps: number } => {
  // The longer text gives the rows, so that the line between the ends rises by at most one column a row.
  if (b.length > a.length) {
    const { pairs, steps } = alignByEditDistance(b, a, band);
    return { pairs: pairs.map(([x, y]) => [y, x]), steps };
  }
  const [rows, columns] = [a.length, b.length];
  const reach = Math.min(band, columns);
  const width = Math.min(2 * reach + 1, columns + 1);
  const lowOf = (row: number): number =>
    Math.max(0, Math.min(Math.round((row * columns) / rows) - reach, columns + 1 - width));
  const origins = new Uint8Array((rows + 1) * width);
  const never = () => new Int32Array(columns + 1).fill(NEVER);
  let [pairBefore, gapBefore, pair, gap] = [never(), never(), never(), never()];
  const at = (costs: Int32Array, column: number): number => costs[column] ?? NEVER;
  for (let row = 0; row <= rows; row++) {
    const low = lowOf(row);
    const high = low + width - 1;
    if (low > 0) [pair[low - 1], gap[low - 1]] = [NEVER, NEVER];
    // A column that the band has just reached still holds the costs of two rows before.
    if (row > 0) {
      for (let column = lowOf(row - 1) + width; column <= high; column++)
        [pairBefore[column], gapBefore[column]] = [NEVER, NEVER];
    }
    for (let column = low; column <= high; column++) {
      if (row === 0 && column === 0) {
        [pair[0], gap[0]] = [0, NEVER];
        continue;
      }
      let origin = 0;
      let pairCost = NEVER;
      if (row > 0 && column > 0) {
        const [afterPair, afterGap] = [at(pairBefore, column - 1), at(gapBefore, column - 1)];
        if (afterGap < afterPair) origin |= PAIR_AFTER_GAP;
        const isSame = a.charCodeAt(row - 1) === b.charCodeAt(column - 1);
        pairCost = Math.min(afterPair, afterGap) + (isSame ? 0 : MISREAD);
      }
      let gapCost = NEVER;
      if (row > 0) {
        const [opened, extended] = [at(pairBefore, column) + GAP_START, at(gapBefore, column) + GAP_STEP];
        gapCost = Math.min(opened, extended);
        if (opened < extended) origin |= GAP_AFTER_PAIR;
      }
      if (column > low) {
        const [opened, extended] = [at(pair, column - 1) + GAP_START, at(gap, column - 1) + GAP_STEP];
        if (Math.min(opened, extended) < gapCost) {
          gapCost = Math.min(opened, extended);
          origin = (origin & PAIR_AFTER_GAP) | GAP_ALONG_ROW | (opened < extended ? GAP_AFTER_PAIR : 0);
        }
      }
      [pair[column], gap[column]] = [pairCost, gapCost];
      origins[row * width + column - low] = origin;
    }
    [pairBefore, gapBefore, pair, gap] = [pair, gap, pairBefore, gapBefore];
  }
  const pairs: [number, number][] = [];
  let inGap = at(gapBefore, columns) < at(pairBefore, columns);
  for (let [row, column] = [rows, columns]; row > 0 || column > 0; ) {
    const origin = origins[row * width + column - lowOf(row)] ?? 0;
    if (inGap) {
      if ((origin & GAP_ALONG_ROW) !== 0) column--;
      else row--;
      inGap = (origin & GAP_AFTER_PAIR) === 0;
    } else {
      pairs.push([--row, --column]);
      inGap = (origin & PAIR_AFTER_GAP) !== 0;
    }
  }
  return { pairs: pairs.reverse(), steps: (rows + 1) * width };
};
