import type { SavedChunk, SavedSegment } from "./saved-result.js";

/** What may stand between the parts of a table: the head and foot of a page. */
const FURNITURE = new Set(["PageHeader", "PageFooter", "Header", "Footer"]);

const textOf = (segment: SavedSegment, field: string): string => {
  const value = segment[field];
  return typeof value === "string" ? value : "";
};

const pageOf = (segment: SavedSegment): number => Number(segment["page_number"]);

/** The lines of a table in Markdown: its header, its separator, its rows. */
const linesOf = (segment: SavedSegment): string[] => textOf(segment, "markdown").trim().split("\n");

const cells = (line: string): string[] => line.split("|").map((cell) => cell.trim());

const columnsOf = (segment: SavedSegment): number => cells(linesOf(segment)[0] ?? "").length;

const hasSameHeader = (one: SavedSegment, other: SavedSegment): boolean =>
  cells(linesOf(one)[0] ?? "").join("|") === cells(linesOf(other)[0] ?? "").join("|");

const isTable = (segment: SavedSegment): boolean =>
  segment["segment_type"] === "Table" && /^\|/.test(textOf(segment, "markdown").trim());

const ROW_START = "<tr";
const ROW_END = "</tr>";

/** Puts the rows of one table behind those of another, in HTML as the service writes it. */
const joinHtml = (html: string, next: string, skipHeader: boolean): string => {
  const firstRow = next.indexOf(ROW_START);
  const from = skipHeader ? next.indexOf(ROW_START, firstRow + 1) : firstRow;
  const rows = from < 0 ? "" : next.slice(from, next.lastIndexOf(ROW_END) + ROW_END.length);
  const end = html.lastIndexOf(ROW_END) + ROW_END.length;
  return html.slice(0, end) + rows.replaceAll(/<\/?t(?:head|body)>/g, "") + html.slice(end);
};

const boxOf = (segment: SavedSegment) => ({
  page_number: segment["page_number"],
  page_width: segment["page_width"] ?? null,
  page_height: segment["page_height"] ?? null,
  bbox: segment["bbox"] ?? null,
});

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Makes one table of two. Words stay as they are: relative to the corner of the part they stand in. */
const join = (table: SavedSegment, next: SavedSegment): SavedSegment => {
  const repeats = hasSameHeader(table, next);
  const [header = "", , ...rows] = linesOf(next);
  const words = [...listOf(table["ocr"]), ...listOf(next["ocr"])];
  const boxes = listOf(table["merged_page_bboxes"]);
  const id = textOf(table, "segment_id").replace(/_merged$/, "");
  return {
    ...table,
    segment_id: `${id}_merged`,
    content: [textOf(table, "content"), textOf(next, "content")].filter(Boolean).join("\n"),
    markdown: [...linesOf(table), ...(repeats ? rows : [header, ...rows])].join("\n"),
    html: joinHtml(textOf(table, "html"), textOf(next, "html"), repeats),
    ...(words.length > 0 && { ocr: words }),
    merged_page_bboxes: [...(boxes.length > 0 ? boxes : [boxOf(table)]), boxOf(next)],
  };
};

/**
 * Joins a table with those that go on on the following pages, as `merge_tables=true` does: tables with as many
 * columns and nothing between them but the heads and feet of pages. Holds back the chunks from such a table on.
 */
export class TableMerger {
  #held: SavedChunk[] = [];
  /** The table that may go on, its place in the first held chunk, and the last page it is on. */
  #open: { table: SavedSegment; index: number; page: number } | undefined;

  /** Takes the next chunk. @returns those that are certain */
  add(chunk: SavedChunk): SavedChunk[] {
    const ready: SavedChunk[] = [];
    const current: SavedChunk = { ...chunk, segments: [] };
    let opensHere = false;
    for (const segment of chunk.segments) {
      if (this.#open && isTable(segment) && this.#continues(this.#open, segment)) {
        this.#open.table = join(this.#open.table, segment);
        this.#open.page = pageOf(segment);
        continue;
      }
      const index = current.segments.push(segment) - 1;
      if (FURNITURE.has(textOf(segment, "segment_type"))) continue;
      ready.push(...this.#close(opensHere ? current : undefined));
      opensHere = isTable(segment);
      if (opensHere) this.#open = { table: segment, index, page: pageOf(segment) };
    }
    const wasEmptied = current.segments.length === 0 && chunk.segments.length > 0;
    if (wasEmptied) return ready;
    if (this.#open) this.#held.push(current);
    else ready.push(current);
    return ready;
  }

  /** Gives back what is still held. */
  end(): SavedChunk[] {
    return this.#close(undefined);
  }

  #continues(open: { table: SavedSegment; page: number }, segment: SavedSegment): boolean {
    return pageOf(segment) === open.page + 1 && columnsOf(segment) === columnsOf(open.table);
  }

  /** Puts the table where it began. @param current the chunk it began in, when that is not held yet */
  #close(current: SavedChunk | undefined): SavedChunk[] {
    const open = this.#open;
    this.#open = undefined;
    const held = this.#held;
    this.#held = [];
    const first = current ?? held[0];
    const before = open && first?.segments[open.index];
    if (open && first && before) {
      first.segments[open.index] = open.table;
      const embed = first["embed"];
      if (typeof embed === "string")
        first["embed"] = embed.replace(textOf(before, "markdown"), () => textOf(open.table, "markdown"));
    }
    return held;
  }
}
