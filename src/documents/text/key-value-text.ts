import { type HtmlReader, readHtml } from "../../internal/markup/html/html.js";
import { InlineWriter } from "../../internal/markup/inline-writer.js";
import { withoutMarks, withStableAddresses } from "../../internal/markup/markdown.js";
import { visibleText } from "../../internal/markup/visible-text.js";

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
    this.rows.at(-1)?.push(blanks(withStableAddresses(this.#writer.take())));
    this.#isInCell = false;
  }

  text(data: string): void {
    this.#writer.text(data);
  }
}

const hasCells = (html: string): boolean => /<(?:td|th|dt)[\s>]/i.test(html);

/** Names of the columns of keys and of values. Any other first row may be a pair, as Markdown has no tables without one. */
const COLUMN_NAMES = [/^(?:keys?|fields?|labels?|names?|field names?)$/i, /^(?:values?|field values?)$/i];

/** Tells whether a row only names the columns: `Key | Value`. */
const isHeader = (cells: readonly string[]): boolean =>
  cells.length > 1 &&
  cells.length % 2 === 0 &&
  cells.every((cell, index) => COLUMN_NAMES[index % 2]?.test(cell.replace(/\s*:$/, "")));

/** Pairs the cells of a row: a form may have several pairs beside each other. */
const pairsOfRow = (cells: readonly string[]): string[] => {
  if (isHeader(cells)) return [];
  const [first = "", ...others] = cells;
  if (cells.length % 2 === 0)
    return cells.flatMap((key, index) =>
      index % 2 === 0 && key !== "" ? [pairOf(key, cells[index + 1] ?? "")] : [],
    );
  const rest = others.filter((cell) => cell !== "").join(" ");
  return [others.length === 0 || first === "" ? first || rest : pairOf(first, rest)].filter(Boolean);
};

/** Tells whether a line is the rule below the header of a Markdown table. */
const isRule = (line: string): boolean => line.includes("-") && /^[\s:|-]+$/.test(line);

/** Matches a cell of such a rule: a line that has other text too is a whole table that lost its line ends. */
const RULE_CELL = /\|[ \t]*:?-{2,}:?[ \t]*\|/;

const linesOf = (text: string): string[] => {
  if (hasCells(text)) return readHtml(text, () => new CellReader()).rows.flatMap(pairsOfRow);
  return visibleText(text)
    .split("\n")
    .flatMap((line) => (RULE_CELL.test(line) ? line.split(/(?<=\|)[ \t]+(?=\|)/) : [line]));
};

/** Splits a line of a Markdown table into cells. */
const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("\\|", "|").trim());

/** Removes the mark of a list, a quotation or a heading, and the marks of emphasis. */
const plainLine = (line: string): string =>
  withoutMarks(line.trim().replace(/^(?:[-*+•]\s+|>|#{1,6}\s+)/u, "")).trim();

/** What may stand between a key and its value in place of a colon. */
const SEPARATOR = /\t+|\.{3,}|…+|_{3,}/u;

/**
 * Reads a line as a pair: a key and a value after a colon, dots or a tabulator; `undefined` if it has no key.
 */
const pairOfLine = (line: string): string | undefined => {
  const colon = /[:：](?=\s|$)|：/u.exec(line);
  if (colon && colon.index > 0 && colon.index <= MAX_KEY)
    return pairOf(line.slice(0, colon.index).trim(), blanks(line.slice(colon.index + 1)));
  const separator = SEPARATOR.exec(line);
  if (!separator || separator.index > MAX_KEY) return undefined;
  const key = line.slice(0, separator.index).trim();
  return key === "" ? undefined : pairOf(key, blanks(line.slice(separator.index + separator[0].length)));
};

/** Writes the lines of a text as pairs. @returns `undefined` if they show none */
const pairsOf = (text: string): string[] | undefined => {
  const pairs: string[] = [];
  let hasPair = false;
  const all = linesOf(text);
  // Where a rule has bars, rows may come without a bar in front.
  const hasRule = all.some((line) => line.includes("|") && isRule(line));
  for (const line of all.filter((each) => each.trim() !== "" && !isRule(each))) {
    const isRow = line.trimStart().startsWith("|") || (hasRule && line.includes("|"));
    const found = isRow ? pairsOfRow(cellsOf(line).map(plainLine)) : [plainLine(line)];
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
