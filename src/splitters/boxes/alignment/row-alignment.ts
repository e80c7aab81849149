import { normalizedLetters } from "./normalized-text.js";

/** How many rows a line may lie from where the anchors around it put it. */
const REACH = 3;
const WIDEST_BAND = 64;

/** The most lines of one row. */
const MAX_LINES = 40;

/** The cost of a pair of letters that only the lines or only the row have, where a common pair counts 1. */
const DIFFERENCE = 1 / 2;

/** A token tells rows apart if no more rows, and no more lines, contain it. */
const MAX_OCCURRENCES = 4;

/** A line of words and a row of a table that belong together. */
interface Link {
  line: number;
  row: number;
}

/** Maps each token to the lists that contain it, up to one more than {@link MAX_OCCURRENCES}. */
const occurrencesOf = (lists: readonly (readonly string[])[]): Map<string, number[]> => {
  const occurrences = new Map<string, number[]>();
  for (const [index, tokens] of lists.entries()) {
    for (const token of new Set(tokens)) {
      const known = occurrences.get(token);
      if (!known) occurrences.set(token, [index]);
      else if (known.length <= MAX_OCCURRENCES) known.push(index);
    }
  }
  return occurrences;
};

/** Counts, for each line and by row, the letters of the rare tokens that both contain. */
const sharedLetters = (
  lines: readonly (readonly string[])[],
  rows: readonly (readonly string[])[],
): Map<number, number>[] => {
  const [byLine, byRow] = [occurrencesOf(lines), occurrencesOf(rows)];
  return lines.map((tokens) => {
    const weights = new Map<number, number>();
    for (const token of new Set(tokens)) {
      const inRows = byRow.get(token) ?? [];
      const inLines = byLine.get(token) ?? [];
      if (inRows.length > MAX_OCCURRENCES || inLines.length > MAX_OCCURRENCES) continue;
      for (const row of inRows) weights.set(row, (weights.get(row) ?? 0) + token.length);
    }
    return weights;
  });
};

interface Step extends Link {
  weight: number;
  before: Step | undefined;
}

/**
 * Finds the heaviest chain of links in order: lines ascend, rows never descend. A Fenwick tree of maxima keeps it
 * O(n log n).
 */
