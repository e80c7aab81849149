import type { Word } from "../documents/segment.js";
import { alignInk } from "./align-ink.js";
import { type Ink, textInk, wordsInk } from "./ink.js";
import type { TextRange } from "./sentences.js";

/** A word and the part of the text it stands for. */
export interface PlacedWord extends TextRange {
  /** Its number in the list of words. */
  word: number;
}

/** The least share of a word's letters that must be in the text for the word to be taken for that place. */
const LEAST_LETTERS = 1 / 2;

/** Part of a word, or of a range, that both must have in common: a letter at a seam may be that of either side. */
const LEAST_COMMON = 1 / 3;

/** Letters of the text, for those of misread words between two words that are known: so many times as many, and more. */
const GAP_FACTOR = 3;
const GAP_MARGIN = 8;

/** Characters of the text in which a sign is looked for after the word before it. */
const SIGN_REACH = 200;

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
   * How much of the letters and figures of a part of the text its words account for, 0 to 1. A part without any is
   * accounted for.
   *
   * @param isUsable which words count
   */
  shareIn(range: TextRange, isUsable: (word: number) => boolean): number {
    const first = firstAbove(this.#ink.from, range.start - 1);
    const last = firstAbove(this.#ink.from, range.end - 1);
    let covered = 0;
    let to = first;
    for (let index = firstAbove(this.#reach, range.start); index < this.placed.length; index++) {
      const each = this.placed[index];
      if (!each || each.start >= range.end) break;
      if (!isUsable(each.word)) continue;
      const from = Math.max(to, firstAbove(this.#ink.from, each.start - 1));
      to = Math.max(to, Math.min(last, firstAbove(this.#ink.from, each.end - 1)));
      covered += Math.max(0, to - from);
    }
    return last > first ? covered / (last - first) : 1;
  }
}

/** The first place in an ascending list whose value is above `value`. */
const firstAbove = (ascending: Int32Array, value: number): number => {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};

const placeWords = (
  text: string,
  ink: Ink,
  words: readonly Pick<Word, "text">[],
): { placed: PlacedWord[]; steps: number } => {
  const onPage = wordsInk(words);
  const { to, steps } = alignInk(ink.chars, onPage.chars);
  const letters = words.map((): number[] => []);
  const same = new Int32Array(words.length);
  const lengths = new Int32Array(words.length);
  for (const word of onPage.from) lengths[word] = (lengths[word] ?? 0) + 1;
  for (const [place, other] of to.entries()) {
    const word = other < 0 ? undefined : onPage.from[other];
    if (word === undefined) continue;
    letters[word]?.push(place);
    if (ink.chars[place] === onPage.chars[other]) same[word] = (same[word] ?? 0) + 1;
  }
  const ranges = letters.map((places, word): TextRange | undefined => {
    const length = lengths[word] ?? 0;
    if (length === 0 || (same[word] ?? 0) < length * LEAST_LETTERS) return undefined;
    const middle = places[places.length >> 1] ?? 0;
    const near = places.filter((place) => Math.abs(place - middle) <= length + GAP_MARGIN);
    const [first = 0, last = 0] = [near[0], near.at(-1)];
    return { start: ink.from[first] ?? 0, end: (ink.from[last] ?? 0) + 1 };
  });
  placeBetween(text, ink, words, ranges, lengths);
  const placed = ranges.flatMap((range, word) => (range ? [{ ...range, word }] : []));
  return { placed, steps };
};

/**
 * Finds a place for words that could not be matched, from the words before and after them: those without letters,
 * such as `%`, by what they say; those that were misread, when about as much of the text is left between.
 */
const placeBetween = (
  text: string,
  ink: Ink,
  words: readonly Pick<Word, "text">[],
  ranges: (TextRange | undefined)[],
  lengths: Int32Array,
): void => {
  let before = 0;
  for (let first = 0; first < words.length; ) {
    const known = ranges[first];
    if (known) {
      before = known.end;
      first++;
      continue;
    }
    let next = first;
    let length = 0;
    while (next < words.length && !ranges[next]) length += lengths[next++] ?? 0;
    const after = ranges[next]?.start ?? text.length;
    const from = firstAbove(ink.from, before - 1);
    const room = after < before ? 0 : firstAbove(ink.from, after - 1) - from;
    const fits = room > 0 && length <= room * GAP_FACTOR && room <= length * GAP_FACTOR + GAP_MARGIN;
    let passed = 0;
    let at = before;
    for (let word = first; word < next && after >= before; word++) {
      const own = lengths[word] ?? 0;
      if (own > 0) {
        if (!fits) continue;
        const [start, end] = [passed, passed + own].map((of) => from + Math.floor((of / length) * room));
        passed += own;
        ranges[word] = {
          start: ink.from[start ?? from] ?? before,
          end: (ink.from[Math.max(start ?? from, (end ?? from) - 1)] ?? before) + 1,
        };
        at = ranges[word]?.end ?? at;
        continue;
      }
      const sign = (words[word]?.text ?? "").trim();
      const found = sign === "" ? -1 : text.slice(at, Math.min(after, at + SIGN_REACH)).indexOf(sign);
      if (found >= 0) at += found + sign.length;
      // A mark that the text lacks, such as a bullet, belongs to what it stands before.
      const lacking = next < words.length ? after : Math.max(0, at - 1);
      ranges[word] = found >= 0 ? { start: at - sign.length, end: at } : { start: lacking, end: lacking };
    }
    first = next;
  }
};
