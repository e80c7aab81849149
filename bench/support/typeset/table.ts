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

/** Widths of the columns: room for the longest word of each, the rest by their longest texts. */
export const columnWidths = ({ header, rows }: TableBlock, width: number, face: Face): number[] => {
  const columns = header.map((name, column) => [name, ...rows.map((row) => row[column] ?? "")]);
  const widest = (texts: readonly string[]): number =>
    texts.reduce((most, text) => Math.max(most, textWidth(text, face)), 0);
  const least = columns.map((texts) => widest(texts.flatMap((text) => text.split(/\s+/))) + 2 * PADDING);
  const wanted = columns.map((texts) => Math.min(widest(texts), width / 2) + 2 * PADDING);
  const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
  const rest = width - total(least);
  if (rest < 0) return least.map((one) => (one / total(least)) * width);
  return least.map((one, column) => one + (rest * (wanted[column] ?? 0)) / total(wanted));
};

const linesOf = (row: readonly string[], widths: readonly number[], face: Face): string[][][] =>
  row.map((text, column) => breakLines(text, (widths[column] ?? 0) - 2 * PADDING, face));

const rowHeight = (row: readonly string[], widths: readonly number[], face: Face): number =>
  Math.max(1, ...linesOf(row, widths, face).map(({ length }) => length)) * lineHeight(face) + PADDING;

export const tableHeight = ({ header, rows }: TableBlock, widths: readonly number[], face: Face): number =>
  [header, ...rows].reduce((sum, row) => sum + rowHeight(row, widths, face), 0);

/** Sets a table from a corner on, row by row and cell by cell. */
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
