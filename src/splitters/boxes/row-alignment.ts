import { inkOf } from "./normalized-text.js";
import { heaviestChain, type Link, sharedLetters } from "./row-anchors.js";

/** How far lines may lie from where the anchors around them put them, in rows. */
const REACH = 3;
const WIDEST_BAND = 64;

/** The most lines of one row. */
const MAX_LINES = 40;

/** What a pair of letters costs that only the lines or only the row have, when one in common counts 1. */
const DIFFERENCE = 1 / 2;

/** Pairs of neighbouring letters, by which broken and misread words still compare; of a single letter the letter. */
const pairsOf = (pieces: readonly string[]): string[] =>
  pieces.flatMap((piece) =>
    piece.length === 1
      ? [piece]
      : Array.from({ length: piece.length - 1 }, (_, index) => piece.slice(index, index + 2)),
  );

const countsOf = (pairs: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  return counts;
};

/** For each line the first and the last row it may belong to; neither ever goes up. */
const bandsOf = (chain: readonly Link[], lineCount: number, rowCount: number): [number, number][] => {
  const bands: [number, number][] = [];
  let before = { line: -1, row: 0 };
  let next = 0;
  for (let line = 0; line <= lineCount; line++) {
    while ((chain[next]?.line ?? lineCount) < line) before = chain[next++] ?? before;
    const after = chain[next] ?? { line: lineCount, row: rowCount - 1 };
    let [low, high] = [before.row, after.row];
    if (high - low > WIDEST_BAND) {
      const way = (line - before.line) / Math.max(1, after.line - before.line);
      const middle = before.row + Math.round(way * (after.row - before.row));
      [low, high] = [Math.max(low, middle - WIDEST_BAND / 2), Math.min(high, middle + WIDEST_BAND / 2)];
    }
    const last = bands.at(-1) ?? [0, 0];
    bands.push([Math.max(last[0], low - REACH, 0), Math.max(last[1], Math.min(high + REACH + 1, rowCount))]);
  }
  return bands;
};

interface State {
  score: number;
  /** The line and the row before; the lines between belong to that row when both differ. */
  line: number;
  row: number;
}

/**
 * Finds for each line of words on the page the row of a table it belongs to, `undefined` for lines of none, such as
 * those of the header. A row takes one line or several that follow each other; the order of words within them plays
 * no part, so it does not matter whether the page was read by rows, by columns or by cells.
 *
 * Pieces that few rows hold anchor the lines; near the anchors, lines are given out to rows so that both have the most
 * letters in common and the least besides, as sentences are aligned in translations (Gale and Church 1993).
 *
 * @param lines the words of each line, from the top down
 * @param rows the cells of each row
 * @returns `steps` says how many rows were compared with lines: in proportion to the length of the table
 */
export const rowsOfLines = (
  lines: readonly (readonly string[])[],
  rows: readonly (readonly string[])[],
): { rows: (number | undefined)[]; steps: number } => {
  const pieces = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => text.split(/\s+/).map(inkOf)).filter((ink) => ink !== "");
  const [ofLines, ofRows] = [lines.map(pieces), rows.map(pieces)];
  const chain = heaviestChain(sharedLetters(ofLines, ofRows), rows.length);
  const bands = bandsOf(chain, lines.length, rows.length);
  const linePairs = ofLines.map(pairsOf);
  const rowPairs = ofRows.map(pairsOf);
  let steps = 0;
  /** By lines given out and rows passed, the best way there. */
  const states: Map<number, State>[] = bands.map(() => new Map());
  const reach = (line: number, row: number, from: State): void => {
    const [low, high] = bands[line] ?? [0, -1];
    const known = states[line]?.get(row);
    if (row >= low && row <= high && (!known || known.score < from.score)) states[line]?.set(row, from);
  };
  for (const [line, [low, high]] of bands.entries()) {
    if (line === 0) reach(0, low, { score: 0, line: 0, row: low });
    for (let row = low; row <= high; row++) {
      const state = states[line]?.get(row);
      if (!state) continue;
      const { score } = state;
      if (row < rows.length) reach(line, row + 1, { score, line, row });
      if (line === lines.length) continue;
      reach(line + 1, row, { score, line, row });
      const pairs = rowPairs[row] ?? [];
      if (pairs.length === 0) continue;
      const left = countsOf(pairs);
      let [common, taken] = [0, 0];
      for (let count = 1; count <= MAX_LINES && line + count <= lines.length; count++) {
        steps++;
        const before = common;
        for (const pair of linePairs[line + count - 1] ?? []) {
          const more = left.get(pair) ?? 0;
          taken++;
          if (more === 0) continue;
          common++;
          left.set(pair, more - 1);
        }
        const apart = taken + pairs.length - 2 * common;
        reach(line + count, row + 1, { score: score + common - apart * DIFFERENCE, line, row });
        if (common === before || taken > 2 * pairs.length) break;
      }
    }
  }
  return { rows: followBack(states, lines.length), steps };
};

const followBack = (
  states: readonly ReadonlyMap<number, State>[],
  lineCount: number,
): (number | undefined)[] => {
  const found: (number | undefined)[] = Array.from({ length: lineCount });
  let [line, row] = [lineCount, -1];
  let best = Number.NEGATIVE_INFINITY;
  for (const [end, { score }] of states[lineCount] ?? []) if (score > best) [row, best] = [end, score];
  while (line > 0) {
    const state = states[line]?.get(row);
    if (!state) break;
    if (state.row < row) for (let each = state.line; each < line; each++) found[each] = state.row;
    [line, row] = [state.line, state.row];
  }
  return found;
};
