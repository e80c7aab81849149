import { embeddingText } from "../documents/embedding-text.js";
import type { SegmentDocument } from "../documents/metadata.js";
import type { TokenBudget } from "./budget.js";
import { cutText } from "./cut-text.js";
import type { Draft, DraftMetadata } from "./draft.js";
import { chooseLeads, type Leads, NAME_SHARE, withShortNames } from "./table-frame.js";
import type { TableModel } from "./table-model.js";
import { ColumnView, escapeCell, tableLine, under } from "./table-render.js";
import { splitAlone } from "./text-splitter.js";

/** Room below which a fragment of a cell stands without a table around it. */
const LEAST_FRAGMENT = 8;

/** What joining the lead, the header and a row to the text before each may cost. */
const JOINT = 2;

/**
 * Splits one table into parts of whole rows. Each part opens with the caption and repeats the header.
 *
 * What does not fit gives way in this order: the caption in parts after the first, then in the first too; the
 * width, by groups of columns that each repeat the first column; a row alone, by its columns; a cell, by words.
 */
export class TableSplitter {
  readonly #budget: TokenBudget;
  readonly #segment: SegmentDocument;
  readonly #model: TableModel;
  readonly #metadata: DraftMetadata;
  readonly #firstRow: number;
  readonly #sectionPath: string[];
  readonly #prefixTokens: number;
  readonly #drafts: Draft[] = [];
  #leads: Leads = { first: "", rest: "", apart: "" };

  /** @param firstRow number of the first body row, when tables before it stand in the same segment */
  constructor(
    segment: SegmentDocument,
    model: TableModel,
    metadata: DraftMetadata,
    budget: TokenBudget,
    firstRow = 0,
  ) {
    this.#budget = budget;
    this.#segment = segment;
    this.#model = withShortNames(model, budget);
    this.#metadata = metadata;
    this.#firstRow = firstRow;
    this.#sectionPath = budget.fitPath(segment.metadata.section_path);
    this.#prefixTokens = budget.prefixTokens(this.#sectionPath, "");
  }

