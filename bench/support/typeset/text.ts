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

/** Returns the width of a word in a proportional font. */
export const wordWidth = (word: string, { size }: Face): number => {
  let ems = 0;
  for (const letter of word) ems += WIDE.test(letter) ? 0.78 : NARROW.test(letter) ? 0.3 : 0.52;
  return ems * size;
};

export const lineHeight = ({ size }: Face): number => size * 1.4;
export const spaceWidth = ({ size }: Face): number => size * 0.28;

/** Breaks a text into lines that are no wider than `width`; a word that is wider has a line of its own. */
export const breakLines = (text: string, width: number, face: Face): string[][] => {
  const lines: string[][] = [];
  let line: string[] = [];
  let used = 0;
  for (const word of text.split(/\s+/).filter(Boolean)) {
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
