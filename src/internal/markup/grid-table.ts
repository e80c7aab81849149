import { escapeHtml, type HtmlCell, tableHtml } from "./html/escape-html.js";
import { withoutMarks } from "./markdown.js";
import { visibleText } from "./visible-text.js";

/** A line between rows: `+-----+====+`, also over some of the columns only. */
const RULE = /^\s*[+|](?=.*[-=]{2})[-=:+|\s\p{L}\p{N}\p{P}]*[+|]\s*$/u;
const FULL_RULE = /^\s*\+(?:[-=:]+\+)+\s*$/;
const LINE = /^\s*[+|].*[+|]\s*$/;

/** Characters of East Asia take the width of two. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** Cuts a line into columns of a character's width. */
const columnsOfLine = (line: string): string[] =>
  [...line.trim()].flatMap((char) => (WIDE.test(char) ? [char, ""] : [char]));

const isBorder = (char: string | undefined): boolean => char === "|" || char === "+";

/** The lines between two rules, and which columns the rule below them closes. */
interface Band {
  lines: string[][];
  closes: boolean[];
}

/** Finds where columns begin and end: wherever a rule has a `+`. */
const bordersOf = (lines: readonly string[][]): number[] => {
  const borders = new Set<number>();
  for (const line of lines) for (const [at, char] of line.entries()) if (char === "+") borders.add(at);
  return [...borders].sort((a, b) => a - b);
};

const isRuled = (line: readonly string[], from: number, to: number): boolean =>
  to - from > 1 && line.slice(from + 1, to).every((char) => /[-=:+]/.test(char));

const textOf = (lines: readonly string[][], from: number, to: number): string =>
  lines
    .map((line) =>
      line
        .slice(from + 1, to)
        .join("")
        .trim(),
    )
    .filter((text) => text !== "")
    .join(" ");

const cellHtml = (text: string): string => escapeHtml(withoutMarks(visibleText(text)));

/** Reads the cells of a grid, each as far to the right and down as no border ends it. */
const cellsOf = (bands: readonly Band[], borders: readonly number[]): HtmlCell[][] => {
  const width = borders.length - 1;
  const taken = bands.map(() => new Array<boolean>(width).fill(false));
  const endsAt = ({ lines }: Band, border: number): boolean =>
    lines.every((line) => isBorder(line[borders[border] ?? 0]));
  return bands.map((band, row) => {
    const cells: HtmlCell[] = [];
    for (let column = 0; column < width; column++) {
      if (taken[row]?.[column]) continue;
      let end = column + 1;
      while (end < width && !endsAt(band, end)) end += 1;
      let last = row;
      while (last < bands.length - 1 && bands[last]?.closes[column] === false) last += 1;
      for (let below = row; below <= last; below++) taken[below]?.fill(true, column, end);
      const lines = bands.slice(row, last + 1).flatMap((each) => each.lines);
      const text = textOf(lines, borders[column] ?? 0, borders[end] ?? 0);
      cells.push({ html: cellHtml(text), columnSpan: end - column, rowSpan: last - row + 1 });
      column = end - 1;
    }
    return cells;
  });
};

/** Reads rows by their borders alone, where lines are not drawn to one width. */
const looseCells = (lines: readonly string[]): HtmlCell[] => {
  const rows = lines.map((line) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim()),
  );
  const width = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: width }, (_, column) => {
    const text = rows.map((row) => row[column] ?? "").filter(Boolean);
    return { html: cellHtml(text.join(" ")), columnSpan: 1, rowSpan: 1 };
  });
};

/** Tells whether each line is a row of its own: each begins with a text, or each is full beside a marked header. */
const areRows = (lines: readonly string[], isUnmarked: boolean): boolean =>
  lines.length > 1 &&
  lines.every((line) => {
    const cells = looseCells([line]);
    return isUnmarked ? cells[0]?.html !== "" : cells.every(({ html }) => html !== "");
  });

const gridHtml = (block: readonly string[]): string | undefined => {
  const drawn = block.map(columnsOfLine);
  const isRule = block.map((line) => RULE.test(line) && /[-=]{2}/.test(line) && line.includes("+"));
  const borders = bordersOf(drawn.filter((_, index) => isRule[index]));
  const [first = 0, last = 0] = [borders[0], borders.at(-1)];
  const isEven = drawn.every((line) => line.length === last + 1 && isBorder(line[first]));
  const bands: (Band & { plain: string[] })[] = [];
  let open: { lines: string[][]; plain: string[] } = { lines: [], plain: [] };
  let headRows = 0;
  for (const [index, line] of block.entries()) {
    const columns = drawn[index] ?? [];
    if (!isRule[index]) {
      open.lines.push(columns);
      open.plain.push(line);
      continue;
    }
    if (open.lines.length > 0) {
      const closes = borders.slice(1).map((to, column) => isRuled(columns, borders[column] ?? 0, to));
      bands.push({ ...open, closes });
    }
    open = { lines: [], plain: [] };
    if (line.includes("==") && headRows === 0) headRows = bands.length;
  }
  if (open.lines.length > 0) bands.push({ ...open, closes: [] });
  if (bands.length === 0 || borders.length < 2) return undefined;
  const body = bands.at(-1);
  if (body && bands.length <= 2 && areRows(body.plain, headRows === 0)) {
    // Databases draw rules around the header only, and each row on one line.
    const heads = bands.slice(0, -1).map(({ plain }) => looseCells(plain));
    return tableHtml([...heads, ...body.plain.map((line) => looseCells([line]))], heads.length);
  }
  const rows = isEven ? cellsOf(bands, borders) : bands.map(({ plain }) => looseCells(plain));
  return tableHtml(rows, headRows < rows.length ? headRows : 0);
};

const BARE_RULE = /^[ \t]*-{2,}(?:\+-{2,})+[ \t]*$/;

/** Adds the borders that psql leaves out: a line of names above `----+----`, and the rows below it. */
const withBorders = (lines: readonly string[]): string[] => {
  const rule = lines.findIndex((line) => BARE_RULE.test(line));
  if (rule < 1 || !lines[rule - 1]?.includes("|")) return [...lines];
  const end = lines.findIndex((line, index) => index > rule && !line.includes("|"));
  const last = end < 0 ? lines.length : end;
  const border = `+${lines[rule]?.trim() ?? ""}+`;
  const bordered = lines.slice(rule - 1, last).map((line, index) => (index === 1 ? border : `|${line}|`));
  return [...lines.slice(0, rule - 1), border, ...bordered, border, ...lines.slice(last)];
};

/**
 * Writes the grid tables of a text in Markdown as HTML, and the text around them as text.
 *
 * @returns `undefined` if there is none
 */
export const gridTablesToHtml = (text: string): string | undefined => {
  if (!/^[ \t]*(?:\+[-=:]+\+|-{2,}\+-)/m.test(text)) return undefined;
  const pieces: string[] = [];
  let hasTable = false;
  let block: string[] = [];
  const close = (): void => {
    const isGrid = block.filter((line) => FULL_RULE.test(line)).length > 1;
    const html = isGrid ? gridHtml(block) : undefined;
    hasTable ||= html !== undefined;
    pieces.push(html ?? escapeHtml(block.join("\n")));
    block = [];
  };
  for (const line of withBorders(text.split(/\r?\n/))) {
    if (LINE.test(line)) block.push(line);
    else {
      if (block.length > 0) close();
      pieces.push(`<p>${escapeHtml(line)}</p>`);
    }
  }
  if (block.length > 0) close();
  return hasTable ? pieces.join("\n") : undefined;
};
