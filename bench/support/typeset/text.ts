import type { BBox } from "../../../src/documents/segment.js";

/** A word with its position on the page. */
export interface PlacedWord {
  text: string;
  bbox: BBox;
}

/** Heights of letters, in pixels, which everything else depends on. */
export interface Face {
  size: number;
  indent?: number;
}

const WIDE = /[mwMW@%—]/;
const NARROW = /[ijltfI1.,:;'|!()[\]]/;
const SQUARE = /[\p{Script=Han}，。、；：！？（）《》]/u;

const emsOf = (letter: string): number => {
  if (SQUARE.test(letter)) return 1;
  if (WIDE.test(letter)) return 0.78;
  return NARROW.test(letter) ? 0.3 : 0.52;
};

/** Returns the width of a word in a proportional font. */
export const wordWidth = (word: string, { size }: Face): number => {
  let ems = 0;
  for (const letter of word) ems += emsOf(letter);
  return ems * size;
};

export const lineHeight = ({ size }: Face): number => size * 1.4;
export const spaceWidth = ({ size }: Face): number => size * 0.28;

/** Han characters have no spaces between them: a line may end after each, or after the punctuation behind it. */
const WORD = /\p{Script=Han}[，。、；：！？）》]*|[^\s\p{Script=Han}]+/gu;
const SPACE_AT_HAN = /(?<=[\p{Script=Han}，。、；：！？）》]) | (?=\p{Script=Han})/gu;

/** Divides a text into what may stand on a line of its own. */
export const wordsOf = (text: string): string[] => text.match(WORD) ?? [];

/** Returns the text of a list of words. */
export const joinWords = (words: readonly string[]): string => words.join(" ").replace(SPACE_AT_HAN, "");

/** Breaks a text into lines that are no wider than `width`; a word that is wider has a line of its own. */
export const breakLines = (text: string, width: number, face: Face): string[][] => {
  const lines: string[][] = [];
  let line: string[] = [];
  let used = 0;
  for (const word of wordsOf(text)) {
    const wide = wordWidth(word, face);
    if (line.length > 0 && used + spaceWidth(face) + wide > width) {
      lines.push(line);
      line = [];
      used = 0;
    }
    used += (line.length > 0 ? spaceWidth(face) : 0) + wide;
    line.push(word);
  }
  if (line.length > 0) lines.push(line);
  return lines;
};

/** Lays out lines from a corner, and returns the position of each word. */
export const setLines = (
  lines: readonly (readonly string[])[],
  { left, top }: { left: number; top: number },
  face: Face,
): PlacedWord[] =>
  lines.flatMap((line, number) => {
    let x = left;
    return line.map((text): PlacedWord => {
      const width = wordWidth(text, face);
      const bbox = { left: x, top: top + number * lineHeight(face), width, height: face.size };
      x += width + spaceWidth(face);
      return { text, bbox };
    });
  });
