import type { Word } from "../../documents/segment.js";
import { firstAbove } from "../../internal/binary-search.js";
import type { TextRange } from "../split-draft.js";
import { type Ink, wordsInk } from "./normalized-text.js";
import { alignInk } from "./text-alignment.js";

/** A word and the part of the text it stands for. */
export interface PlacedWord extends TextRange {
  /** Its number in the list of words. */
  word: number;
  /** Whether its letters were found there, rather than concluded from the words beside it. */
  isRead: boolean;
}

/** The least share of a word's letters that must be in the text for the word to be taken for that place. */
const LEAST_LETTERS = 1 / 2;

/** The most letters of misread words in a row. More of them are not misread, but something else. */
const MAX_MISREAD = 40;

/** Letters of the text, for those of misread words between two words that are known: so many times as many, and more. */
const GAP_FACTOR = 3;
const GAP_MARGIN = 8;

/** Characters of the text in which a sign is looked for after the word before it. */
const SIGN_REACH = 200;

/** For each word where its letters stand in the text: from the first to the last, strays apart. */
const readRanges = (
  ink: Ink,
  onPage: Ink,
  to: Int32Array,
  lengths: Int32Array,
): (TextRange | undefined)[] => {
  const places = new Int32Array(onPage.chars.length).fill(-1);
  for (let place = 0; place < to.length; place++) {
    const other = to[place] ?? -1;
    if (other >= 0) places[other] = place;
  }
  const ranges: (TextRange | undefined)[] = Array.from({ length: lengths.length });
  for (let at = 0; at < places.length; ) {
    const word = onPage.from[at] ?? 0;
    const length = lengths[word] ?? 0;
    const own = places.subarray(at, at + length);
    let same = 0;
    for (let step = 0; step < length; step++) {
      const place = own[step] ?? -1;
      if (place >= 0 && ink.chars[place] === onPage.chars[at + step]) same++;
    }
    at += length;
    if (same < length * LEAST_LETTERS) continue;
    let [first, last] = [own[0] ?? -1, own[length - 1] ?? -1];
    if (first < 0 || last - first !== length - 1) {
      const known = own.filter((place) => place >= 0).sort();
      const middle = known[known.length >> 1] ?? 0;
      const near = known.filter((place) => Math.abs(place - middle) <= length + GAP_MARGIN);
      [first, last] = [near[0] ?? middle, near.at(-1) ?? middle];
    }
    ranges[word] = { start: ink.from[first] ?? 0, end: (ink.from[last] ?? 0) + 1 };
  }
  return ranges;
};

/** Finds the part of a text that each word stands for; words that stand for none are left out. */
export const placeWords = (
  text: string,
  ink: Ink,
  words: readonly Pick<Word, "text">[],
): { placed: PlacedWord[]; steps: number } => {
  const onPage = wordsInk(words);
  const { to, steps } = alignInk(ink.chars, onPage.chars);
  const lengths = new Int32Array(words.length);
  for (const word of onPage.from) lengths[word] = (lengths[word] ?? 0) + 1;
  const read = readRanges(ink, onPage, to, lengths);
  const ranges = read.slice();
  placeBetween(text, ink, words, ranges, lengths);
  const placed: PlacedWord[] = [];
  for (const [word, range] of ranges.entries()) {
    if (range) placed.push({ start: range.start, end: range.end, word, isRead: read[word] !== undefined });
  }
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
    const fits =
      room > 0 &&
      length <= Math.min(MAX_MISREAD, room * GAP_FACTOR) &&
      room <= length * GAP_FACTOR + GAP_MARGIN;
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
