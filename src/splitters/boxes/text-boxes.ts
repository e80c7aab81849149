import type { SegmentDocument } from "../../documents/metadata.js";
import { NO_WORDS, textAt, unpackWords } from "../../documents/packed-words.js";
import type { BBox, PackedWords } from "../../documents/segment.js";
import type { TextRange } from "../split-draft.js";
import { hasSameLetters, normalizedLetters } from "./alignment/normalized-text.js";
import { WordAlignment } from "./alignment/word-alignment.js";
import { WordBoxes } from "./words/word-boxes.js";

/**
 * The share of a text's letters and figures that its words must account for.
 *
 * Misread words do not lower the share, because they are located between words that were recognised; it falls if words
 * are missing on the page. Measured by `bench/boxes` on pages that lack 3 % and 8 % of their words, splits above this
 * share have a mean IoU of 0.97 and 0.94 with their true boxes; above 0.8 it would be 0.97 and 0.92.
 */
const MIN_SHARE = 0.9;

/** Letters that any text may lack, such as the number of a short list item, as long as half of them are there. */
const MAX_MISSING_LETTERS = 2;

const isLocated = ({ all, covered }: { all: number; covered: number }): boolean =>
  covered >= all * MIN_SHARE || (all - covered <= MAX_MISSING_LETTERS && covered >= all / 2);

/** Where words of one segment are on the page. */
export interface WordLocation {
  /** A box for each line, in pixels of the page. */
  boxes: BBox[];
  /** The indices of its words. */
  words: number[];
  /** Whether it ends within a line whose words share one box. */
  areEstimates: boolean;
}

/** Locates ranges of one text by the word boxes of its segment. */
export class TextBoxes {
  readonly #text: string;
  readonly #segment: SegmentDocument;
  readonly #words: PackedWords;
  readonly #boxes: WordBoxes;
  readonly #isUsable = (word: number): boolean => this.#boxes.has(word);
  #alignment: WordAlignment | undefined;
  #saysAll: boolean | undefined;

  /** @param text the text of the segment, or a text within it */
  constructor(segment: SegmentDocument, text: string) {
    this.#text = text;
    this.#segment = segment;
    this.#words = segment.metadata.packed_ocr ?? NO_WORDS;
    this.#boxes = new WordBoxes(this.#words, segment.metadata);
  }

  isFor(segment: SegmentDocument, text: string): boolean {
    return this.#segment === segment && this.#text === text;
  }

  /** @returns `undefined` if too much of the range was not found */
  locate(range: TextRange): WordLocation | undefined {
    const isWhole = range.start === 0 && range.end >= this.#text.length;
    const words = (isWhole ? this.#allWords() : undefined) ?? this.#wordsIn(range);
    if (words.length === 0) return undefined;
    return { words, boxes: this.#boxes.linesOf(words), areEstimates: this.#boxes.areEstimated(words) };
  }

  /**
   * Lists the words with a box if the whole text is located where all of the words are, which takes no alignment.
   *
   * @returns `undefined` if an alignment is needed
   */
  #allWords(): number[] | undefined {
    const words: number[] = [];
    for (let word = 0; word < this.#boxes.count; word++) if (this.#boxes.has(word)) words.push(word);
    const isComplete = words.length === this.#boxes.count;
    // LaTeX writes with other signs what is printed.
    if (isComplete && this.#segment.metadata.segment_type === "Formula") return words;
    if (!this.#wordsSayAll()) return undefined;
    return isComplete || isLocated(this.#lettersOf(words)) ? words : [];
  }

  /** Counts the letters of all words, and those of words with a box. */
  #lettersOf(words: readonly number[]): { all: number; covered: number } {
    const covered = words.map((word) => textAt(this.#words, word)).join("");
    return { all: normalizedLetters(this.#words.text).length, covered: normalizedLetters(covered).length };
  }

  #wordsIn(range: TextRange): number[] {
    this.#alignment ??= new WordAlignment(this.#text, unpackWords(this.#words));
    if (!isLocated(this.#alignment.lettersIn(range, this.#isUsable))) return [];
    return this.#alignment.wordsIn(range).filter(this.#isUsable);
  }

  #wordsSayAll(): boolean {
    this.#saysAll ??= hasSameLetters(this.#text, this.#words.text);
    return this.#saysAll;
  }
}
