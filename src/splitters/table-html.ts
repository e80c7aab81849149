import { type HtmlNode, htmlToText, parseHtml } from "../internal/html.js";
import type { SourceCell, SourceRow } from "./table-grid.js";
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
  const given = tag.attribs[name];
  if (given === undefined) return 1;
  const value = Number.parseInt(given, 10);
  return Number.isNaN(value) || value < least ? 1 : Math.min(value, 65_534);
};

const isCell = ({ name }: Tag): boolean => name === "td" || name === "th";

const readCell = (tag: Tag): SourceCell => ({
  text: textInside(tag),
  isHeader: tag.name === "th",
  columnSpan: span(tag, "colspan", 1),
  rowSpan: span(tag, "rowspan", 0),
});

/** Where a node stands in its table. */
interface Place {
  inHead: boolean;
  inFoot: boolean;
  row: SourceRow | undefined;
}

/** Reads one table; what is nested in its cells is text. Walks without recursion: nesting may be hostile. */
class TableWalk {
  readonly outside: string[] = [];
  readonly #rows: SourceRow[] = [];
  readonly #foot: SourceRow[] = [];
  readonly #captions: string[] = [];
  readonly #work: { node: HtmlNode; place: Place }[] = [];
  /** The row of cells that stand outside any row. */
  #loose: SourceRow | undefined;

  constructor(table: Tag) {
    this.#enter(table, { inHead: false, inFoot: false, row: undefined });
    for (let next = this.#work.pop(); next !== undefined; next = this.#work.pop())
      this.#visit(next.node, next.place);
  }

  model(): TableModel | undefined {
    return buildTable([...this.#rows, ...this.#foot], this.#captions.join(" ").trim());
  }

  /** The children come next, in their order. */
  #enter({ children }: Tag, place: Place): void {
    for (let index = children.length - 1; index >= 0; index--) {
      const node = children[index];
      if (node) this.#work.push({ node, place });
    }
  }

  #openRow({ inHead, inFoot }: Place): SourceRow {
    const row: SourceRow = { cells: [], inHead };
    (inFoot ? this.#foot : this.#rows).push(row);
    return row;
  }

  #visit(node: HtmlNode, place: Place): void {
    if (node.type === "text" && node.data.trim() !== "") this.outside.push(cellText(node.data));
    if (node.type !== "tag") return;
    if (isCell(node)) {
      const row = place.row ?? this.#loose ?? this.#openRow(place);
      if (!place.row) this.#loose = row;
      row.cells.push(readCell(node));
    } else if (node.name === "caption") this.#captions.push(textInside(node));
    else if (node.name === "tr") {
      this.#loose = undefined;
      this.#enter(node, { ...place, row: this.#openRow(place) });
    } else {
      const inHead = place.inHead || node.name === "thead";
      this.#enter(node, { ...place, inHead, inFoot: place.inFoot || node.name === "tfoot" });
    }
  }
}

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
      const found = new TableWalk(node);
      const model = found.model();
      if (model) tables.push(model);
      for (const text of found.outside) outside.push(text);
    } else for (const child of node.children.toReversed()) work.push(child);
  }
  return { tables, outside: outside.join("\n") };
};
