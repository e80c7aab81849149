import type { Word } from "../../../documents/segment.js";
import { levelLines } from "../../level-lines.js";
import { cellText } from "./html.js";
import type { SourceRow } from "./source-rows.js";
import { buildTable, type TableModel } from "./table-model.js";

/** The fewest rows and columns of a table; fewer may be chance. */
const LEAST_ROWS = 3;
const LEAST_COLUMNS = 2;
/** The share of rows that must have text in several columns. */
const LEAST_FULL = 0.7;
/** The minimum width of the space between two columns, in heights of a line; words of a line are closer. */
const LEAST_GUTTER = 0.8;

interface Span {
  from: number;
  to: number;
}

const letters = (text: string): string => text.replace(/\s+/g, "");

const sortedLetters = (text: string): string => [...letters(text)].sort().join("");

/** Joins words that are closer than a gutter. */
const phrasesOf = (line: readonly Word[], gutter: number): (Span & { text: string })[] => {
  const phrases: (Span & { text: string })[] = [];
  for (const { text, bbox } of line) {
    const open = phrases.at(-1);
    const to = bbox.left + bbox.width;
    if (open && bbox.left - open.to < gutter) {
      open.text += ` ${text}`;
      open.to = Math.max(open.to, to);
    } else phrases.push({ text, from: bbox.left, to });
  }
  return phrases;
};

/** Finds columns: what is left of the width when the white space through all lines is taken away. */
const columnsOf = (lines: readonly (readonly Span[])[], gutter: number): Span[] => {
  const columns: Span[] = [];
  for (const { from, to } of lines.flat().sort((one, two) => one.from - two.from)) {
    const open = columns.at(-1);
    if (open && from - open.to < gutter) open.to = Math.max(open.to, to);
    else columns.push({ from, to });
  }
  return columns;
};

const medianHeight = (words: readonly Word[]): number =>
  words.map(({ bbox }) => bbox.height).sort((one, two) => one - two)[words.length >> 1] ?? 0;

/** Tells whether words have boxes of their own; some engines give every word the box of its line. */
const knowsWords = (words: readonly Word[]): boolean => {
  const boxes = new Set(words.map(({ bbox }) => `${bbox.left} ${bbox.top} ${bbox.width}`));
  return boxes.size > words.length * 0.9;
};

/**
 * Builds a table from the positions of its words, for tables of which only words are known. Columns are separated by
 * white space through all lines; leading lines of one phrase are titles.
 *
 * @param text the same words as text
 * @returns `undefined` if the positions show no table: words are missing or have no box of their own, there are fewer
 *   than three rows or two columns, or most rows have text in one column only
 */
export const tableFromWords = (words: readonly Word[], text: string): TableModel | undefined => {
  const said = words.filter((word) => word.text.trim() !== "");
  if (said.length === 0 || !knowsWords(said)) return undefined;
  if (sortedLetters(said.map((word) => word.text).join("")) !== sortedLetters(text)) return undefined;
  const gutter = medianHeight(said) * LEAST_GUTTER;
  if (!(gutter > 0)) return undefined;
  const lines = levelLines(said, ({ bbox }) => bbox).map((line) => phrasesOf(line, gutter));
  const start = lines.findIndex((line) => line.length > 1);
  const body = lines.slice(Math.max(start, 0));
  const columns = columnsOf(body, gutter);
  const full = body.filter((line) => line.length > 1).length;
  if (columns.length < LEAST_COLUMNS || body.length < LEAST_ROWS || full < body.length * LEAST_FULL)
    return undefined;
  const rowOf = (texts: readonly string[]): SourceRow => ({
    inHead: false,
    group: 0,
    cells: texts.map((each) => ({ text: cellText(each), isHeader: false, columnSpan: 1, rowSpan: 1 })),
  });
  const titles = lines.slice(0, lines.length - body.length).map(([phrase]) => rowOf([phrase?.text ?? ""]));
  const rows = body.map((line) =>
    rowOf(
      columns.map(({ from, to }) =>
        line
          .filter((phrase) => phrase.from >= from && phrase.to <= to)
          .map((phrase) => phrase.text)
          .join(" "),
      ),
    ),
  );
  return buildTable([...titles, ...rows], "");
};
