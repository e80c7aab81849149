import type { BBox } from "../../../src/documents/segment.js";
import { PAGE, Pages, type Placement } from "./pages.js";
import type { Block, PictureBlock, PlacedBlock, Source, TableBlock, TextBlock } from "./source.js";
import { columnWidths, setTable, tableFace, tableHeight } from "./table.js";
import { breakLines, type Face, joinWords, lineHeight, type PlacedWord, setLines } from "./text.js";

/** A block, or a part of one that continues in the next column, with its position. */
export interface LaidOut {
  block: Block | { kind: "pageHeader" | "pageFooter"; text: string };
  page: number;
  bbox: BBox;
  words: PlacedWord[];
}

const GAP = 16;
const PICTURE_HEIGHT = 260;
/** The fewest lines of a paragraph at the end or the start of a column. */
const ORPHANS = 2;

const faceOf = (block: Block, columns: number): Face => {
  const body = columns > 1 ? 20 : 21;
  switch (block.kind) {
    case "heading":
      return { size: Math.max(body + 2, body + 16 - 4 * block.level) };
    case "list":
      return { size: body, indent: /^\([a-z]+\)/.test(block.text) ? 60 : 30 };
    case "caption":
    case "footnote":
      return { size: body - 3 };
    default:
      return { size: block.kind === "table" ? body - 2 : body };
  }
};

const boxAround = (words: readonly PlacedWord[]): BBox => {
  const left = Math.min(...words.map(({ bbox }) => bbox.left));
  const top = Math.min(...words.map(({ bbox }) => bbox.top));
  const right = Math.max(...words.map(({ bbox }) => bbox.left + bbox.width));
  const bottom = Math.max(...words.map(({ bbox }) => bbox.top + bbox.height));
  return { left, top, width: right - left, height: bottom - top };
};

/** Lays out the blocks of a document on pages, column by column. */
class Compositor {
  readonly #pages: Pages;
  readonly #columns: number;
  readonly laidOut: LaidOut[] = [];

  constructor({ columns }: Source) {
    this.#columns = columns;
    this.#pages = new Pages(columns);
  }

  add(block: PlacedBlock): void {
    if (block.wide) this.#pages.openWide();
    else this.#pages.closeWide();
    const face = faceOf(block, this.#columns);
    if (block.kind === "table") this.#addTable(block, face);
    else if (block.kind === "picture") this.#addPicture(block, face);
    else if (block.kind === "footnote") this.#addFootnote(block, face);
    else this.#addText(block, face);
  }

  #put(block: Block, place: Placement, words: PlacedWord[], bbox = boxAround(words)): void {
    this.laidOut.push({ block, page: place.page, bbox, words });
  }

  #addText(block: TextBlock, face: Face): void {
    const width = this.#pages.width - (face.indent ?? 0);
    // A bullet is drawn, so it is not a word.
    let bullet = block.text.startsWith("- ") ? "- " : "";
    let lines = breakLines(block.text.slice(bullet.length), width, face);
    const isWhole = block.kind !== "text" && block.kind !== "list";
    const after = block.kind === "heading" || block.kind === "caption" ? 4 * lineHeight(face) : 0;
    while (lines.length > 0) {
      const least = isWhole ? lines.length : Math.min(lines.length, ORPHANS);
      const place = this.#pages.take(least * lineHeight(face) + after);
      const room = Math.max(least, Math.floor((place.bottom - place.top) / lineHeight(face)));
      const fits = lines.length - room === 1 ? room - 1 : room;
      const here = lines.slice(0, Math.max(1, fits));
      lines = lines.slice(here.length);
      const words = setLines(here, { left: place.left + (face.indent ?? 0), top: place.top }, face);
      this.#put({ ...block, text: bullet + joinWords(here.flat()) }, place, words);
      bullet = "";
      this.#pages.advance(here.length * lineHeight(face) + (lines.length > 0 ? 0 : GAP));
    }
  }

  #addTable(block: TableBlock, wanted: Face): void {
    const face = tableFace(block, this.#pages.width, wanted);
    const widths = columnWidths(block, this.#pages.width, face);
    let { rows } = block;
    do {
      const heightOf = (count: number) => tableHeight({ ...block, rows: rows.slice(0, count) }, widths, face);
      const place = this.#pages.take(heightOf(Math.min(2, rows.length)));
      let count = rows.length;
      while (count > 1 && heightOf(count) > place.bottom - place.top) count--;
      const part = { ...block, rows: rows.slice(0, count) };
      const words = setTable(part, widths, place, face);
      const bbox = { left: place.left, top: place.top, width: this.#pages.width, height: heightOf(count) };
      this.#put(part, place, words, bbox);
      this.#pages.advance(bbox.height + GAP);
      rows = rows.slice(count);
    } while (rows.length > 0);
  }

  /** Lays out the words of a picture in rows. */
  #addPicture(block: PictureBlock, face: Face): void {
    const place = this.#pages.take(PICTURE_HEIGHT);
    const { width } = this.#pages;
    const bbox = { left: place.left, top: place.top, width, height: PICTURE_HEIGHT };
    const lines = breakLines(block.words, width / 2, face);
    const step = PICTURE_HEIGHT / (lines.length + 1);
    const words = lines.flatMap((line, row) =>
      setLines([line], { left: place.left + width / 4, top: place.top + step * (row + 0.5) }, face),
    );
    this.#put(block, place, words, bbox);
    this.#pages.advance(PICTURE_HEIGHT + GAP);
  }

  #addFootnote(block: TextBlock, face: Face): void {
    const lines = breakLines(block.text, this.#pages.width, face);
    const place = this.#pages.takeFoot(lines.length * lineHeight(face));
    this.#put(block, place, setLines(lines, place, face));
  }
}

const furniture = (kind: "pageHeader" | "pageFooter", text: string, page: number): LaidOut[] => {
  const top = kind === "pageHeader" ? PAGE.head : PAGE.foot;
  const words = setLines([text.split(/\s+/)], { left: PAGE.left, top }, { size: 15 });
  return text === "" ? [] : [{ block: { kind, text }, page, bbox: boxAround(words), words }];
};

const isFootnote = ({ block }: LaidOut): boolean => block.kind === "footnote";

/** Lists all blocks in reading order: page header, columns from left to right, footnotes, page footer. */
export const layOut = (source: Source): LaidOut[] => {
  const compositor = new Compositor(source);
  for (const block of source.blocks) compositor.add(block);
  const { laidOut } = compositor;
  const last = Math.max(...laidOut.map(({ page }) => page));
  return Array.from({ length: last }, (_, index) => index + 1).flatMap((page) => {
    const here = laidOut.filter((one) => one.page === page);
    return [
      ...furniture("pageHeader", source.head, page),
      ...here.filter((one) => !isFootnote(one)),
      ...here.filter(isFootnote),
      ...furniture("pageFooter", source.foot === "" ? "" : `${source.foot} ${page}`, page),
    ];
  });
};
