import type { SegmentDocument } from "../../src/documents/metadata.js";
import type { BBox, Word } from "../../src/documents/segment.js";
import type { Printed } from "./typesetter.js";

const onPage = ({ bbox: box }: Word, { left, top }: BBox): BBox => ({
  ...box,
  left: box.left + left,
  top: box.top + top,
});

/** Removes the Markdown marks of a text. */
const bare = (piece: string): string => piece.replace(/^[*_#>]+|[*_]+$/g, "");

/**
 * Finds where the words of an authored segment are printed. An authored document prints the words of the text in the
 * same order, some of them hyphenated at the end of a line.
 *
 * @returns `undefined` when the words differ from the text, so that their true boxes are unknown
 */
export const printedWords = ({ pageContent, metadata }: SegmentDocument): Printed[] | undefined => {
  const { bbox, ocr = [] } = metadata;
  if (!bbox) return undefined;
  const printed: Printed[] = [];
  let line = 0;
  let top: number | undefined;
  let next = 0;
  const put = (word: Word, start: number, end: number): void => {
    if (top !== undefined && word.bbox.top !== top) line++;
    top = word.bbox.top;
    next++;
    printed.push({ start, end, bbox: onPage(word, bbox), line });
  };
  for (const { 0: piece, index } of pageContent.matchAll(/\S+/g)) {
    const text = bare(piece);
    const [word, after] = [ocr[next], ocr[next + 1]];
    const end = index + piece.length;
    if (word && bare(word.text) === text && text !== "") put(word, index, end);
    else if (word && after && text !== "" && word.text.replace(/[-\u00ad]$/, "") + after.text === text) {
      const middle = index + word.text.length - 1;
      put(word, index, middle);
      put(after, middle, end);
    } else if (text !== "" && text !== "-" && !/^\d+[.)]$/.test(text)) return undefined;
  }
  return next === ocr.length ? printed : undefined;
};

/**
 * Finds the boxes of the body rows of an authored table, which are as wide as the table. The words form as many lines as
 * the table has rows, the header included.
 *
 * @returns `undefined` when there are more or fewer lines, so that the true boxes are unknown
 */
export const printedRows = ({ metadata }: SegmentDocument): BBox[] | undefined => {
  const { bbox, ocr = [], html = "" } = metadata;
  const rows = html.match(/<tr[\s>].*?<\/tr>/gs) ?? [];
  const isHeader = (row: string): boolean => !/<td[\s>]/.test(row);
  const first = rows.findIndex((row) => !isHeader(row));
  const tops = [...new Set(ocr.map((word) => word.bbox.top))].sort((a, b) => a - b);
  if (!bbox || first < 0 || tops.length !== rows.length || rows.slice(first).some(isHeader)) return undefined;
  return tops.slice(first).map((top) => {
    const height = Math.max(...ocr.filter((word) => word.bbox.top === top).map((word) => word.bbox.height));
    return { left: bbox.left, top: bbox.top + top, width: bbox.width, height };
  });
};
