import { wordsOf } from "./words.js";

/** A sentence, a heading or a row of a table: what may answer a question by itself. */
export interface Passage {
  /** Its words, in their order. */
  words: string[];
  /** Words that it is read with: for a row of a table, the names of the columns, of its group and the caption. */
  context: string[];
  /** For a row of a table: the words of its first cell, which say what its figures are. */
  name: string[];
}

const DELIMITER = /^\|(?:\s*:?-+:?\s*\|)+\s*$/;
const SENTENCE_END = /(?<=[.!?;])\s+|(?<=[。！？；])/u;

const isRow = (line: string): boolean => line.startsWith("|");

const cellsOf = (row: string): string[] =>
  row
    .slice(1)
    .replace(/(?<!\\)\|\s*$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

const isFilled = (cell: string): boolean => cell !== "";

/** Reads the rows of a table. A row with one cell only names the group of rows below it. */
const readTable = (rows: readonly string[], lead: readonly string[]): Passage[] => {
  const delimiter = rows.findIndex((row) => DELIMITER.test(row));
  const header = [...wordsOf(rows.slice(0, Math.max(0, delimiter)).join(" ")), ...lead];
  let group: string[] = [];
  return rows.slice(delimiter + 1).map((row) => {
    const cells = cellsOf(row);
    const words = wordsOf(row);
    const context = [...header, ...group];
    if (cells.length > 1 && cells.filter(isFilled).length === 1) group = words;
    return { words, context, name: wordsOf(cells[0] ?? "") };
  });
};

const readLine = (line: string): Passage[] =>
  line.split(SENTENCE_END).map((sentence) => ({ words: wordsOf(sentence), context: [], name: [] }));

/** Divides a normalized text into its passages. The line above a table counts as its caption. */
export const passagesOf = (normalized: string): Passage[] => {
  const passages: Passage[] = [];
  const lines = normalized.split("\n").filter((line) => line.trim() !== "");
  for (let at = 0; at < lines.length; ) {
    const end = lines.findIndex((line, index) => index >= at && !isRow(line));
    const rows = lines.slice(at, end < 0 ? lines.length : end);
    if (rows.length > 0) {
      const above = lines[at - 1];
      passages.push(...readTable(rows, above === undefined ? [] : wordsOf(above)));
      at += rows.length;
      continue;
    }
    passages.push(...readLine(lines[at] ?? ""));
    at += 1;
  }
  return passages;
};
