import { embeddingText } from "../../../documents/embedding-text.js";
import { firstAbove } from "../../../internal/lists.js";
import type { DraftMetadata, RowsInSegment, SplitDraft } from "../../split-draft.js";
import { splitAlone } from "../../text/text-splitter.js";
import type { TokenBudget } from "../../token-budget.js";
import type { Table } from "../reading/table-reader.js";
import type { ColumnView } from "./column-view.js";
import type { RepeatedContext } from "./repeated-context.js";
import type { TableBody } from "./row-groups.js";

/** The first and last body row of a split. */
export type RowRange = readonly [number, number];

/** What a split contains that another contains too, and its groups of rows. */
type Repeated = Pick<DraftMetadata, "repeated_columns" | "repeated_rows" | "row_groups">;

/** Puts a text below its caption and titles, if there are any. */
const under = (context: string, text: string): string => (context ? `${context}\n\n${text}` : text);

/** Collects the splits of one table as they are made. */
export class TableParts {
  readonly sectionPath: string[];
  readonly drafts: SplitDraft[] = [];
  readonly #table: Table;
  readonly #metadata: DraftMetadata;
  readonly #budget: TokenBudget;
  readonly #starts: readonly number[];
  #repeatedContext: RepeatedContext = { first: "", rest: "", titles: "", separateTitles: "" };
  #hasTitles = false;
  /** The columns whose names are in a split already. */
  readonly #named = new Set<number>();

  constructor(table: Table, metadata: DraftMetadata, budget: TokenBudget) {
    this.#table = table;
    this.#metadata = metadata;
    this.#budget = budget;
    this.sectionPath = budget.fitPath(table.segmentRows[0].segment.metadata.section_path);
    let next = 0;
    this.#starts = table.segmentRows.map(({ rows }) => {
      const start = next;
      next += rows.length;
      return start;
    });
  }

  /** Sets the text above the splits; titles that fit above none become splits of their own. */
  set repeatedContext(repeatedContext: RepeatedContext) {
    this.#repeatedContext = repeatedContext;
    this.#hasTitles = repeatedContext.titles === "" || repeatedContext.separateTitles !== "";
    this.drafts.push(...this.#splitSeparately(repeatedContext.separateTitles));
  }

  /** The text above the next split. */
  get context(): string {
    return this.drafts.length === 0 ? this.#repeatedContext.first : this.#repeatedContext.rest;
  }

  render(view: ColumnView, { text }: TableBody, context: string): string {
    return under(context, text === "" ? view.head : `${view.head}\n${text}`);
  }

  /** Counts the tokens of a split: the greater of what is shown and what is embedded. */
  tokensOf(view: ColumnView, body: TableBody, context: string): number {
    const pageContent = this.render(view, body, context);
    const table = { header: view.names, row_groups: body.groups };
    const metadata = { ...this.#budget.embedded(this.sectionPath), ...table };
    const embedded = this.#budget.count(embeddingText({ pageContent, metadata }));
    return Math.max(embedded, this.#budget.count(pageContent));
  }

  /**
   * @param rows absent for a header without rows
   * @param repeatedRows the rows above that the body begins with
   */
  add(
    view: ColumnView,
    body: TableBody,
    rows?: RowRange,
    context = this.context,
    repeatedRows: readonly number[] = [],
  ): void {
    this.#hasTitles ||= context !== "";
    for (const column of view.columns) this.#named.add(column);
    const { firstRow } = this.#table;
    const repeated = rows ? this.#repeated(view, rows[0]) : [];
    this.addText(this.render(view, body, context), view.names, rows, {
      ...(repeated.length > 0 && { repeated_columns: repeated }),
      ...(repeatedRows.length > 0 && { repeated_rows: repeatedRows.map((row) => row + firstRow) }),
      ...(body.groups && { row_groups: body.groups }),
    });
  }

  addText(text: string, header: string[], rows?: RowRange, repeated: Repeated = {}): void {
    const { firstRow } = this.#table;
    const held = rows ? this.#rowsOf(rows) : [];
    const [first = this.#table.segmentRows[0], ...others] = held;
    this.drafts.push({
      text,
      segments: [first.segment, ...others.map(({ segment }) => segment)],
      sectionPath: this.sectionPath,
      metadata: {
        ...this.#metadata,
        header,
        ...(rows && { row_start: rows[0] + firstRow, row_end: rows[1] + firstRow }),
        ...repeated,
      },
      ...(held.length > 0 && { rows: held }),
    });
  }

  /**
   * The parts by the segments they begin in, one group of columns after the other within each: retrieval puts groups
   * side by side again in that order. Segments that gave nothing but a repeated header stand with the last, and titles
   * and names for which no part had room after all before the first.
   */
  finish(): SplitDraft[] {
    const startOf = ({ segments: [first] }: SplitDraft): number => first.metadata.segment_index;
    this.drafts.sort((one, two) => startOf(one) - startOf(two));
    const names = this.#table.model.names.filter((name, column) => name !== "" && !this.#named.has(column));
    this.drafts.unshift(...this.#splitSeparately(names.join(" | ")));
    if (!this.#hasTitles) this.drafts.unshift(...this.#splitSeparately(this.#repeatedContext.titles));
    const silent = this.#table.segmentRows.slice(1).filter(({ rows }) => rows.length === 0);
    const last = this.drafts.at(-1);
    if (last && silent.length > 0)
      last.segments = [...last.segments, ...silent.map(({ segment }) => segment)];
    return this.drafts;
  }

  #splitSeparately(text: string): SplitDraft[] {
    const [{ segment }] = this.#table.segmentRows;
    const drafts = splitAlone({ ...segment, pageContent: text }, this.#budget, this.#metadata);
    return drafts.map((draft) => ({ ...draft, segments: [segment] }));
  }

  /** Finds the segments that the rows are in. */
  #rowsOf([from, to]: RowRange): RowsInSegment[] {
    const [begin, end] = [firstAbove(this.#starts, from) - 1, firstAbove(this.#starts, to)];
    return this.#table.segmentRows.slice(begin, end).flatMap(({ segment, rows }, index): RowsInSegment[] => {
      const start = this.#starts[begin + index] ?? 0;
      const [first, last] = [Math.max(from - start, 0), Math.min(to - start, rows.length - 1)];
      return first <= last ? [{ segment, cells: rows, from: first, to: last }] : [];
    });
  }

  /** Lists the columns whose text another split contains too: the key, and cells that span from the split before. */
  #repeated(view: ColumnView, firstRow: number): number[] {
    const cells = view.cells(firstRow);
    const isSpanned = this.#table.model.spanned.has(firstRow);
    const above = isSpanned ? view.cells(firstRow - 1) : [];
    return cells.flatMap((text, index) =>
      view.isRepeated(index) || (isSpanned && text !== "" && text === above[index]) ? [index] : [],
    );
  }
}
