import type { BBox, Segment, Word } from "../../src/documents/segment.js";
import { Random } from "../support/random.js";
import { type ProseOptions, prose, type Token } from "./prose.js";

export interface PageOptions extends ProseOptions {
  seed: number;
  /** Columns of the segment. @default 1 */
  columns?: number | undefined;
  /** Rate of line ends at which a word that may be broken is broken, and joined in the text. @default 0 */
  hyphenation?: number | undefined;
  /** Rate of words that are read with ligatures in place of fi, fl, ff. @default 0 */
  ligatures?: number | undefined;
  /** Rate of characters that are read wrong, left out or doubled. @default 0 */
  noise?: number | undefined;
  /** Rate of words read as one with the next, and of words read as two. @default 0 */
  spacing?: number | undefined;
  /** Rate of words that are not read at all. @default 0 */
  lost?: number | undefined;
  /** The columns are read last first. @default false */
  reordered?: boolean | undefined;
  /** Every word gets the box of its line. @default false */
  lineBoxes?: boolean | undefined;
  /** Boxes are those on the page, not relative to the segment. @default false */
  onPage?: boolean | undefined;
  /** Boxes are those of a page that was read at so many times its resolution. @default 1 */
  scale?: number | undefined;
  /** Pixels by which all boxes are moved to the right and down. @default 0 */
  shift?: number | undefined;
  /** Words have the boxes of other words. @default false */
  shuffled?: boolean | undefined;
}

/** A printed word, or the part of it before or after a line end. */
export interface Printed {
  /** The range of the segment's text that it prints. */
  start: number;
  end: number;
  /** In pixels of the page. */
  bbox: BBox;
  /** Number of its line, across columns. */
  line: number;
}

/** A segment as a parse service would return it, and where each word of its text is printed. */
export interface Page {
  segment: Segment;
  printed: Printed[];
}

const LEFT = 120;
const TOP = 90;
const COLUMN_WIDTH = 560;
const GUTTER = 60;
const CHARACTER = 10.4;
const SPACE = 9;
const LINE = 29;
const HEIGHT = 22;

interface Piece {
  printed: string;
  start: number;
  end: number;
}

interface Line {
  pieces: (Piece & { left: number; width: number })[];
}

const widthOf = (text: string): number =>
  [...text].reduce((sum, char) => sum + (char > "\u2e80" ? 2 : 1) * CHARACTER, 0);

/** Fills lines with tokens, and sometimes breaks a word at the end of a line. */
const fillLines = (tokens: readonly Piece[], hyphenation: number, space: number, random: Random): Line[] => {
  const lines: Line[] = [{ pieces: [] }];
  let left = 0;
  const put = (piece: Piece) => {
    const width = widthOf(piece.printed);
    lines.at(-1)?.pieces.push({ ...piece, left, width });
    left += width + space;
  };
  const feed = () => {
    lines.push({ pieces: [] });
    left = 0;
  };
  for (const token of tokens) {
    if (left + widthOf(token.printed) <= COLUMN_WIDTH || left === 0) {
      put(token);
      continue;
    }
    const room = Math.floor((COLUMN_WIDTH - left) / CHARACTER) - 1;
    const isPlain =
      /^\p{L}{7,}[.,]?$/u.test(token.printed) && token.end - token.start === token.printed.length;
    if (isPlain && room >= 3 && random.chance(hyphenation)) {
      const at = Math.min(room, token.printed.length - 4);
      put({ printed: `${token.printed.slice(0, at)}-`, start: token.start, end: token.start + at });
      feed();
      put({ printed: token.printed.slice(at), start: token.start + at, end: token.end });
    } else {
      feed();
      put(token);
    }
  }
  return lines;
};

const LIGATURES: readonly [RegExp, string][] = [
  [/ffi/g, "ﬃ"],
  [/ff/g, "ﬀ"],
  [/fi/g, "ﬁ"],
  [/fl/g, "ﬂ"],
];

const misread = (text: string, noise: number, random: Random): string => {
  let read = "";
  for (const char of text) {
    if (!random.chance(noise)) read += char;
    else read += random.pick(["", `${char}${char}`, "c", "l", "0", "e", "~", "rn"]);
  }
  return read === "" ? "~" : read;
};

