import type { TextRange } from "../split-draft.js";
import { characterBoundary, sentences } from "./sentences.js";

/** A part of a longer text. From `start` up to `fresh` it repeats the part before. */
export interface TextPart extends TextRange {
  fresh: number;
}

export interface CutOptions {
  /** The most tokens of the first part. */
  first: number;
  /** The most tokens of each further part. */
  rest: number;
  /** The most tokens of whole sentences repeated from the part before. */
  overlap: number;
  count: (text: string) => number;
  /** Divides the text into ranges that are not cut if they fit, without gaps. @default sentences */
  units?: ((text: string) => Iterable<TextRange>) | undefined;
}

interface Unit extends TextRange {
  tokens: number;
  whole: boolean;
}

/** Finds the end of the longest opening of `range` with at most `limit` tokens, at a clause, a word or a character. */
const fittingEnd = (
  text: string,
  { start, end }: TextRange,
  limit: number,
  count: CutOptions["count"],
): number => {
  const fits = (to: number): boolean => count(text.slice(start, to)) <= limit;
  let low = start;
  let high = Math.min(end, start + limit * 4);
  while (high < end && fits(high)) {
    low = high;
    high = Math.min(end, start + (high - start) * 2);
  }
  if (high === end && fits(end)) return end;
  while (high - low > 1 + (low - start) / 32) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  const opening = text.slice(start, low);
  // A cut right before white space is a word's end too.
  const word = /\s/.test(text.charAt(low)) ? opening.length : opening.search(/\s\S*$/) + 1;
  const clause = opening.search(/(?:[,;:)–—]\s|[、，；：])(?!.*(?:[,;:)–—]\s|[、，；：]))/s) + 1;
  for (const cut of [clause > opening.length / 2 ? clause : 0, word]) {
    if (cut > 0 && opening.slice(0, cut).trim() !== "" && fits(start + cut)) return start + cut;
  }
  const cut = characterBoundary(text, low);
  if (cut > start) return cut;
  const first = text.codePointAt(start) ?? 0;
  return start + (first > 0xffff ? 2 : 1);
};

function* unitsOf(text: string, options: CutOptions): Generator<Unit> {
  const limit = Math.max(1, Math.min(options.first, options.rest) - 1);
  for (const sentence of (options.units ?? sentences)(text)) {
    const tokens = options.count(text.slice(sentence.start, sentence.end));
    if (tokens <= limit) {
      yield { ...sentence, tokens, whole: true };
      continue;
    }
    for (let { start } = sentence; start < sentence.end; ) {
      const end = fittingEnd(text, { start, end: sentence.end }, limit, options.count);
      yield { start, end, tokens: options.count(text.slice(start, end)), whole: false };
      start = end;
    }
  }
}

/** Takes the last whole sentences with at most `limit` tokens. */
const overlapOf = (done: readonly Unit[], limit: number): Unit[] => {
  const kept: Unit[] = [];
  let left = limit;
  for (const unit of done.toReversed()) {
    left -= unit.tokens + 1;
    if (!unit.whole || left < 0) break;
    kept.unshift(unit);
  }
  return kept.length === done.length ? [] : kept;
};

/**
 * Cuts a text into parts at sentence ends; a sentence that is too long, at clause or word ends; a word that is too long,
 * between characters. Without what they repeat, the parts add up to the text.
 */
export const cutText = (text: string, options: CutOptions): TextPart[] => {
  const parts: TextPart[] = [];
  let open: Unit[] = [];
  let fresh = 0;
  let tokens = 0;
  const close = () => {
    const [first] = open;
    const last = open.at(-1);
    if (!first || !last) return;
    const before = parts.at(-1);
    // White space left over by a cut belongs to the part before it.
    if (before && text.slice(fresh, last.end).trim() === "") before.end = last.end;
    else parts.push({ start: first.start, fresh, end: last.end });
  };
  for (const unit of unitsOf(text, options)) {
    // One token more for each joint: joining can undo a merge at the seam.
    const limit = parts.length === 0 ? options.first : options.rest;
    if (open.length > 0 && tokens + unit.tokens + 1 > limit) {
      close();
      open = overlapOf(open, Math.min(options.overlap, options.rest - unit.tokens - 1));
      tokens = open.reduce((sum, kept) => sum + kept.tokens + 1, 0);
      fresh = unit.start;
    }
    open.push(unit);
    tokens += unit.tokens + 1;
  }
  close();
  return parts;
};
