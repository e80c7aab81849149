import { type HtmlCell, tableHtml } from "../html/escape-html.js";
import { latexToHtml } from "./latex-text.js";

const BEGIN = /\\begin\s*\{(tabular[xy*]?|longtable|tabulary|supertabular|tabu|array|longtabu)\}/g;
/** Environments around a table, whose text is its caption at most. */
const AROUND =
  /\\(?:begin|end)\{(?:table\*?|center|threeparttable|adjustbox|landscape|sidewaystable)\}(?:\[[^\]]*\])?(?:\{[^{}]*\})?|\\(?:centering|small|footnotesize|scriptsize|tiny|normalsize|toprule|hline)\b|\\(?:label|setlength|renewcommand|vspace)\s*(?:\{[^{}]*\}){1,2}/g;

/** Rules that end the header, and those that only part rows of it. */
const RULE =
  /^\s*\\(midrule|hline|toprule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot|specialrule(?:\{[^{}]*\}){3}|hhline\{[^{}]*\})/;
const MINOR =
  /^\s*\\(?:cmidrule\s*(?:\([^()]*\))?\s*\{[^{}]*\}|cline\s*\{[^{}]*\}|addlinespace(?:\[[^\]]*\])?|noalign\s*\{[^{}]*\}|rowcolor(?:\[[^\]]*\])?\{[^{}]*\}|arrayrulecolor\{[^{}]*\}|rule\s*\{[^{}]*\}\s*\{[^{}]*\}|pagebreak|newpage|morecmidrules)/;

/** Finds the bracket that closes the one at `at`; the end of the text if none does. */
const closingBracket = (text: string, at: number): number => {
  let depth = 0;
  for (let index = at; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === "\\") index += 1;
    else if (char === "{") depth += 1;
    else if (char === "}" && --depth === 0) return index;
  }
  return text.length;
};

/** Skips the arguments of `\begin{tabular}`: a width, a position, the columns. */
const skipArguments = (text: string, from: number, braces: number): number => {
  let at = from;
  for (let left = braces; at < text.length; ) {
    while (/\s/.test(text.charAt(at))) at += 1;
    const char = text.charAt(at);
    if (char === "[") at = text.indexOf("]", at) + 1 || text.length;
    else if (char === "{" && left-- > 0) at = closingBracket(text, at) + 1;
    else break;
  }
  return at;
};

const ENVIRONMENT = /\\(begin|end)\s*\{[a-z]+\*?\}/gi;

/** Finds the `\end` of the environment whose body begins at `from`. */
const endOf = (text: string, from: number): { start: number; end: number } => {
  let depth = 1;
  ENVIRONMENT.lastIndex = from;
  for (let match = ENVIRONMENT.exec(text); match; match = ENVIRONMENT.exec(text)) {
    depth += match[1] === "begin" ? 1 : -1;
    if (depth === 0) return { start: match.index, end: match.index + match[0].length };
  }
  return { start: text.length, end: text.length };
};

/** Splits the body of a table into rows of cells, at `\\` and `&` outside of brackets and inner environments. */
const rowsOf = (body: string): string[][] => {
  const rows: string[][] = [];
  let cells: string[] = [];
  let start = 0;
  let depth = 0;
  const endCell = (at: number): void => {
    cells.push(body.slice(start, at));
  };
  for (let at = 0; at < body.length; at++) {
    const char = body.charAt(at);
    if (char === "\\") {
      const command = /\\(?:begin\b|end\b|tabularnewline\b|\\\*?(?:\[[^\]\n]*\])?|[a-zA-Z]+|[\s\S])/y;
      command.lastIndex = at;
      const found = command.exec(body)?.[0] ?? char;
      if (found === "\\begin") depth += 1;
      else if (found === "\\end") depth -= 1;
      else if (depth === 0 && (found.startsWith("\\\\") || found === "\\tabularnewline")) {
        endCell(at);
        rows.push(cells);
        cells = [];
        start = at + found.length;
      }
      at += found.length - 1;
    } else if (char === "{") depth += 1;
    else if (char === "}") depth -= 1;
    else if (char === "&" && depth === 0) {
      endCell(at);
      start = at + 1;
    }
  }
  endCell(body.length);
  rows.push(cells);
  return rows;
};

const SPAN = /^\s*\\multi(column|row)\s*(?:\[[^\]]*\])?\{\s*(\d+)\s*\}/;

/** A cell that spans columns and rows has one command in the other; deeper ones are not read. */
const MAX_DEPTH = 4;