/** Simulates what character recognition reads from the printed pieces. */
const readWords = (
  lines: readonly (readonly Printed[])[],
  texts: ReadonlyMap<Printed, string>,
  readBoxes: ReadonlyMap<Printed, BBox>,
  options: PageOptions,
  random: Random,
) => {
  const { ligatures = 0, noise = 0, spacing = 0, lost = 0 } = options;
  const words: Word[] = [];
  for (const line of lines) {
    for (let index = 0; index < line.length; index++) {
      const piece = line[index];
      if (!piece || random.chance(lost)) continue;
      let text = texts.get(piece) ?? "";
      let bbox = readBoxes.get(piece) ?? piece.bbox;
      const next = line[index + 1];
      if (next && random.chance(spacing)) {
        text += texts.get(next) ?? "";
        bbox = { ...bbox, width: next.bbox.left + next.bbox.width - bbox.left };
        index++;
      }
      if (random.chance(ligatures)) for (const [pattern, to] of LIGATURES) text = text.replace(pattern, to);
      text = misread(text, noise, random);
      const confidence = Math.round(random.next() * 100) / 100;
      const half = Math.floor(text.length / 2);
      if (half > 1 && random.chance(spacing)) {
        const width = bbox.width / 2;
        words.push({ text: text.slice(0, half), bbox: { ...bbox, width }, confidence });
        words.push({ text: text.slice(half), bbox: { ...bbox, left: bbox.left + width, width }, confidence });
      } else words.push({ text, bbox, confidence });
    }
  }
  return words;
};

const around = (line: readonly Printed[]): BBox => {
  const [first, last] = [line[0], line.at(-1)];
  if (!first || !last) throw new Error("a line without words");
  return { ...first.bbox, width: last.bbox.left + last.bbox.width - first.bbox.left };
};

/** Prints seeded prose in lines and columns, and reads it as character recognition would. */
export const typeset = (options: PageOptions): Page => {
  const random = new Random(options.seed);
  const tokens: Token[] = prose(options, random);
  const gap = options.chinese ? "" : " ";
  const text = tokens.map(({ text: own }) => own).join(gap);
  // The text that is split has characters in place of entities.
  let length = 0;
  const pieces = tokens.map(({ text: own, printed }): Piece => {
    if (length > 0) length += gap.length;
    const visible = own.replaceAll("&amp;", "&");
    // A link is printed by its name, without its address.
    const shown = visible.indexOf(printed);
    const start = length + Math.max(0, shown);
    length += visible.length;
    return { printed, start, end: shown < 0 ? length : start + printed.length };
  });
  const lines = fillLines(pieces, options.hyphenation ?? 0, options.chinese ? 0 : SPACE, random);
  const columns = options.columns ?? 1;
  const perColumn = Math.ceil(lines.length / columns);
  const texts = new Map<Printed, string>();
  const placed = lines.map((line, index) => {
    const column = Math.floor(index / perColumn);
    const top = TOP + (index % perColumn) * LINE;
    return line.pieces.map(({ printed, start, end, left, width }): Printed => {
      const bbox = { left: LEFT + column * (COLUMN_WIDTH + GUTTER) + left, top, width, height: HEIGHT };
      const piece = { start, end, bbox, line: index };
      texts.set(piece, printed);
      return piece;
    });
  });
  const order = [...placed];
  if (options.reordered) {
    const blocks = Array.from({ length: columns }, (_, column) =>
      order.slice(column * perColumn, (column + 1) * perColumn),
    );
    order.splice(0, order.length, ...blocks.reverse().flat());
  }
  const bbox = {
    left: LEFT,
    top: TOP,
    width: columns * (COLUMN_WIDTH + GUTTER) - GUTTER,
    height: perColumn * LINE,
  };
  const lineBox = new Map(placed.flatMap((line) => line.map((piece) => [piece, around(line)])));
  const words = readWords(order, texts, options.lineBoxes ? lineBox : new Map(), options, random);
  const { onPage = false, scale = 1, shift = 0 } = options;
  const corner = onPage ? { left: 0, top: 0 } : bbox;
  const boxes = words.map((word) => word.bbox);
  if (options.shuffled) random.shuffle(boxes);
  const ocr = words.map((word, index) => {
    const { left, top, width, height } = boxes[index] ?? word.bbox;
    return {
      ...word,
      bbox: {
        left: (left - corner.left) * scale + shift,
        top: (top - corner.top) * scale + shift,
        width: width * scale,
        height: height * scale,
      },
    };
  });
  const page = { page_number: 1, page_width: 1600, page_height: Math.max(1700, bbox.height + 2 * TOP) };
  return {
    segment: { segment_type: "Text", content: text, ...page, bbox, confidence: 0.9, ocr },
    printed: placed.flat(),
  };
};
