import { inkOf } from "./ink.js";

/** A line of words on the page, and a row of a table, as the ink of their pieces. */
type Pieces = readonly string[];

/** A piece tells rows apart when no more rows, and no more lines, hold it. */
const MAX_HOLDERS = 4;

/** The least share of a line's letters that its row must have. */
const LEAST_SHARE = 1 / 2;

/** Up to so many comparisons for each of its lines and rows, what lies between two known lines is compared in full. */
const FULL_FACTOR = 64;

interface Link {
  line: number;
  row: number;
}

const holders = (pieces: readonly Pieces[]): Map<string, number[]> => {
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
const sharedLetters = (lines: readonly Pieces[], rows: readonly Pieces[]): Map<number, number>[] => {
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

/** The heaviest links that stand in order: lines go down, rows never go up. A tree of maxima keeps it n log n. */
const heaviestChain = (weights: readonly ReadonlyMap<number, number>[], rowCount: number): Link[] => {
  interface Step extends Link {
    weight: number;
    before: Step | undefined;
  }
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

/** What a line has in common with a row: whole pieces, or half as much for parts of words that were broken. */
const scoreOf = (line: Pieces, row: ReadonlySet<string>, ink: string): number => {
  let found = 0;
  let letters = 0;
  for (const piece of line) {
    letters += piece.length;
    if (row.has(piece)) found += piece.length;
    else if (piece.length > 1 && ink.includes(piece)) found += piece.length / 2;
  }
  return letters > 0 && found >= letters * LEAST_SHARE ? found / letters : 0;
};

/** The best rows, none above the one before, for each of some lines; a row of its own rather than a shared one. */
const bestRows = (scores: readonly (readonly number[])[], rowCount: number): (number | undefined)[] => {
  const OWN_ROW = 1 / 1024;
  let sums = new Float64Array(rowCount + 1);
  const ways = scores.map((byRow) => {
    const next = sums.slice();
    const taken = new Int32Array(rowCount + 1).fill(-1);
    for (let row = 0; row < rowCount; row++) {
      const score = byRow[row] ?? 0;
      // As a further line of the row, or as the first after what ends above it.
      const further = (sums[row + 1] ?? 0) + score;
      const first = (sums[row] ?? 0) + score + OWN_ROW;
      if (score > 0 && Math.max(further, first) > (next[row + 1] ?? 0)) {
        next[row + 1] = Math.max(further, first);
        taken[row + 1] = first > further ? 1 : 0;
      }
      if ((next[row] ?? 0) > (next[row + 1] ?? 0)) {
        next[row + 1] = next[row] ?? 0;
        taken[row + 1] = 2;
      }
    }
    sums = next;
    return taken;
  });
  const rows: (number | undefined)[] = [];
  let at = rowCount;
  for (const taken of ways.toReversed()) {
    while (at > 0 && taken[at] === 2) at--;
    const way = at > 0 ? taken[at] : -1;
    rows.push(way === 0 || way === 1 ? at - 1 : undefined);
    if (way === 1) at--;
  }
  return rows.reverse();
};

/**
 * Finds for each line of words on the page the row of a table it belongs to, `undefined` for lines of none, such as
 * those of the header. A row may have several lines; the order of words within a line plays no part, so it does not
 * matter whether the page was read by rows, by columns or by cells.
 *
 * Pieces that few rows hold anchor the lines, of these the heaviest chain in order counts; what lies between two of
 * them is compared with the rows between.
 *
 * @param lines the words of each line, from the top down
 * @param rows the cells of each row
 */
export const rowsOfLines = (
  lines: readonly Pieces[],
  rows: readonly Pieces[],
): { rows: (number | undefined)[]; steps: number } => {
  const pieces = (texts: Pieces): string[] =>
    texts.flatMap((text) => text.split(/\s+/).map(inkOf)).filter((ink) => ink !== "");
  const [ofLines, ofRows] = [lines.map(pieces), rows.map(pieces)];
  const chain = heaviestChain(sharedLetters(ofLines, ofRows), rows.length);
  const found: (number | undefined)[] = lines.map(() => undefined);
  for (const { line, row } of chain) found[line] = row;
  let steps = lines.length + rows.length;
  let [line, row] = [0, 0];
  for (const next of [...chain, { line: lines.length, row: rows.length - 1 }]) {
    const between = ofLines.slice(line, next.line);
    const count = next.row - row + 1;
    if (between.length > 0 && between.length * count <= FULL_FACTOR * (between.length + count)) {
      steps += between.length * count;
      const candidates = ofRows.slice(row, next.row + 1);
      const known = candidates.map((each) => ({ set: new Set(each), ink: each.join(" ") }));
      const scores = between.map((each) => known.map(({ set, ink }) => scoreOf(each, set, ink)));
      for (const [offset, best] of bestRows(scores, count).entries())
        found[line + offset] = best === undefined ? undefined : row + best;
    }
    [line, row] = [next.line + 1, Math.max(row, next.row)];
  }
  return { rows: found, steps };
};