  split(): Draft[] {
    const { names, rows } = this.#model;
    const all = new ColumnView(
      this.#model,
      names.map((_, column) => column),
    );
    const lines = rows.map((row) => tableLine(row));
    const tokens = lines.map((line) => this.#budget.count(`${line}\n`));
    this.#placeLeads(all, tokens);
    if (this.#headTokens(all) <= this.#headRoom()) {
      if (rows.length === 0) this.#emit(all, "", undefined);
      else this.#packRows(all, lines, tokens);
      return this.#drafts;
    }
    for (const view of this.#columnGroups(all)) {
      const narrow = rows.map((_, row) => (view.holdsText(row) ? tableLine(view.cells(row)) : ""));
      const counts = narrow.map((line) => this.#budget.count(`${line}\n`));
      if (rows.length === 0) this.#emit(view, "", undefined);
      else this.#packRows(view, narrow, counts);
    }
    return this.#drafts;
  }

  #placeLeads(all: ColumnView, rowTokens: readonly number[]): void {
    const room = this.#budget.size - this.#prefixTokens - 2 * JOINT;
    const sizes = { room, headTokens: this.#headTokens(all), rowTokens };
    this.#leads = chooseLeads(this.#model, this.#metadata.caption?.trim() ?? "", this.#budget, sizes);
    const apart = { ...this.#segment, pageContent: this.#leads.apart };
    for (const draft of splitAlone(apart, this.#budget, this.#metadata))
      this.#drafts.push({ ...draft, segments: [this.#segment] });
  }

  #lead(): string {
    return this.#drafts.length === 0 ? this.#leads.first : this.#leads.rest;
  }

  #headTokens(view: ColumnView): number {
    return this.#budget.count(view.head) + JOINT;
  }

  /** Tokens the header may take, so that rows have room beside it. */
  #headRoom(): number {
    const lead = this.#leads.first.length > this.#leads.rest.length ? this.#leads.first : this.#leads.rest;
    const room = this.#budget.size - this.#prefixTokens - this.#budget.count(lead) - JOINT;
    return Math.max(room * 0.6, 1);
  }

  /** Neighbouring columns whose header fits, each group with the first column before them. */
  #columnGroups(all: ColumnView): ColumnView[] {
    const [key = 0, ...others] = all.columns;
    const room = this.#headRoom();
    const views: ColumnView[] = [];
    let open = new ColumnView(this.#model, [key]);
    for (const column of others) {
      const wider = new ColumnView(
        this.#model,
        [...open.columns, column],
        views.length > 0 ? key : undefined,
      );
      if (open.columns.length === 1 || this.#headTokens(wider) <= room) open = wider;
      else {
        views.push(open);
        open = new ColumnView(this.#model, [key, column], key);
      }
    }
    return [...views, open];
  }

  #render(view: ColumnView, body: string): string {
    return under(this.#lead(), body === "" ? view.head : `${view.head}\n${body}`);
  }

  #embedded(text: string): string {
    return embeddingText({ pageContent: text, metadata: { section_path: this.#sectionPath } });
  }

  /** @param rows the first and last body row */
  #emit(view: ColumnView, body: string, rows: readonly [number, number] | undefined): void {
    this.#draft(this.#render(view, body), view.names, rows);
  }

  #draft(text: string, header: string[], rows: readonly [number, number] | undefined): void {
    const range = rows && { row_start: rows[0] + this.#firstRow, row_end: rows[1] + this.#firstRow };
    this.#drafts.push({
      text,
      segments: [this.#segment],
      sectionPath: this.#sectionPath,
      metadata: { ...this.#metadata, header, ...range },
      ...(rows && {
        rows: [{ segment: this.#segment, cells: this.#model.rows, from: rows[0], to: rows[1] }],
      }),
    });
  }

  #packRows(view: ColumnView, lines: readonly string[], tokens: readonly number[]): void {
    let open: string[] = [];
    let sum = 0;
    let start = 0;
    let end = 0;
    const head = this.#prefixTokens + this.#headTokens(view);
    const [first, rest] = [this.#leads.first, this.#leads.rest].map((lead) =>
      lead ? head + this.#budget.count(lead) + JOINT : head,
    );
    const frame = (): number => (this.#drafts.length === 0 ? first : rest) ?? head;
    const close = () => {
      if (open.length > 0) this.#emit(view, open.join("\n"), [start, end]);
      open = [];
    };
    let around = frame();
    for (const [row, line] of lines.entries()) {
      if (line === "") continue;
      const count = tokens[row] ?? 0;
      const takes = (): boolean =>
        this.#budget.fits(around + sum + count, open.length + 1, () =>
          this.#embedded(this.#render(view, [...open, line].join("\n"))),
        );
      if (open.length > 0 && !takes()) {
        close();
        around = frame();
      }
      if (open.length === 0) {
        sum = 0;
        start = row;
        if (!takes()) {
          this.#splitRow(view, row);
          around = frame();
          continue;
        }
      }
      open.push(line);
      sum += count;
      end = row;
    }
    close();
  }

  #fits(view: ColumnView, row: number): boolean {
    const text = this.#render(view, tableLine(view.cells(row)));
    return this.#budget.count(this.#embedded(text)) <= this.#budget.size;
  }

  /** One row by its columns, the first column repeated. */
  #splitRow(view: ColumnView, row: number): void {
    const cells = this.#model.rows[row] ?? [];
    const [first = 0, ...others] = view.columns;
    const keyIsShort = this.#budget.count(cells[first] ?? "") <= this.#budget.size * NAME_SHARE;
    const key = keyIsShort && others.length > 0 ? [first] : [];
    const rest = (keyIsShort && others.length > 0 ? others : view.columns).filter(
      (column) => cells[column] !== "" && (column !== first || view.repeated !== first),
    );
    let open: number[] = [];
    const viewOf = (columns: readonly number[]) => new ColumnView(this.#model, [...key, ...columns]);
    const close = () => {
      if (open.length > 0) this.#emit(viewOf(open), tableLine(viewOf(open).cells(row)), [row, row]);
      open = [];
    };
    for (const column of rest) {
      if (this.#fits(viewOf([...open, column]), row)) {
        open.push(column);
        continue;
      }
      close();
      if (this.#fits(viewOf([column]), row)) open = [column];
      else this.#cutCell(row, key, column);
    }
    close();
  }

  /** One cell by its words, its name and the key beside it as long as there is room for them. */
  #cutCell(row: number, key: readonly number[], column: number): void {
    const { size, count } = this.#budget;
    const cells = this.#model.rows[row] ?? [];
    const text = cells[column] ?? "";
    for (const columns of key.length > 0 ? [[...key, column], [column]] : [[column]]) {
      const view = new ColumnView(this.#model, columns);
      const line = (part: string): string =>
        tableLine(columns.map((each) => (each === column ? part : (cells[each] ?? ""))));
      // Both leads are tried, because the first part may have the longer one.
      const lead = Math.max(count(this.#leads.first), count(this.#leads.rest)) - count(this.#lead());
      const room = size - lead - count(this.#embedded(this.#render(view, line("")))) - JOINT;
      if (room < LEAST_FRAGMENT) continue;
      const parts = cutText(text, {
        first: room,
        rest: room,
        overlap: 0,
        count: (part) => count(escapeCell(part)),
      });
      for (const { start, end } of parts) this.#emit(view, line(text.slice(start, end).trim()), [row, row]);
      return;
    }
    const room = size - this.#prefixTokens;
    for (const { start, end } of cutText(text, { first: room, rest: room, overlap: 0, count }))
      this.#draft(text.slice(start, end).trim(), [this.#model.names[column] ?? ""], [row, row]);
  }
}