/** Reads a cell with its spans, one within the other. */
const cellOf = (latex: string, depth = 0): HtmlCell => {
  const found = depth < MAX_DEPTH ? SPAN.exec(latex) : null;
  if (!found) return { html: latexToHtml(latex), columnSpan: 1, rowSpan: 1 };
  const [match, kind, size = "1"] = found;
  let at = match.length;
  // Then comes the alignment or the width, in brackets or a star, and at last the text.
  const rest = /^\s*(?:\[[^\]]*\]\s*)?(\*|=)?\s*(?:\[[^\]]*\]\s*)?/.exec(latex.slice(at));
  at += rest?.[0].length ?? 0;
  if (rest?.[1] === undefined) at = skipArguments(latex, at, 1);
  while (latex.charAt(at) !== "{" && at < latex.length) at += 1;
  const end = closingBracket(latex, at);
  const inner = cellOf(latex.slice(at + 1, end), depth + 1);
  const html = `${inner.html}${latexToHtml(latex.slice(end + 1))}`;
  const count = Math.max(1, Math.min(Number(size), 1_000));
  return kind === "column"
    ? { ...inner, html, columnSpan: inner.columnSpan * count }
    : { ...inner, html, rowSpan: inner.rowSpan * count };
};

/** Removes the empty cells that LaTeX leaves below a cell over several rows. */
const withoutCovered = (rows: readonly HtmlCell[][]): HtmlCell[][] => {
  let covered = new Map<number, number>();
  return rows.map((cells) => {
    const below = new Map<number, number>();
    for (const [column, left] of covered) if (left > 1) below.set(column, left - 1);
    let column = 0;
    const kept = cells.filter((cell) => {
      const isCovered = cell.html === "" && covered.has(column);
      if (cell.rowSpan > 1)
        for (let at = column; at < column + cell.columnSpan; at++) below.set(at, cell.rowSpan - 1);
      column += cell.columnSpan;
      return !isCovered;
    });
    covered = below;
    return kept;
  });
};

const CAPTION = /\\caption\*?\s*(?:\[[^\]]*\])?\{/;

/** Takes the caption out of a text. */
const takeCaption = (text: string): { caption: string; rest: string } => {
  const found = CAPTION.exec(text);
  if (!found) return { caption: "", rest: text };
  const open = found.index + found[0].length - 1;
  const end = closingBracket(text, open);
  const rest = text.slice(0, found.index) + text.slice(end + 1).replace(/^\s*\\\\/, "");
  return { caption: latexToHtml(text.slice(open + 1, end)), rest };
};

const bodyHtml = (body: string, outerCaption: string): string => {
  const { caption, rest } = takeCaption(body.replace(/(?<!\\)%[^\n]*\n?/g, ""));
  let rows: HtmlCell[][] = [];
  let headRows = 0;
  for (const [first = "", ...others] of rowsOf(rest)) {
    let cell = first;
    for (;;) {
      const rule = RULE.exec(cell) ?? MINOR.exec(cell);
      if (!rule) break;
      cell = cell.slice(rule[0].length);
      const name = rule[1];
      // What is between \endfirsthead and \endhead repeats the header on the next pages.
      if (name === "endhead" && headRows > 0) rows = rows.slice(0, headRows);
      else if (name === "endfoot" || name === "endlastfoot") rows = rows.slice(0, headRows);
      else if (name !== undefined && headRows === 0) headRows = rows.length;
    }
    const cells = [cell, ...others].map((each) => cellOf(each));
    if (cells.some(({ html }) => html !== "")) rows.push(cells);
  }
  return tableHtml(withoutCovered(rows), headRows < rows.length ? headRows : 0, caption || outerCaption);
};

const outsideHtml = (text: string): string => {
  const html = latexToHtml(text.replace(AROUND, ""));
  return html === "" ? "" : `<p>${html}</p>`;
};

/**
 * Writes the tables of a text in LaTeX as HTML, and the text around them as paragraphs. The rows above the first rule
 * that is below a row are the header.
 *
 * @returns `undefined` if there is none
 */
export const latexTablesToHtml = (text: string): string | undefined => {
  if (!text.includes("\\begin")) return undefined;
  const pieces: string[] = [];
  let at = 0;
  for (const match of text.matchAll(BEGIN)) {
    // A table within a cell has been read with it.
    if (match.index < at) continue;
    const before = takeCaption(text.slice(at, match.index));
    const hasWidth = /[xy*]$/.test(match[1] ?? "");
    const from = skipArguments(text, match.index + match[0].length, hasWidth ? 2 : 1);
    const { start, end } = endOf(text, from);
    const next = text.indexOf("\\begin", end);
    const after = takeCaption(text.slice(end, next < 0 ? undefined : next));
    const isBelow = before.caption === "" && after.caption !== "";
    pieces.push(outsideHtml(before.rest), bodyHtml(text.slice(from, start), before.caption || after.caption));
    if (isBelow) pieces.push(outsideHtml(after.rest));
    at = !isBelow ? end : next < 0 ? text.length : next;
  }
  if (pieces.length === 0) return undefined;
  pieces.push(outsideHtml(takeCaption(text.slice(at)).rest));
  return pieces.filter((piece) => piece !== "").join("\n");
};
