import { html as names, parseFragment, type DefaultTreeAdapterTypes as Tree } from "parse5";

/** A number or word with the raised or lowered mark that follows it without a space. */
export interface RaisedMark {
  base: string;
  mark: string;
}

/** A cell with its position by the HTML standard. */
export interface SourceCell {
  row: number;
  column: number;
  rows: number;
  columns: number;
  isHeader: boolean;
  /** Its text, without hidden and struck text. */
  text: string;
  /** Its letters and digits, for every correct reading: with alternative texts or without, and so on. */
  readings: ReadonlySet<string>;
  /** Letters and digits of the alternative texts of its pictures. */
  alternative: string;
  /** Letters and digits of the cell with its hidden texts, empty without such. */
  hidden: string;
  struck: string[];
  marks: RaisedMark[];
}

export interface SourceRow {
  /** The cells that cover the row, including those from rows above, each once. */
  cells: SourceCell[];
  isInHead: boolean;
}

/** A table that was read with another parser than the package's, and laid out by the algorithm of the HTML standard. */
export interface SourceTable {
  rows: SourceRow[];
  /** All cells, each once. */
  cells: SourceCell[];
  width: number;
  caption: string;
}

/** Returns the letters and digits of a text in one case and form. */
export const inkOf = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");

const isElement = (node: Tree.Node): node is Tree.Element => "tagName" in node;
const elements = (node: Tree.ParentNode): Tree.Element[] => node.childNodes.filter(isElement);
const attribute = (element: Tree.Element, name: string): string | undefined =>
  element.attrs.find((attr) => attr.name === name)?.value;

const NOT_TEXT = new Set(["script", "style", "template", "annotation", "annotation-xml"]);
const BREAKS = new Set(["br", "p", "div", "li", "ul", "ol", "td", "th", "tr", "table", "dd", "dt", "dl"]);
const STRUCK = new Set(["del", "s", "strike"]);

type Sort = "plain" | "hidden" | "struck" | "alternative";

const sortOf = (element: Tree.Element, around: Sort): Sort => {
  if (around !== "plain") return around;
  const isHidden =
    attribute(element, "hidden") !== undefined ||
    /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)/i.test(attribute(element, "style") ?? "");
  return isHidden ? "hidden" : STRUCK.has(element.tagName) ? "struck" : "plain";
};

interface TextPiece {
  sort: Sort;
  text: string;
}

/** Collects the text of a cell in pieces of one kind each. */
class CellText {
  readonly pieces: TextPiece[] = [];
  readonly marks: RaisedMark[] = [];

  read(node: Tree.ParentNode, around: Sort = "plain"): void {
    for (const child of node.childNodes) {
      if (child.nodeName === "#text" && "value" in child) this.#add(around, child.value);
      else if (isElement(child)) this.#element(child, around);
    }
  }

  text(...sorts: Sort[]): string {
    return this.pieces
      .filter(({ sort }) => sorts.includes(sort))
      .map(({ text }) => text)
      .join("");
  }

  /** What may be shown or not: hidden texts, struck texts, and the texts of pictures, each alone where they are few. */
  optional(): TextPiece[][] {
    const inked = this.pieces.filter(({ text }) => inkOf(text) !== "");
    const of = (wanted: Sort) => inked.filter(({ sort }) => sort === wanted);
    const alternatives = of("alternative");
    const pictures = alternatives.length > 4 ? [alternatives] : alternatives.map((piece) => [piece]);
    return [of("hidden"), of("struck"), ...pictures].filter(({ length }) => length > 0);
  }

  /** The plain text with some of the optional pieces. */
  with(optional: readonly TextPiece[]): string {
    return this.pieces
      .filter((piece) => piece.sort === "plain" || optional.includes(piece))
      .map(({ text }) => text)
      .join("");
  }

  #add(sort: Sort, text: string): void {
    this.pieces.push({ sort, text });
  }

  #element(element: Tree.Element, around: Sort): void {
    const { tagName } = element;
    if (NOT_TEXT.has(tagName)) return;
    const sort = sortOf(element, around);
    if (BREAKS.has(tagName)) this.#add(sort, "\n");
    if (tagName === "img") this.#add("alternative", ` ${attribute(element, "alt") ?? ""} `);
    if ((tagName === "sup" || tagName === "sub") && sort === "plain") this.#mark(element);
    const before = this.pieces.length;
    this.read(element, sort);
    // A link without text of its own, around a picture that says nothing, may be shown by its title.
    if (tagName === "a" && !this.pieces.slice(before).some(({ text }) => text.trim() !== ""))
      this.#add("alternative", ` ${attribute(element, "title") ?? ""} `);
    if (BREAKS.has(tagName)) this.#add(sort, "\n");
  }

  #mark(element: Tree.Element): void {
    const [base] = /[\p{L}\p{N}][\p{L}\p{N}.,]*$/u.exec(this.text("plain")) ?? [];
    const inner = new CellText();
    inner.read(element);
    const mark = inner.text("plain").trim();
    if (base && /^[\p{L}\p{N}]/u.test(mark)) this.marks.push({ base, mark });
  }
}

