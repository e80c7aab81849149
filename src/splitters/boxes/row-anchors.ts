/** A piece tells rows apart when no more rows, and no more lines, hold it. */
const MAX_HOLDERS = 4;

/** A line of words and a row of a table that belong together. */
export interface Link {
  line: number;
  row: number;
}

const holders = (pieces: readonly (readonly string[])[]): Map<string, number[]> => {
  const held = new Map<string, number[]>();
  for (const [index, each] of pieces.entries()) {
    for (const piece of new Set(each)) {
      const list = held.get(piece);
      if (!list) held.set(piece, [index]);
      else if (list.length <= MAX_HOLDERS) list.push(index);
    }
  }
  return held;
};

/** Letters that lines and rows have in common by pieces which few of either hold: for each line, by row. */
export const sharedLetters = (
  lines: readonly (readonly string[])[],
  rows: readonly (readonly string[])[],
): Map<number, number>[] => {
  const [byLine, byRow] = [holders(lines), holders(rows)];
  return lines.map((pieces) => {
    const weights = new Map<number, number>();
    for (const piece of new Set(pieces)) {
      const inRows = byRow.get(piece) ?? [];
      if (inRows.length > MAX_HOLDERS || (byLine.get(piece) ?? []).length > MAX_HOLDERS) continue;
      for (const row of inRows) weights.set(row, (weights.get(row) ?? 0) + piece.length);
    }
    return weights;
  });
};

interface Step extends Link {
  weight: number;
  before: Step | undefined;
}

/** The heaviest links that stand in order: lines go down, rows never go up. A tree of maxima keeps it n log n. */
export const heaviestChain = (weights: readonly ReadonlyMap<number, number>[], rowCount: number): Link[] => {
  const best: (Step | undefined)[] = Array.from({ length: rowCount + 1 });
  const heaviest = (upTo: number): Step | undefined => {
    let found: Step | undefined;
    for (let index = upTo + 1; index > 0; index -= index & -index) {
      const step = best[index];
      if (step && step.weight > (found?.weight ?? 0)) found = step;
    }
    return found;
  };
  for (const [line, byRow] of weights.entries()) {
    const steps = [...byRow].map(([row, weight]): Step => {
      const before = heaviest(row);
      return { line, row, weight: weight + (before?.weight ?? 0), before };
    });
    for (const step of steps) {
      for (let index = step.row + 1; index <= rowCount; index += index & -index) {
        if (step.weight > (best[index]?.weight ?? 0)) best[index] = step;
      }
    }
  }
  const chain: Link[] = [];
  for (let step = heaviest(rowCount - 1); step; step = step.before) chain.push(step);
  return chain.reverse();
};
