import { type HtmlReader, readHtml } from "../internal/markup/html.js";
import { InlineWriter } from "../internal/markup/inline-writer.js";
import { visibleText } from "../internal/markup/visible-text.js";

/** The longest key; a longer text before a colon is prose. */
const MAX_KEY = 200;

/** Elements that hold a key or a value. */
const CELLS = new Set(["dt", "dd", "th", "td"]);

const blanks = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Joins a key and a value; keys often end in a colon of their own. */
const pairOf = (key: string, value: string): string => {
  const name = key.replace(/\s*[:：]$/u, "");
  return value === "" ? `${name}:` : `${name}: ${value}`;
};

/** Reads the cells of a table or of a description list, row by row. */
class CellReader implements HtmlReader {
  readonly rows: string[][] = [];
  readonly #writer = new InlineWriter();
  #isInCell = false;

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === "tr" || name === "dt") this.rows.push([]);
    if (CELLS.has(name)) {
      this.#writer.take();
      this.#isInCell = true;
    }
    this.#writer.open(name, attributes);
  }

  close(name: string): void {
    this.#writer.close(name);
    if (!CELLS.has(name) || !this.#isInCell) return;
    if (this.rows.length === 0) this.rows.push([]);
    this.rows.at(-1)?.push(blanks(this.#writer.take()));
    this.#isInCell = false;
  }

  text(data: string): void {
    this.#writer.text(data);
  }
}

const hasCells = (html: string): boolean => /<(?:td|th|dt)[\s>]/i.test(html);

/** Pairs the cells of a row: a form may have several pairs beside each other. */
const pairsOfRow = (cells: readonly string[]): string[] => {
  const [first = "", ...others] = cells;
  if (cells.length % 2 === 0)
    return cells.flatMap((key, index) =>
      index % 2 === 0 && key !== "" ? [pairOf(key, cells[index + 1] ?? "")] : [],
    );
  const rest = others.filter((cell) => cell !== "").join(" ");
  return [others.length === 0 || first === "" ? first || rest : pairOf(first, rest)].filter(Boolean);
};

const linesOf = (text: string): string[] => {
  if (hasCells(text)) return readHtml(text, () => new CellReader()).rows.flatMap(pairsOfRow);
  return visibleText(text).split("\n");
};

const RULE = /^\|?[\s:|-]*-[\s:|-]*$/;

/** Splits a line of a Markdown table into cells. */
const cellsOf = (line: string): string[] =>
  line
    .replace(/^\s*\|/, "")
    .replace(/\|\s*$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("\\|", "|").trim());

/** Removes list marks, and the marks of bold and italic text. */
const withoutMarks = (line: string): string =>
  line
    .replace(/^\s*(?:[-*+•]\s+|>\s*|#{1,6}\s+)/u, "")
    .replace(/(\*\*|__)(.+?)\1/gu, "$2")
    .trim();

/**
 * Reads a line as a pair: a key and a value after a colon, dots or a tabulator; `undefined` if it has no key.
 */
const pairOfLine = (line: string): string | undefined => {
  const colon = /[:：](?=\s|$)|：/u.exec(line);
  if (colon && colon.index > 0 && colon.index <= MAX_KEY)
    return pairOf(line.slice(0, colon.index).trim(), blanks(line.slice(colon.index + 1)));
  const [key = "", value] = line.split(/\s*(?:\t+|\.{3,}|…+|_{3,})\s*/u, 2);
  return value !== undefined && key !== "" && key.length <= MAX_KEY
    ? pairOf(blanks(key), blanks(value))
    : undefined;
};

/** Writes the lines of a text as pairs. @returns `undefined` if they show none */
const pairsOf = (text: string): string[] | undefined => {
  const pairs: string[] = [];
  let hasPair = false;
  const lines = linesOf(text).filter((line) => line.trim() !== "" && !RULE.test(line.trim()));
  for (const line of lines) {
    const isRow = line.trimStart().startsWith("|");
    const found = isRow ? pairsOfRow(cellsOf(line).map(withoutMarks)) : [withoutMarks(line)];
    for (const each of found) {
      const pair = isRow ? each : pairOfLine(each);
      const last = pairs.length - 1;
      // A line without a key goes on with the value above it.
      if (pair === undefined && hasPair) pairs[last] = `${pairs[last]} ${blanks(each)}`;
      else pairs.push(pair ?? blanks(each));
      hasPair ||= pair !== undefined;
    }
  }
  if (hasPair) return pairs;
  const [key, value] = pairs;
  return pairs.length === 2 && key && value ? [pairOf(key, value)] : undefined;
};

/**
 * Writes the text of a key-value pair of a form as `key: value`, one pair a line. The key may come as bold Markdown, in
 * a row of a table, in a description list, or on a line above its value.
 *
 * @param texts the same pairs in several forms; the first that shows pairs counts
 * @returns `undefined` if none shows pairs
 * @example
 * ```ts
 * keyValueText(["**Policy number** \n4711"]); // "Policy number: 4711"
 * ```
 */
export const keyValueText = (texts: readonly string[]): string | undefined => {
  for (const text of texts) {
    const pairs = text === "" ? undefined : pairsOf(text);
    if (pairs) return pairs.join("\n");
  }
  return undefined;
};
