import type { Word } from "../../../documents/segment.js";
import { firstAbove } from "../../../internal/lists.js";
import type { TextRange } from "../../split-draft.js";
import { type NormalizedText, normalizeWords } from "./normalized-text.js";
import { alignTexts } from "./text-alignment.js";

/** A word and its range in the text. */
export interface PlacedWord extends TextRange {
  /** Its index in the list of words. */
  word: number;
  /** Whether its letters were found there, rather than inferred from the words beside it. */
  isRead: boolean;
}

/** The share of a word's letters that must be found in the text. */
const MIN_LETTERS = 1 / 2;

/** The most letters of misread words in a row. More of them are not misread, but something else. */
const MAX_MISREAD = 40;

/** How many letters of the text misread words may stand for: so many times their own letters, and so many more. */
const GAP_FACTOR = 3;
const GAP_MARGIN = 8;

/** How many characters of the text are searched for a sign after the word before it. */
const SIGN_WINDOW = 200;

/** Finds the range of each word in the text, from its first letter to its last; isolated matches do not count. */
const readRanges = (
  normalized: NormalizedText,
  printed: NormalizedText,
  to: Int32Array,
  lengths: Int32Array,
): (TextRange | undefined)[] => {
  const positions = new Int32Array(printed.letters.length).fill(-1);
  for (let position = 0; position < to.length; position++) {
    const other = to[position] ?? -1;
    if (other >= 0) positions[other] = position;
  }
  const ranges: (TextRange | undefined)[] = Array.from({ length: lengths.length });
  for (let at = 0; at < positions.length; ) {
    const word = printed.origins[at] ?? 0;
    const length = lengths[word] ?? 0;
    const own = positions.subarray(at, at + length);
    let same = 0;
    for (let step = 0; step < length; step++) {
      const position = own[step] ?? -1;
      if (position >= 0 && normalized.letters[position] === printed.letters[at + step]) same++;
    }
    at += length;
    if (same < length * MIN_LETTERS) continue;
    let [first, last] = [own[0] ?? -1, own[length - 1] ?? -1];
    if (first < 0 || last - first !== length - 1) {
      const known = own.filter((position) => position >= 0).sort();
      const middle = known[known.length >> 1] ?? 0;
      const near = known.filter((position) => Math.abs(position - middle) <= length + GAP_MARGIN);
      [first, last] = [near[0] ?? middle, near.at(-1) ?? middle];
    }
    ranges[word] = { start: normalized.origins[first] ?? 0, end: (normalized.origins[last] ?? 0) + 1 };
  }
  return ranges;
};

/** Finds the range of each word in a text; words that are not in it are left out. */
export const placeWords = (
  text: string,
  normalized: NormalizedText,
  words: readonly Pick<Word, "text">[],
): { placed: PlacedWord[]; steps: number } => {
  const printed = normalizeWords(words);
  const { to, steps } = alignTexts(normalized.letters, printed.letters);
  const lengths = new Int32Array(words.length);
  for (const word of printed.origins) lengths[word] = (lengths[word] ?? 0) + 1;
  const read = readRanges(normalized, printed, to, lengths);
  const ranges = read.slice();
  placeBetween(text, normalized, words, ranges, lengths);
  const placed: PlacedWord[] = [];
  for (const [word, range] of ranges.entries()) {
    if (range) placed.push({ start: range.start, end: range.end, word, isRead: read[word] !== undefined });
  }
  return { placed, steps };
};

/**
 * Infers the ranges of words that were not found from the words before and after them. Words without letters, such as
 * `%`, are searched for literally; misread words take the text between if it is about as long as they are.
 */
const placeBetween = (
  text: string,
  normalized: NormalizedText,
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
    const from = firstAbove(normalized.origins, before - 1);
    const room = after < before ? 0 : firstAbove(normalized.origins, after - 1) - from;
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
          start: normalized.origins[start ?? from] ?? before,
          end: (normalized.origins[Math.max(start ?? from, (end ?? from) - 1)] ?? before) + 1,
        };
        at = ranges[word]?.end ?? at;
        continue;
      }
      const sign = (words[word]?.text ?? "").trim();
      const found = sign === "" ? -1 : text.slice(at, Math.min(after, at + SIGN_WINDOW)).indexOf(sign);
      if (found >= 0) at += found + sign.length;
      // A sign that the text lacks, such as a bullet, belongs to the word after it.
      const lacking = next < words.length ? after : Math.max(0, at - 1);
      ranges[word] = found >= 0 ? { start: at - sign.length, end: at } : { start: lacking, end: lacking };
    }
    first = next;
  }
};
