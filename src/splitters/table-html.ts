import { type HtmlNode, htmlToText, parseHtml } from "../internal/html.js";
import type { SourceRow } from "./table-grid.js";
import { buildTable, type TableModel } from "./table-model.js";

type Tag = Extract<HtmlNode, { attribs: object }>;

/** The tables of a text, and the text that stands around them. */
export interface FoundTables {
  tables: TableModel[];
  outside: string;
}

/** What a cell says on one line. */
export const cellText = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Most cells hold one piece of text, which needs no walk. */
const textInside = ({ children }: Tag): string => {
  const [first] = children;
  return cellText(children.length === 1 && first?.type === "text" ? first.data : htmlToText(children));
};

const span = (tag: Tag, name: "colspan" | "rowspan", least: number): number => {
  const value = Number.parseInt(tag.attribs[name] ?? "1", 10);
  return Number.isNaN(value) || value < least ? 1 : Math.min(value, 65_534);
};

interface Place {
  node: HtmlNode;
  inHead: boolean;
  inFoot: boolean;
  row: SourceRow | undefined;
}

/** Reads one table; what is nested in its cells is text. Walks without recursion: nesting may be hostile. */
const readTable = (table: Tag): { model: TableModel | undefined; outside: string[] } => {
  const rows: SourceRow[] = [];
  const foot: SourceRow[] = [];
  const captions: string[] = [];
  const outside: string[] = [];
  const top = { inHead: false, inFoot: false, row: undefined };
  /** The row of cells that stand outside any row. */
  let loose: SourceRow | undefined;
  const work: Place[] = table.children.map((node) => ({ node, ...top })).reverse();
  for (let place = work.pop(); place !== undefined; place = work.pop()) {
    const { node, inHead, inFoot } = place;
    if (node.type === "text" && node.data.trim() !== "") outside.push(cellText(node.data));
    if (node.type !== "tag") continue;
    const openRow = (): SourceRow => {
      const row: SourceRow = { cells: [], inHead };
      (inFoot ? foot : rows).push(row);
      return row;
    };
    if (node.name === "caption") captions.push(textInside(node));
    else if (node.name === "td" || node.name === "th") {
      const row = place.row ?? loose ?? openRow();
      if (!place.row) loose = row;
      row.cells.push({
        text: textInside(node),
        isHeader: node.name === "th",
        columnSpan: span(node, "colspan", 1),
        rowSpan: span(node, "rowspan", 0),
      });
    } else {
      if (node.name === "tr") loose = undefined;
      const inner = {
        inHead: inHead || node.name === "thead",
        inFoot: inFoot || node.name === "tfoot",
        row: node.name === "tr" ? openRow() : place.row,
      };
      for (const child of node.children.toReversed()) work.push({ node: child, ...inner });
    }
  }
  return { model: buildTable([...rows, ...foot], captions.join(" ").trim()), outside };
};

/** The tables of an HTML text, outermost only, and the text outside them. */
export const tablesFromHtml = (html: string): FoundTables => {
  const tables: TableModel[] = [];
  const outside: string[] = [];
  // Rows without a table around them are a table too.
  const work = parseHtml(/<table[\s>]/i.test(html) ? html : `<table>${html}</table>`).reverse();
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    if (node.type === "text" && node.data.trim() !== "") outside.push(cellText(node.data));
    if (node.type !== "tag") continue;
    if (node.name === "table") {
      const found = readTable(node);
      if (found.model) tables.push(found.model);
      for (const text of found.outside) outside.push(text);
    } else for (const child of node.children.toReversed()) work.push(child);
  }
  return { tables, outside: outside.join("\n") };
};