const heaviestChain = (weights: readonly ReadonlyMap<number, number>[], rowCount: number): Link[] => {
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

/**
 * Numbers the pairs of neighbouring letters of tokens, which broken and misread words still have in common. A single
 * letter counts as a pair.
 */
class LetterPairs {
  readonly #numbers = new Map<string, number>();

  get count(): number {
    return this.#numbers.size;
  }

  of(tokens: readonly string[]): number[] {
    const pairs: number[] = [];
    for (const token of tokens)
      for (let at = 0; at < Math.max(1, token.length - 1); at++) {
        const pair = token.slice(at, at + 2);
        const number = this.#numbers.get(pair) ?? this.#numbers.size;
        this.#numbers.set(pair, number);
        pairs.push(number);
      }
    return pairs;
  }
}

/** Computes the first and the last row that each line may belong to; neither ever descends. */
const bandsOf = (chain: readonly Link[], lineCount: number, rowCount: number): [number, number][] => {
  const bands: [number, number][] = [];
  let before = { line: -1, row: 0 };
  let next = 0;
  for (let line = 0; line <= lineCount; line++) {
    while ((chain[next]?.line ?? lineCount) < line) before = chain[next++] ?? before;
    const after = chain[next] ?? { line: lineCount, row: rowCount - 1 };
    let [low, high] = [before.row, after.row];
    if (high - low > WIDEST_BAND) {
      const progress = (line - before.line) / Math.max(1, after.line - before.line);
      const middle = before.row + Math.round(progress * (after.row - before.row));
      [low, high] = [Math.max(low, middle - WIDEST_BAND / 2), Math.min(high, middle + WIDEST_BAND / 2)];
    }
    const last = bands.at(-1) ?? [0, 0];
    bands.push([Math.max(last[0], low - REACH, 0), Math.max(last[1], Math.min(high + REACH + 1, rowCount))]);
  }
  return bands;
};

/**
 * Finds the rows of lines of which the last are the rows, one each and letter by letter, as in most tables. No other
 * order has more in common, so that no comparison is needed.
 */
const rowsInOrder = (
  lines: readonly (readonly string[])[],
  rows: readonly (readonly string[])[],
): (number | undefined)[] | undefined => {
  const first = lines.length - rows.length;
  const areSame = rows.every((tokens, row) => {
    const letters = tokens.join("");
    return letters !== "" && letters === lines[first + row]?.join("");
  });
  return areSame ? lines.map((_, line) => (line < first ? undefined : line - first)) : undefined;
};

interface State {
  score: number;
  /** The line and the row of the state before. If both differ, the lines between belong to that row. */
  line: number;
  row: number;
}

/**
 * Finds the table row that each line of words on the page belongs to; `undefined` for a line of no row, such as one of
 * the header. A row takes one line or several consecutive ones. The order of words within them does not matter, so the
 * page may have been read by rows, by columns or by cells.
 *
 * Tokens that few rows contain anchor the lines. Near the anchors, lines are assigned to rows so that they have the
 * most letters in common and the fewest that differ, as sentences are aligned in translations (Gale and Church 1993).
 *
 * @param lines the words of each line, from the top down
 * @param rows the cells of each row
 * @returns the row of each line, and in `steps` how many comparisons of rows with lines it took, which grows linearly
 *   with the length of the table
 */
export const rowsOfLines = (
  lines: readonly (readonly string[])[],
  rows: readonly (readonly string[])[],
): { rows: (number | undefined)[]; steps: number } => {
  const tokensOf = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => text.split(/\s+/).map(normalizedLetters)).filter((token) => token !== "");
  const [lineTokens, rowTokens] = [lines.map(tokensOf), rows.map(tokensOf)];
  const inOrder = rowsInOrder(lineTokens, rowTokens);
  if (inOrder) return { rows: inOrder, steps: rows.length };
  const chain = heaviestChain(sharedLetters(lineTokens, rowTokens), rows.length);
  const bands = bandsOf(chain, lines.length, rows.length);
  const numbers = new LetterPairs();
  const linePairs = lineTokens.map((tokens) => numbers.of(tokens));
  const rowPairs = rowTokens.map((tokens) => numbers.of(tokens));
  /** How many of each pair a row still has, while lines are compared with it. */
  const left = new Int32Array(numbers.count);
  let steps = 0;
  /** The best state by the number of lines assigned and of rows passed. */
  const states: Map<number, State>[] = bands.map(() => new Map());
  const offer = (line: number, row: number, from: State): void => {
    const [low, high] = bands[line] ?? [0, -1];
    const known = states[line]?.get(row);
    if (row >= low && row <= high && (!known || known.score < from.score)) states[line]?.set(row, from);
  };
  for (const [line, [low, high]] of bands.entries()) {
    if (line === 0) offer(0, low, { score: 0, line: 0, row: low });
    for (let row = low; row <= high; row++) {
      const state = states[line]?.get(row);
      if (!state) continue;
      const { score } = state;
      if (row < rows.length) offer(line, row + 1, { score, line, row });
      if (line === lines.length) continue;
      offer(line + 1, row, { score, line, row });
      const pairs = rowPairs[row] ?? [];
      if (pairs.length === 0) continue;
      for (const pair of pairs) left[pair] = (left[pair] ?? 0) + 1;
      let [common, taken] = [0, 0];
      for (let count = 1; count <= MAX_LINES && line + count <= lines.length; count++) {
        steps++;
        const before = common;
        for (const pair of linePairs[line + count - 1] ?? []) {
          const more = left[pair] ?? 0;
          taken++;
          if (more === 0) continue;
          common++;
          left[pair] = more - 1;
        }
        const different = taken + pairs.length - 2 * common;
        offer(line + count, row + 1, { score: score + common - different * DIFFERENCE, line, row });
        if (common === before || taken > 2 * pairs.length) break;
      }
      for (const pair of pairs) left[pair] = 0;
    }
  }
  return { rows: followBack(states, lines.length), steps };
};

/** Follows the best states back from the last line to the first. */
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
