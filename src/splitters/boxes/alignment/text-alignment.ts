import { alignByEditDistance } from "./edit-distance.js";

/** The lengths of the runs that anchor an alignment: in the whole texts, then in gaps that are still long. */
const ANCHOR_LENGTHS = [12, 6] as const;

/** The most comparisons for each character with which a gap is compared in full. */
const FULL_FACTOR = 256;
/** Half the width of the band in which longer gaps are compared. */
const BAND = 128;

/** The length from which a run counts as a moved block; a shorter one may be unique by chance. */
const MIN_MOVED = 20;

/** How far a moved block is followed past a misread character, and how much longer one side may be than the other. */
const MAX_MOVED_GAP = 128;
const MOVED_MARGIN = 16;

/** A longer gap without a single anchor is another text. */
const MAX_GAP = 100_000;

interface Pair {
  a: number;
  b: number;
}

/** Maps each run of `length` characters to its position, or to -1 if it occurs more than once. */
const runsOf = (text: string, length: number): Map<string, number> => {
  const runs = new Map<string, number>();
  for (let index = 0; index + length <= text.length; index++) {
    const run = text.slice(index, index + length);
    runs.set(run, runs.has(run) ? -1 : index);
  }
  return runs;
};

/** Finds the runs that occur exactly once in either text, in the order of the first text, which is that of the map. */
const anchorsOf = (a: string, b: string, length: number): Pair[] => {
  const inB = runsOf(b, length);
  const pairs: Pair[] = [];
  for (const [run, position] of runsOf(a, length)) {
    const other = inB.get(run);
    if (position >= 0 && other !== undefined && other >= 0) pairs.push({ a: position, b: other });
  }
  return pairs;
};

interface Run extends Pair {
  length: number;
}

/** Joins consecutive anchors. */
const joinRuns = (anchors: readonly Pair[], length: number): Run[] => {
  const runs: Run[] = [];
  for (const { a, b } of anchors) {
    const run = runs.at(-1);
    if (run && a === run.a + run.length - length + 1 && b - a === run.b - run.a) run.length++;
    else runs.push({ a, b, length });
  }
  return runs;
};

/** Finds the longest chain of anchors that have the same order in both texts. */
const longestChain = (pairs: readonly Pair[]): { chain: Pair[]; rest: Pair[] } => {
  /** For each length of chain, the anchor that ends it earliest in the second text. */
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  for (const [index, { b }] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.b ?? 0) < b) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (ends[low - 1] ?? -1) : -1;
    ends[low] = index;
  }
  const inChain = new Set<number>();
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) inChain.add(index);
  return {
    chain: pairs.filter((_, index) => inChain.has(index)),
    rest: pairs.filter((_, index) => !inChain.has(index)),
  };
};

/** The characters of two texts that correspond. */
export interface TextAlignment {
  /** For each character of the first text the position in the second, or -1. The two may differ if one is misread. */
  to: Int32Array;
  /** How many characters were read and compared, which grows linearly with the length of the texts. */
  steps: number;
}

class Aligner {
  readonly #a: string;
  readonly #b: string;
  readonly #taken: Uint8Array;
  readonly to: Int32Array;
  steps = 0;

  constructor(a: string, b: string) {
    this.#a = a;
    this.#b = b;
    this.#taken = new Uint8Array(b.length);
    this.to = new Int32Array(a.length).fill(-1);
  }

  run(): void {
    this.#align(upTo(this.#a.length), upTo(this.#b.length), 0);
  }

