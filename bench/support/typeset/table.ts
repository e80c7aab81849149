import type { TableBlock } from "./source.js";
import {
  breakLines,
  type Face,
  lineHeight,
  type PlacedWord,
  setLines,
  spaceWidth,
  wordWidth,
} from "./text.js";

const PADDING = 8;

const textWidth = (text: string, face: Face): number =>
  text.split(/\s+/).reduce((sum, word) => sum + wordWidth(word, face) + spaceWidth(face), 0);

/** Returns the width that each column needs for its longest word. */
const leastWidths = ({ header, rows }: TableBlock, face: Face): number[] =>
  header.map((name, column) => {
    const words = [name, ...rows.map((row) => row[column] ?? "")].flatMap((text) => text.split(/\s+/));
    return words.reduce((most, word) => Math.max(most, wordWidth(word, face)), 0) + 2 * PADDING;
  });

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

/** Returns the largest size, up to the given one, in which every word of a table fits into its column. */
export const tableFace = (table: TableBlock, width: number, face: Face): Face => {
  let { size } = face;
  while (size > 8 && total(leastWidths(table, { size })) > width) size -= 1;
  return { size };
};

/** Distributes the width over the columns: first for their longest words, the rest by their longest texts. */
export const columnWidths = (table: TableBlock, width: number, face: Face): number[] => {
  const least = leastWidths(table, face);
  const wanted = table.header.map((name, column) =>
    [name, ...table.rows.map((row) => row[column] ?? "")].reduce(
      (most, text) => Math.max(most, Math.min(textWidth(text, face), width / 2)),
      2 * PADDING,
    ),
  );
  const rest = Math.max(0, width - total(least));
  return least.map((one, column) => one + (rest * (wanted[column] ?? 0)) / total(wanted));
};

const linesOf = (row: readonly string[], widths: readonly number[], face: Face): string[][][] =>
  row.map((text, column) => breakLines(text, (widths[column] ?? 0) - 2 * PADDING, face));

const rowHeight = (row: readonly string[], widths: readonly number[], face: Face): number =>
  Math.max(1, ...linesOf(row, widths, face).map(({ length }) => length)) * lineHeight(face) + PADDING;

export const tableHeight = ({ header, rows }: TableBlock, widths: readonly number[], face: Face): number =>
  [header, ...rows].reduce((sum, row) => sum + rowHeight(row, widths, face), 0);

/** Lays out a table from a corner, row by row and cell by cell. */
export const setTable = (
  { header, rows }: TableBlock,
  widths: readonly number[],
  { left, top }: { left: number; top: number },
  face: Face,
): PlacedWord[] => {
  let y = top;
  return [header, ...rows].flatMap((row) => {
    let x = left;
    const words = linesOf(row, widths, face).flatMap((lines, column) => {
      const cell = setLines(lines, { left: x + PADDING, top: y + PADDING / 2 }, face);
      x += widths[column] ?? 0;
      return cell;
    });
    y += rowHeight(row, widths, face);
    return words;
  });
};
