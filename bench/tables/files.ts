import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DomUtils, parseDocument } from "htmlparser2";
import { htmlToText } from "../../src/internal/markup/visible-text.js";
import { type CheckedTable, type TrueCell, wordsOf } from "./checked-table.js";
import { documentsOf } from "./documents.js";

/** A table from a file, without information on which rows are its header. */
export interface FoundTable extends Omit<CheckedTable, "header" | "titles" | "rows"> {
  /** All rows, from the top. */
  rows: { cells: TrueCell[]; isMarked: boolean }[];
}

type Node = ReturnType<typeof parseDocument>["children"][number];
type Tag = Extract<Node, { attribs: object }>;

/** Finds the elements of a name, except for those within others of that name. */
const outermost = (nodes: readonly Node[], names: readonly string[]): Tag[] =>
  nodes.flatMap((node): Tag[] => {
    if (node.type !== "tag") return [];
    return names.includes(node.name) ? [node] : outermost(node.children, names);
  });

const cellOf = (tag: Tag, isAlone: boolean): TrueCell => {
  const spans = tag.attribs["colspan"] !== undefined || tag.attribs["rowspan"] !== undefined;
  return {
    words: wordsOf(htmlToText(DomUtils.getInnerHTML(tag))),
    places: spans && !isAlone ? null : 1,
    rows: 1,
  };
};

const rowsOf = (table: Tag): FoundTable["rows"] =>
  outermost(table.children, ["tr"]).map((row) => {
    const cells = outermost(row.children, ["td", "th"]);
    const isInHead = row.parent?.type === "tag" && row.parent.name === "thead";
    return {
      cells: cells.map((cell) => cellOf(cell, cells.length === 1)),
      isMarked: isInHead || (cells.length > 1 && cells.every((cell) => cell.name === "th")),
    };
  });

/** Reads every table of every `.html` file in a directory. */
export const tablesOfDirectory = (directory: string): FoundTable[] =>
  readdirSync(directory)
    .filter((file) => /\.html?$/i.test(file))
    .sort()
    .flatMap((file) => {
      const html = readFileSync(path.join(directory, file), "utf8");
      return outermost(parseDocument(html).children, ["table"]).map((table, index) => {
        const name = index === 0 ? file : `${file} #${index + 1}`;
        const own = DomUtils.getOuterHTML(table);
        return { name, html: own, documents: documentsOf(name, own), rows: rowsOf(table) };
      });
    });
