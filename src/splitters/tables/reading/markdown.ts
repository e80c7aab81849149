import { withoutMarks } from "../../../internal/markup/markdown.js";
import { cellText, type FoundTables } from "./html.js";
import type { SourceRow } from "./source-rows.js";
import { buildTable, type TableModel } from "./table-model.js";

/** Reads the cells of a row of a Markdown table; `\|` is a pipe, not a border. */
const cellsOf = (line: string): string[] => {
  const cells: string[] = [];
  let cell = "";
  const body = line.trim().replace(/^\|/, "");
  for (let index = 0; index < body.length; index++) {
    const char = body.charAt(index);
    if (char === "\\" && body.charAt(index + 1) === "|") {
      cell += "|";
      index++;
    } else if (char === "|") {
      cells.push(cell);
      cell = "";
    } else cell += char;
  }
  if (cell.trim() !== "") cells.push(cell);
  return cells.map((text) => cellText(withoutMarks(text.replace(/<br\s*\/?>/gi, " "))));
};

const DELIMITER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

const isDelimiter = (line: string): boolean => line.includes("|") && DELIMITER.test(line);

const isBordered = (line: string): boolean => /^\s*\|.*\|\s*$/.test(line);

const readBlock = (lines: readonly string[]): TableModel | undefined => {
  const delimiter = lines.findIndex(isDelimiter);
  // An empty header line says that there is none; it is dropped, and the rows themselves are looked at.
  const rows = lines.flatMap((line, index): SourceRow[] => {
    if (index === delimiter) return [];
    const inHead = index < delimiter;
    const texts = cellsOf(line);
    if (inHead && texts.every((text) => text === "")) return [];
    return [
      {
        cells: texts.map((text) => ({ text, isHeader: inHead, columnSpan: 1, rowSpan: 1 })),
        inHead,
        group: 0,
      },
    ];
  });
  return buildTable(rows, "");
};

/** Reads the pipe tables of a Markdown text, and the text outside them. */
export const tablesFromMarkdown = (markdown: string): FoundTables => {
  const tables: TableModel[] = [];
  const outside: string[] = [];
  let block: string[] = [];
  const close = () => {
    const isTable = block.some(isDelimiter) || block.filter(isBordered).length > 1;
    const model = isTable ? readBlock(block) : undefined;
    if (model) tables.push(model);
    else for (const line of block) outside.push(line);
    block = [];
  };
  for (const line of markdown.split(/\r?\n/)) {
    if (line.includes("|")) block.push(line);
    else {
      close();
      outside.push(line);
    }
  }
  close();
  return { tables, outside: outside.join("\n").trim() };
};