  /** @param as,bs the positions of the characters that are still unlinked */
  #align(as: Int32Array, bs: Int32Array, level: number): void {
    if (as.length === 0 || bs.length === 0) return;
    const length = ANCHOR_LENGTHS[level];
    const isShort = as.length * bs.length <= FULL_FACTOR * (as.length + bs.length);
    if (length === undefined || (level > 0 && isShort)) {
      if (isShort) this.#compare(as, bs, Number.POSITIVE_INFINITY);
      else if (Math.max(as.length, bs.length) <= MAX_GAP) this.#compare(as, bs, BAND);
      return;
    }
    const [a, b] = [pick(this.#a, as), pick(this.#b, bs)];
    this.steps += as.length + bs.length;
    const { chain, rest } = longestChain(anchorsOf(a, b, length));
    let [atA, atB] = [0, 0];
    const gaps: [number, number, number, number][] = [];
    for (const pair of chain) {
      const skip = Math.max(0, atA - pair.a, atB - pair.b);
      if (skip >= length) continue;
      if (pair.a + skip > atA || pair.b + skip > atB) gaps.push([atA, pair.a + skip, atB, pair.b + skip]);
      for (let step = skip; step < length; step++) this.#link(as[pair.a + step], bs[pair.b + step]);
      [atA, atB] = [pair.a + length, pair.b + length];
    }
    gaps.push([atA, as.length, atB, bs.length]);
    // Only a run that is unique in the whole of both texts counts as a moved block.
    if (level === 0) {
      const moved = joinRuns(rest, length).filter((run) => run.length >= MIN_MOVED);
      const ends = moved.map((run) => this.#linkMoved(run));
      for (const { before, after } of ends) {
        this.#extend(before, -1);
        this.#extend(after, 1);
      }
    }
    for (const [fromA, toA, fromB, toB] of gaps) {
      const freeA = as.subarray(fromA, toA).filter((index) => this.to[index] === -1);
      const freeB = bs.subarray(fromB, toB).filter((index) => this.#taken[index] === 0);
      this.#align(freeA, freeB, level + 1);
    }
  }

  /** Links a moved run and the equal characters around it. @returns the positions before and after what was linked */
  #linkMoved({ a, b, length }: Run): { before: Pair; after: Pair } {
    const isEqual = (step: number): boolean =>
      this.#isFree(a + step, b + step) && this.#a[a + step] === this.#b[b + step];
    let [from, to] = [-1, length];
    while (isIn(a + to, this.#a.length) && isEqual(to)) to++;
    while (isIn(a + from, this.#a.length) && isEqual(from)) from--;
    for (let step = from + 1; step < to; step++) this.#link(a + step, b + step);
    return { before: { a: a + from, b: b + from }, after: { a: a + to, b: b + to } };
  }

  /** Aligns the unlinked characters from two positions on, because a moved block continues after a misread character. */
  #extend(from: Pair, step: 1 | -1): void {
    const free = (start: number, length: number, isFree: (index: number) => boolean): Int32Array => {
      let count = 0;
      while (count < MAX_MOVED_GAP && isFree(start + count * step) && isIn(start + count * step, length))
        count++;
      const first = step > 0 ? start : start - count + 1;
      return upTo(count).map((index) => first + index);
    };
    const as = free(from.a, this.#a.length, (index) => this.to[index] === -1);
    const bs = free(from.b, this.#b.length, (index) => this.#taken[index] === 0);
    const most = Math.min(as.length, bs.length) + MOVED_MARGIN;
    this.#align(nearest(as, most, step), nearest(bs, most, step), 1);
  }

  #isFree(a: number, b: number): boolean {
    return this.to[a] === -1 && this.#taken[b] === 0;
  }

  #compare(as: Int32Array, bs: Int32Array, band: number): void {
    const { pairs, steps } = alignByEditDistance(pick(this.#a, as), pick(this.#b, bs), band);
    this.steps += steps;
    for (const [a, b] of pairs) this.#link(as[a], bs[b]);
  }

  #link(a: number | undefined, b: number | undefined): void {
    if (a === undefined || b === undefined || !this.#isFree(a, b)) return;
    this.to[a] = b;
    this.#taken[b] = 1;
  }
}

const isIn = (index: number, length: number): boolean => index >= 0 && index < length;

/** Takes at most `most` positions: the first, or going backwards the last. */
const nearest = (positions: Int32Array, most: number, step: 1 | -1): Int32Array =>
  step > 0 ? positions.subarray(0, most) : positions.subarray(Math.max(0, positions.length - most));

/** Counts 0, 1, 2, … */
const upTo = (length: number): Int32Array => {
  const numbers = new Int32Array(length);
  for (let index = 0; index < length; index++) numbers[index] = index;
  return numbers;
};

const pick = (text: string, indices: Int32Array): string => {
  const first = indices[0] ?? 0;
  const last = indices.at(-1) ?? -1;
  if (last - first + 1 === indices.length) return text.slice(first, last + 1);
  let picked = "";
  for (const index of indices) picked += text.charAt(index);
  return picked;
};

/**
 * Aligns two texts that are equal but for mistakes, in time proportional to their length.
 *
 * Runs of characters that are unique in both texts anchor the alignment, so that a repeated phrase is never taken for
 * another of its occurrences. The longest chain of anchors in the same order counts, and long unique runs outside it
 * are moved blocks (the idea of patience diff, by characters). The text between two anchors is compared by edit
 * distance.
 */
export const alignTexts = (a: string, b: string): TextAlignment => {
  if (a === b) return { to: upTo(a.length), steps: a.length };
  const aligner = new Aligner(a, b);
  aligner.run();
  return { to: aligner.to, steps: aligner.steps };
};
