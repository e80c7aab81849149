import type { BBox } from "../../../src/documents/segment.js";

/** A word where it stands on the page. */
export interface PlacedWord {
  text: string;
  bbox: BBox;
}

/** How tall letters are, in pixels; everything else follows from it. */
export interface Face {
  size: number;
  indent?: number;
}

const WIDE = /[mwMW@%—]/;
const NARROW = /[ijltfI1.,:;'|!()[\]]/;

/** Width of a word as a proportional face sets it. */
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

/** Sets lines from a corner on, and says where every word came to stand. */
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
