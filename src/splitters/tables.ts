import type { SegmentDocument } from "../documents/metadata.js";
import { type FoundTables, tablesFromHtml } from "./table-html.js";
import { tablesFromMarkdown } from "./table-markdown.js";

/** The tables of one document's segments, each read once. */
export class TableReader {
  readonly #found = new Map<SegmentDocument, FoundTables>();
  readonly #before = new Map<SegmentDocument, SegmentDocument>();

  constructor(documents: readonly SegmentDocument[]) {
    let last: SegmentDocument | undefined;
    for (const document of documents) {
      const { segment_type } = document.metadata;
      if (segment_type === "Table") {
        const found = readTables(document);
        this.#found.set(document, last ? this.#resume(document, found, last) : found);
        last = document;
      } else if (segment_type !== "PageHeader" && segment_type !== "PageFooter") last = undefined;
    }
  }

  tablesOf(document: SegmentDocument): FoundTables {
    return this.#found.get(document) ?? { tables: [], outside: document.pageContent.trim() };
  }

  /** The table that this one goes on with from the page before. */
  continues(document: SegmentDocument): SegmentDocument | undefined {
    return this.#before.get(document);
  }

  /** A table on the next page with the same columns goes on; without names of its own it takes those before it. */
  #resume(document: SegmentDocument, found: FoundTables, last: SegmentDocument): FoundTables {
    const [table] = found.tables;
    const before = this.tablesOf(last).tables.at(-1);
    const isNext = document.metadata.page_number === last.metadata.page_number + 1;
    if (!table || !before || !isNext || table.names.length !== before.names.length) return found;
    const same = table.names.every((name, column) => name === before.names[column]);
    if (!same && table.hasHeader) return found;
    this.#before.set(document, last);
    return {
      ...found,
      tables: found.tables.with(0, { ...table, names: before.names, hasHeader: before.hasHeader }),
    };
  }
}

const readTables = ({ pageContent, metadata }: SegmentDocument): FoundTables => {
  const fromHtml = metadata.html ? tablesFromHtml(metadata.html) : undefined;
  if (fromHtml && fromHtml.tables.length > 0) return fromHtml;
  return tablesFromMarkdown(pageContent);
};