const subsets = <Item>(items: readonly Item[]): Item[][] => {
  const all: Item[][] = [[]];
  for (const item of items) all.push(...all.map((some) => [...some, item]));
  return all;
};

const numberOf = (given: string | undefined, least: number, most: number): number => {
  const value = Number.parseInt(given ?? "", 10);
  return Number.isNaN(value) || value < least ? 1 : Math.min(value, most);
};

const readCell = (element: Tree.Element, row: number, column: number, around: Sort): SourceCell => {
  const text = new CellText();
  text.read(element, sortOf(element, around));
  return {
    row,
    column,
    rows: numberOf(attribute(element, "rowspan"), 0, 65_534),
    columns: numberOf(attribute(element, "colspan"), 1, 1_000),
    isHeader: element.tagName === "th",
    text: text.text("plain").replace(/\s+/g, " ").trim(),
    readings: new Set(subsets(text.optional()).map((pieces) => inkOf(text.with(pieces.flat())))),
    alternative: inkOf(text.text("alternative")),
    hidden: inkOf(text.text("hidden")) === "" ? "" : inkOf(text.text("plain", "hidden")),
    struck: text.pieces.filter(({ sort }) => sort === "struck").map((piece) => piece.text.trim()),
    marks: text.marks,
  };
};

/** Applies the algorithm for forming a table to the rows of one row group after the other. */
class Grid {
  readonly #covering: (SourceCell | undefined)[][] = [];
  readonly cells: SourceCell[] = [];
  readonly #heads: boolean[] = [];

  addGroup(rows: readonly Tree.Element[], isInHead: boolean): void {
    const end = this.#heads.length + rows.length;
    for (const row of rows) this.#addRow(row, this.#heads.push(isInHead) - 1, end);
  }

  rows(): SourceRow[] {
    return this.#heads.map((isInHead, row) => {
      const cells = new Set((this.#covering[row] ?? []).filter((cell) => cell !== undefined));
      return { isInHead, cells: [...cells] };
    });
  }

  get width(): number {
    return this.#covering.reduce((most, { length }) => Math.max(most, length), 0);
  }

  #addRow(element: Tree.Element, row: number, end: number): void {
    let column = 0;
    const around = sortOf(element, "plain");
    for (const child of elements(element)) {
      if (child.tagName !== "td" && child.tagName !== "th") continue;
      const line = this.#line(row);
      while (line[column]) column += 1;
      const cell = readCell(child, row, column, around);
      // Zero means to the end of the row group, and no cell extends beyond it.
      cell.rows = Math.min(cell.rows === 0 ? end : cell.rows, end - row);
      for (let below = row; below < row + cell.rows; below++)
        for (let right = column; right < column + cell.columns; right++) this.#line(below)[right] ??= cell;
      this.cells.push(cell);
      column += cell.columns;
    }
  }

  #line(row: number): (SourceCell | undefined)[] {
    this.#covering[row] ??= [];
    return this.#covering[row];
  }
}

/** Reads the first table of a text. @returns `undefined` without a table */
export const readSource = (html: string): SourceTable | undefined => {
  const table = elements(parseFragment(html)).find(({ tagName }) => tagName === names.TAG_NAMES.TABLE);
  if (!table) return undefined;
  const grid = new Grid();
  const rowsIn = (group: Tree.Element) => elements(group).filter(({ tagName }) => tagName === "tr");
  const groups = elements(table);
  const isFoot = ({ tagName }: Tree.Element) => tagName === "tfoot";
  for (const group of [...groups.filter((each) => !isFoot(each)), ...groups.filter(isFoot)])
    if (["thead", "tbody", "tfoot"].includes(group.tagName))
      grid.addGroup(rowsIn(group), group.tagName === "thead");
  const caption = new CellText();
  for (const each of groups.filter(({ tagName }) => tagName === "caption")) caption.read(each);
  return { rows: grid.rows(), cells: grid.cells, width: grid.width, caption: caption.text("plain").trim() };
};
