import type { TextRange } from "../split-draft.js";

/**
 * Longest text handed to `Intl.Segmenter` at once: its time grows faster than the length
 * (0.05 MB/s on a text of 1 MB).
 */
const WINDOW = 2048;

const segmenter = new Intl.Segmenter(undefined, { granularity: "sentence" });

/** Abbreviations whose stop does not end a sentence, although a capital or a figure follows. */
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|No|Nos|Nr|Art|Sec|Fig|Figs|Tab|Eq|Eqs|Ref|Vol|Ch|pp|vs|cf|e\.g|i\.e|z\.B|bzw|approx|ca)\.\s*$/u;

/** The most characters of an abbreviation, and of what is before and after it. */
const ABBREVIATION_LENGTH = 16;

export const endsWithAbbreviation = (text: string): boolean =>
  ABBREVIATION.test(text.slice(-ABBREVIATION_LENGTH));

/** Moves an index so that it is not between the two halves of a character. */
export const characterBoundary = (text: string, index: number): number => {
  const code = text.charCodeAt(index);
  const isLow = code >= 0xdc00 && code <= 0xdfff;
  const before = text.charCodeAt(index - 1);
  return isLow && before >= 0xd800 && before <= 0xdbff ? index - 1 : index;
};

const lastMatchEnd = (text: string, pattern: RegExp): number => {
  let end = 0;
  for (const match of text.matchAll(pattern)) end = match.index + match[0].length;
  return end;
};

/** Finds the best end for a window: a line end, a sentence end, a space, or else a character. */
const windowCut = (window: string): number =>
  lastMatchEnd(window, /\n+/g) ||
  lastMatchEnd(window, /[.!?]["')\]]?\s+|[。！？]/g) ||
  lastMatchEnd(window, /\s+/g) ||
  characterBoundary(window, window.length);

function* windows(text: string): Generator<TextRange> {
  for (let start = 0; start < text.length; ) {
    const limit = start + WINDOW;
    const end =
      limit >= text.length
        ? text.length
        : start + windowCut(text.slice(start, characterBoundary(text, limit)));
    yield { start, end };
    start = end;
  }
}

/**
 * Yields the sentences of a text, each with the white space after it, so that they cover the text without gaps.
 *
 * A line end before a small letter is taken for a line break within a sentence.
 */
export function* sentences(text: string): Generator<TextRange> {
  const flat = text.replace(/\n(?=\p{Ll})/gu, " ");
  let start = 0;
  let end = 0;
  for (const window of windows(flat)) {
    for (const { index, segment } of segmenter.segment(flat.slice(window.start, window.end))) {
      end = window.start + index + segment.length;
      if (endsWithAbbreviation(segment) && end < window.end) continue;
      yield { start, end };
      start = end;
    }
  }
  if (end > start) yield { start, end };
}
