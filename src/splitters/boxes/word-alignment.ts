import type { Word } from "../../documents/segment.js";
import { firstAbove } from "../../internal/binary-search.js";
import type { TextRange } from "../split-draft.js";
import { type Ink, textInk } from "./normalized-text.js";
import { type PlacedWord, placeWords } from "./word-placement.js";

/** Part of a word, or of a range, that both must have in common: a letter at a seam may be that of either side. */
const LEAST_COMMON = 1 / 3;

/** The share of a text that must be read before words that were concluded count. */
const LEAST_READ = 2 / 3;

/** The text of a segment and the words on its page, matched with each other. */
export class WordAlignment {
  /** The words that stand for a part of the text, in its order. */
  readonly placed: readonly PlacedWord[];
  /** Characters looked at: in proportion to the length of text and words. */
  readonly steps: number;
  readonly #ink: Ink;
  /** For each place in {@link placed} how far the words up to it reach. */
  readonly #reach: Int32Array;

  constructor(text: string, words: readonly Pick<Word, "text">[]) {
    this.#ink = textInk(text);
    const { placed, steps } = placeWords(text, this.#ink, words);
    this.placed = placed.sort((one, two) => one.start - two.start || one.word - two.word);
    this.steps = steps;
    let reach = 0;
    this.#reach = Int32Array.from(this.placed, ({ end }) => {
      reach = Math.max(reach, end);
      return reach;
    });
  }

  /**
   * The numbers of the words that a part of the text holds, ascending. A part that shows nothing, such as the end of
   * an emphasis, stands where the word before it does.
   */
  wordsIn(range: TextRange): number[] {
    const words = this.#wordsWithin(range);
    const first = firstAbove(this.#ink.from, range.start - 1);
    const showsNothing = words.length === 0 && first === firstAbove(this.#ink.from, range.end - 1);
    const before = showsNothing ? this.#ink.from[Math.max(0, first - 1)] : undefined;
    return before === undefined ? words : this.#wordsWithin({ start: before, end: before + 1 });
  }

  #wordsWithin({ start, end }: TextRange): number[] {
    const words: number[] = [];
    for (let index = firstAbove(this.#reach, start - 1); index < this.placed.length; index++) {
      const each = this.placed[index];
      if (!each || each.start >= end) break;
      const common = Math.min(end, each.end) - Math.max(start, each.start);
      const least = Math.min(each.end - each.start, end - start) * LEAST_COMMON;
      if (common >= least && (common > 0 || each.start === each.end)) words.push(each.word);
    }
    return words.sort((one, two) => one - two);
  }

  /**
   * How many letters and figures a part of the text has, and how many of them its words account for.
   *
   * @param isUsable which words count
   */
  lettersIn(range: TextRange, isUsable: (word: number) => boolean): { all: number; covered: number } {
    const read = this.#coveredBy(range, (each) => each.isRead && isUsable(each.word));
    return read.covered < read.all * LEAST_READ
      ? read
      : this.#coveredBy(range, (each) => isUsable(each.word));
  }

  #coveredBy(range: TextRange, counts: (word: PlacedWord) => boolean): { all: number; covered: number } {
    const first = firstAbove(this.#ink.from, range.start - 1);
    const last = firstAbove(this.#ink.from, range.end - 1);
    let covered = 0;
    let to = first;
    for (let index = firstAbove(this.#reach, range.start); index < this.placed.length; index++) {
      const each = this.placed[index];
      if (!each || each.start >= range.end) break;
      if (!counts(each)) continue;
      const from = Math.max(to, firstAbove(this.#ink.from, each.start - 1));
      to = Math.max(to, Math.min(last, firstAbove(this.#ink.from, each.end - 1)));
      covered += Math.max(0, to - from);
    }
    return { all: last - first, covered };
  }
}
