import type { Word } from "../../../documents/segment.js";
import { firstAbove } from "../../../internal/lists.js";
import type { TextRange } from "../../split-draft.js";
import { type NormalizedText, normalizeText } from "./normalized-text.js";
import { type PlacedWord, placeWords } from "./word-placement.js";

/** The share of a word, or of a range, that both must have in common: a letter at the border may belong to either side. */
const MIN_COMMON = 1 / 3;

/** The share of a text that must be read before words count whose location was only inferred. */
const MIN_READ = 2 / 3;

/** Matches the text of a segment with the words on its page. */
export class WordAlignment {
  /** The words that were found in the text, in the order of the text. */
  readonly placed: readonly PlacedWord[];
  /** How many characters were compared, which grows linearly with the length of text and words. */
  readonly steps: number;
  readonly #normalized: NormalizedText;
  /** For each entry of {@link placed}, the greatest end of the entries up to it. */
  readonly #maxEnds: Int32Array;

  constructor(text: string, words: readonly Pick<Word, "text">[]) {
    this.#normalized = normalizeText(text);
    const { placed, steps } = placeWords(text, this.#normalized, words);
    this.placed = placed.sort((one, two) => one.start - two.start || one.word - two.word);
    this.steps = steps;
    let maxEnd = 0;
    this.#maxEnds = Int32Array.from(this.placed, ({ end }) => {
      maxEnd = Math.max(maxEnd, end);
      return maxEnd;
    });
  }

  /**
   * Lists the indices of the words in a range of the text, ascending. A range without letters, such as the end of an
   * emphasis, counts to the word before it.
   */
  wordsIn(range: TextRange): number[] {
    const words = this.#wordsWithin(range);
    const first = firstAbove(this.#normalized.origins, range.start - 1);
    const hasNoLetters = words.length === 0 && first === firstAbove(this.#normalized.origins, range.end - 1);
    const before = hasNoLetters ? this.#normalized.origins[Math.max(0, first - 1)] : undefined;
    return before === undefined ? words : this.#wordsWithin({ start: before, end: before + 1 });
  }

  #wordsWithin({ start, end }: TextRange): number[] {
    const words: number[] = [];
    for (let index = firstAbove(this.#maxEnds, start - 1); index < this.placed.length; index++) {
      const each = this.placed[index];
      if (!each || each.start >= end) break;
      const common = Math.min(end, each.end) - Math.max(start, each.start);
      const least = Math.min(each.end - each.start, end - start) * MIN_COMMON;
      if (common >= least && (common > 0 || each.start === each.end)) words.push(each.word);
    }
    return words.sort((one, two) => one - two);
  }

  /**
   * Counts the letters and figures of a range of the text, and those of them that its words account for.
   *
   * @param isUsable which words count
   */
  lettersIn(range: TextRange, isUsable: (word: number) => boolean): { all: number; covered: number } {
    const read = this.#coveredBy(range, (each) => each.isRead && isUsable(each.word));
    return read.covered < read.all * MIN_READ ? read : this.#coveredBy(range, (each) => isUsable(each.word));
  }

  #coveredBy(range: TextRange, counts: (word: PlacedWord) => boolean): { all: number; covered: number } {
    const first = firstAbove(this.#normalized.origins, range.start - 1);
    const last = firstAbove(this.#normalized.origins, range.end - 1);
    let covered = 0;
    let to = first;
    for (let index = firstAbove(this.#maxEnds, range.start); index < this.placed.length; index++) {
      const each = this.placed[index];
      if (!each || each.start >= range.end) break;
      if (!counts(each)) continue;
      const from = Math.max(to, firstAbove(this.#normalized.origins, each.start - 1));
      to = Math.max(to, Math.min(last, firstAbove(this.#normalized.origins, each.end - 1)));
      covered += Math.max(0, to - from);
    }
    return { all: last - first, covered };
  }
}
