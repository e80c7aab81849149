import type { BBox, Segment, Word } from "../../src/documents/segment.js";
import { Random } from "../support/random.js";

export interface TablePageOptions {
  seed: number;
  rows: number;
  columns: number;
  /** The most words of a cell. Text wider than its column continues on further lines. */
  cellWords: number;
  /** The order in which the words are read. */
  order: "line" | "cell" | "column";
  /** Whether cells are aligned to the middle of their row rather than its top. @default false */
  centred?: boolean | undefined;
  /** Rate of characters that are read wrong. @default 0 */
  noise?: number | undefined;
  /** Rate of rows that are repeated. @default 0 */
  equal?: number | undefined;
}

export interface TablePage {
  segment: Segment;
  /** For each body row the box around its words, as wide as the table. */
  rows: BBox[];
}

const LEFT = 110;
const TOP = 140;
const COLUMN = 190;
const CHARACTER = 9.4;
const LINE = 24;
const HEIGHT = 18;
const PADDING = 9;

const NAMES = [
  "Alder",
  "Birch",
  "Cedar",
  "Dogwood",
  "Elm",
  "Fir",
  "Ginkgo",
  "Hazel",
  "Ironwood",
  "Juniper",
] as [string, ...string[]];
const WORDS = [
  "North",
  "South",
  "capacity",
  "under",
  "review",
  "MW",
  "n/a",
  "total",
  "lease",
  "of",
  "land",
] as [string, ...string[]];

const cellOf = (column: number, words: number, random: Random): string => {
  if (column > 0 && random.chance(0.4)) return String(random.between(1, 9999) / 10);
  const first = column === 0 ? `${random.pick(NAMES)} ${random.between(1, 99)}` : random.pick(WORDS);
  const more = Array.from({ length: random.between(0, words - 1) }, () => random.pick(WORDS));
  return [first, ...more].join(" ");
};

interface CellWord extends Word {
  row: number;
  column: number;
}

/** The words of a cell in lines no wider than the column. */
const wrap = (cell: string): string[][] => {
  const lines: string[][] = [[]];
  let left = 0;
  for (const word of cell.split(" ")) {
    const width = (word.length + 1) * CHARACTER;
    if (left > 0 && left + width > COLUMN - 10) {
      lines.push([]);
      left = 0;
    }
    lines.at(-1)?.push(word);
    left += width;
  }
  return lines;
};

/** Prints a seeded table, reads it in the given order, and returns the box of each row. */
export const typesetTable = (options: TablePageOptions): TablePage => {
  const random = new Random(options.seed);
  const { columns, centred = false, noise = 0, equal = 0 } = options;
  const names = Array.from({ length: columns }, (_, column) => (column === 0 ? "Site" : `Figure ${column}`));
  const body = Array.from({ length: options.rows }, () =>
    random.chance(equal)
      ? names.map(() => "n/a")
      : names.map((_, column) => cellOf(column, options.cellWords, random)),
  );
  const words: CellWord[] = [];
  let top = 0;
  for (const [index, cells] of [names, ...body].entries()) {
    const wrapped = cells.map(wrap);
    const tallest = Math.max(...wrapped.map((lines) => lines.length));
    for (const [column, lines] of wrapped.entries()) {
      const shift = centred ? ((tallest - lines.length) * LINE) / 2 : 0;
      for (const [line, texts] of lines.entries()) {
        let left = column * COLUMN;
        for (const text of texts) {
          const width = text.length * CHARACTER;
          const bbox = { left, top: top + shift + line * LINE, width, height: HEIGHT };
          const read = [...text].map((char) => (random.chance(noise) ? "~" : char)).join("");
          words.push({ text: read, bbox, confidence: 0.95, row: index - 1, column });
          left += width + CHARACTER;
        }
      }
    }
    top += tallest * LINE + PADDING;
  }
  const table = { left: LEFT, top: TOP, width: columns * COLUMN, height: top };
  const rows = body.map((_, row): BBox => {
    const own = words.filter((word) => word.row === row).map(({ bbox }) => bbox);
    const first = Math.min(...own.map((box) => box.top));
    const last = Math.max(...own.map((box) => box.top + box.height));
    return { left: LEFT, top: TOP + first, width: table.width, height: last - first };
  });
  const order = {
    line: (word: CellWord) => [word.bbox.top, word.bbox.left],
    cell: (word: CellWord) => [word.row, word.column],
    column: (word: CellWord) => [word.column, word.row],
  }[options.order];
  const sorted = words.toSorted((one, two) => {
    const [a, b] = [order(one), order(two)];
    return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0);
  });
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  const html = `<table>${line(names, "th")}${body.map((cells) => line(cells, "td")).join("")}</table>`;
  return {
    segment: {
      segment_type: "Table",
      html,
      content: sorted.map(({ text }) => text).join(" "),
      page_number: 1,
      page_width: LEFT * 2 + table.width,
      page_height: TOP * 2 + top,
      bbox: table,
      confidence: 0.9,
      ocr: sorted.map(({ text, bbox, confidence }) => ({ text, bbox, confidence })),
    },
    rows,
  };
};
