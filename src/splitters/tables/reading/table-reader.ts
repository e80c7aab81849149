import { onOtherSheets } from "../../../documents/cell-references.js";
import type { SegmentDocument } from "../../../documents/metadata.js";
import { NO_WORDS, unpackWords } from "../../../documents/packed-words.js";
import { isPageMargin } from "../../../documents/segment-type.js";
import { rowsAdded } from "./continuation.js";
import { tableFromWords } from "./from-words.js";
import { type FoundTables, tablesFromHtml } from "./html.js";
import { tablesFromMarkdown } from "./markdown.js";
import type { TableModel } from "./table-model.js";

/** The rows of a table that are in one segment. */
export interface SegmentRows {
  segment: SegmentDocument;
  /** Its body rows. */
  rows: readonly (readonly string[])[];
}

/** A table of a document: in one segment, or in several if it continues on the next page. */
export interface Table {
  /** Its header is that of the first piece, its rows are those of all. */
  model: TableModel;
  segmentRows: readonly [SegmentRows, ...SegmentRows[]];
  /** Index of its first body row, if other tables are before it in the same segment. */
  firstRow: number;
}

/** The tables that begin in a segment, and the text around them. */
export interface SegmentTables {
  tables: readonly Table[];
  outside: string;
}

/** A table that may continue. */
class OpenTable implements Table {
  readonly firstRow: number;
  readonly model: TableModel & { spanned: Set<number> };
  readonly segmentRows: [SegmentRows, ...SegmentRows[]];

  constructor(segment: SegmentDocument, model: TableModel, firstRow: number) {
    this.firstRow = firstRow;
    this.model = { ...model, rows: [...model.rows], spanned: new Set(model.spanned) };
    this.segmentRows = [{ segment, rows: model.rows }];
  }

  /** Adds a table that continues this one. @returns whether `next` does */
  add(segment: SegmentDocument, next: TableModel): boolean {
    const added = rowsAdded(this.model, next);
    if (!added) return false;
    for (const row of added.spanned) this.model.spanned.add(this.model.rows.length + row);
    for (const row of added.rows) this.model.rows.push(row);
    this.segmentRows.push({ segment, rows: added.rows });
    return true;
  }
}

/**
 * Reads the tables of one document's segments, each once. The first table of a page continues the last one of the page
 * before if only page headers, page footers and segments without text are between. Sheets of a workbook count as pages,
 * but a table of one sheet never continues on another.
 */
export class TableReader {
  readonly #found = new Map<SegmentDocument, SegmentTables>();
  readonly #before = new Map<SegmentDocument, SegmentDocument>();

  constructor(documents: readonly SegmentDocument[]) {
    let last: { table: OpenTable; segment: SegmentDocument } | undefined;
    for (const segment of documents) {
      if (segment.metadata.segment_type !== "Table") {
        if (!mayInterrupt(segment)) last = undefined;
        continue;
      }
      const { tables, outside } = readTables(segment);
      const [first, ...others] = tables;
      const goesOn =
        first && last && isNext(last.segment, segment) && last.table.add(segment, first) ? last : undefined;
      if (goesOn) this.#before.set(segment, goesOn.segment);
      let firstRow = goesOn ? (first?.rows.length ?? 0) : 0;
      const begun = (goesOn ? others : tables).map((model) => {
        const table = new OpenTable(segment, model, firstRow);
        firstRow += model.rows.length;
        return table;
      });
      this.#found.set(segment, { tables: begun, outside });
      const table = begun.at(-1) ?? goesOn?.table;
      last = table && { table, segment };
    }
  }

  tablesOf(document: SegmentDocument): SegmentTables {
    return this.#found.get(document) ?? { tables: [], outside: document.pageContent.trim() };
  }

  /** Finds the segment on the page before whose table this one continues. */
  continues(document: SegmentDocument): SegmentDocument | undefined {
    return this.#before.get(document);
  }
}

/** Finds the last page of a table, which may have been merged over several. */
const lastPage = ({ metadata: { page_number, merged_page_bboxes = [] } }: SegmentDocument): number =>
  merged_page_bboxes.reduce((last, page) => Math.max(last, page.page_number), page_number);

/** Tells whether a segment is on the page after that of a table, and not on another sheet of a workbook. */
const isNext = (table: SegmentDocument, { metadata }: SegmentDocument): boolean =>
  metadata.page_number === lastPage(table) + 1 &&
  !onOtherSheets(table.metadata.cell_references, metadata.cell_references);

/** Tells what may be between two pages of a table: page headers and footers, and segments without text. */
const mayInterrupt = ({ pageContent, metadata: { segment_type } }: SegmentDocument): boolean =>
  isPageMargin(segment_type) || (segment_type !== "Picture" && pageContent.trim() === "");

/** Reads tables from HTML, else from Markdown, else from the positions of words. */
const readTables = ({ pageContent, metadata }: SegmentDocument): FoundTables => {
  const fromHtml = metadata.html ? tablesFromHtml(metadata.html) : undefined;
  if (fromHtml && fromHtml.tables.length > 0) return fromHtml;
  const fromMarkdown = tablesFromMarkdown(pageContent);
  if (fromMarkdown.tables.length > 0) return fromMarkdown;
  const words = unpackWords(metadata.packed_ocr ?? NO_WORDS);
  const fromWords = words.length > 0 && tableFromWords(words, pageContent);
  return fromWords ? { tables: [fromWords], outside: "" } : fromMarkdown;
};
