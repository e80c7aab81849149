import { type HtmlReader, readHtml } from "../../../internal/markup/html/html.js";
import { InlineWriter } from "../../../internal/markup/inline-writer.js";
import { withStableAddresses } from "../../../internal/markup/markdown.js";
import type { SourceCell, SourceRow } from "./source-rows.js";
import { buildTable, type TableModel } from "./table-model.js";

/** The tables of a text, and the text that stands around them. */
export interface FoundTables {
  tables: TableModel[];
  outside: string;
}

/** Writes the text of a cell on one line. */
export const cellText = (text: string): string =>
  (/\s{2}|[^\S ]/.test(text) ? text.replace(/\s+/g, " ") : text).trim();

type Attributes = Readonly<Record<string, string>>;

const NO_ATTRIBUTES: Attributes = {};

/** Attributes that change nothing about the text of a cell. */
const LAYOUT = new Set("colspan rowspan scope headers align valign width height id".split(" "));

const isLayout = (attributes: Attributes): boolean => {
  for (const name in attributes) if (!LAYOUT.has(name)) return false;
  return true;
};

/** Characters that are not printed, which {@link InlineWriter} takes care of. */
const FORMAT_CHARACTER = /\p{Cf}/u;

const span = (given: string | undefined, least: number): number => {
  if (given === undefined) return 1;
  const value = Number.parseInt(given, 10);
  return Number.isNaN(value) || value < least ? 1 : Math.min(value, 65_534);
};

/** The position of a tag in its table. */
interface TagPosition {
  inHead: boolean;
  inFoot: boolean;
  /** Whether the tag opens a row group. */
  isGroup: boolean;
  row: SourceRow | undefined;
}

const AT_TOP: TagPosition = { inHead: false, inFoot: false, isGroup: false, row: undefined };

/** Builds the rows of one table as its tags are read. */
class TableBuilder {
  readonly #rows: SourceRow[] = [];
  readonly #foot: SourceRow[] = [];
  readonly #captions: string[] = [];
  /** The positions of the table and of each open tag in it. */
  readonly #positions: TagPosition[] = [AT_TOP];
  /** The row of cells outside any row. */
  #loose: SourceRow | undefined;
  /** Row groups so far; rows between two are another. */
  #groups = 0;

  model(): TableModel | undefined {
    return buildTable([...this.#rows, ...this.#foot], this.#captions.join(" ").trim());
  }

  enter(name: string): void {
    const position = this.#position;
    if (name === "tr") {
      this.#loose = undefined;
      this.#positions.push({ ...position, isGroup: false, row: this.#openRow(position) });
    } else if (name === "thead" || name === "tbody" || name === "tfoot") {
      this.#openGroup();
      this.#positions.push({
        inHead: name === "thead",
        inFoot: name === "tfoot",
        isGroup: true,
        row: undefined,
      });
    } else this.#positions.push({ ...position, isGroup: false });
  }

  /** @returns whether this was the end of the table */
  leave(): boolean {
    if (this.#positions.pop()?.isGroup) this.#openGroup();
    return this.#positions.length === 0;
  }

  /** A cell without its text. */
  addCell(isMarked: boolean, attributes: Attributes): SourceCell {
    const position = this.#position;
    const row = position.row ?? this.#loose ?? this.#openRow(position);
    if (!position.row) this.#loose = row;
    const columnSpan = span(attributes["colspan"], 1);
    const isRowName = isMarked && /^row/i.test(attributes["scope"] ?? "");
    const isHeader = isMarked && !isRowName;
    const rowSpan = span(attributes["rowspan"], 0);
    const cell = { text: "", isHeader, isRowName, columnSpan, rowSpan };
    row.cells.push(cell);
    return cell;
  }

  addCaption(text: string): void {
    this.#captions.push(text);
  }

  get #position(): TagPosition {
    return this.#positions.at(-1) ?? AT_TOP;
  }

  #openGroup(): void {
    this.#groups += 1;
    this.#loose = undefined;
  }

  #openRow({ inHead, inFoot }: TagPosition): SourceRow {
    const row: SourceRow = { cells: [], inHead, group: this.#groups };
    (inFoot ? this.#foot : this.#rows).push(row);
    return row;
  }
}

/** Reads the outermost tables; what is nested in their cells is text. */
class TablesReader implements HtmlReader {
  readonly tables: TableModel[] = [];
  readonly #outside = new InlineWriter();
  readonly #inside = new InlineWriter();
  #table: TableBuilder | undefined;
  /** The cell that is open; `undefined` in a caption. */
  #cell: SourceCell | undefined;
  /** Open tags from the cell or caption inwards. */
  #depth = 0;
  /** The text of a cell that has nothing else so far, and needs no writer; `undefined` in other cells. */
  #plain: string | undefined;

  open(name: string, attributes: Attributes): void {
    if (this.#depth > 0) this.#openInside(name, attributes);
    else if (this.#table) {
      if (name === "td" || name === "th") {
        this.#cell = this.#table.addCell(name === "th", attributes);
        this.#plain = "";
        this.#depth = 1;
        if (!isLayout(attributes)) this.#write(attributes);
      } else if (name === "caption") this.#openInside(name, attributes);
      else {
        this.#table.enter(name);
        this.#outside.open(name, attributes);
      }
    } else {
      if (name === "table") this.#table = new TableBuilder();
      this.#outside.open(name, attributes);
    }
  }

  close(name: string): void {
    if (this.#depth > 0) {
      if (this.#plain === undefined) this.#inside.close(name);
      if (--this.#depth === 0) this.#closeText();
      return;
    }
    this.#outside.close(name);
    if (this.#table?.leave()) this.#closeTable(this.#table);
  }

  text(data: string): void {
    if (this.#depth === 0) this.#outside.text(data);
    else if (this.#plain !== undefined && !FORMAT_CHARACTER.test(data)) this.#plain += data;
    else {
      this.#write(NO_ATTRIBUTES);
      this.#inside.text(data);
    }
  }

  found(): FoundTables {
    return { tables: this.tables, outside: withStableAddresses(this.#outside.take()) };
  }

  #openInside(name: string, attributes: Attributes): void {
    this.#write(NO_ATTRIBUTES);
    this.#depth += 1;
    this.#inside.open(name, attributes);
  }

  /** Leaves a cell to the writer. @param attributes of the cell */
  #write(attributes: Attributes): void {
    const text = this.#plain;
    if (text === undefined) return;
    this.#plain = undefined;
    this.#inside.open("td", attributes);
    if (text !== "") this.#inside.text(text);
  }

  #closeText(): void {
    const text = cellText(withStableAddresses(this.#plain ?? this.#inside.take()));
    this.#plain = undefined;
    if (this.#cell) this.#cell.text = text;
    else this.#table?.addCaption(text);
    this.#cell = undefined;
  }

  #closeTable(table: TableBuilder): void {
    const model = table.model();
    if (model) this.tables.push(model);
    this.#table = undefined;
  }
}

/** Reads the outermost tables of an HTML text, and the text outside them. */
export const tablesFromHtml = (html: string): FoundTables => {
  // Rows without a table around them are a table too.
  const whole = /<table[\s>]/i.test(html) ? html : `<table>${html}</table>`;
  return readHtml(whole, () => new TablesReader()).found();
};
