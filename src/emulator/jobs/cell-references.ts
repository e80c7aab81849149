import type { SavedChunk, SavedSegment } from "./saved-result.js";

/** The name of a column: A to Z, AA, AB and so on. */
const columnName = (index: number): string => {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
};

/** Rows and columns that a segment would take in a sheet: those of a table in Markdown, else one line of one cell. */
const extentOf = (segment: SavedSegment): { rows: number; columns: number } => {
  const { markdown } = segment;
  const lines = typeof markdown === "string" ? markdown.trim().split("\n") : [];
  const [header = ""] = lines;
  if (segment["segment_type"] !== "Table" || !header.startsWith("|")) return { rows: 1, columns: 1 };
  return { rows: Math.max(1, lines.length - 1), columns: Math.max(1, header.split("|").length - 2) };
};

/**
 * Says of each segment which cells of a workbook it may have come from: one sheet for each page, and the segments of a
 * page below each other. A reference that was saved is kept.
 */
export class CellReferences {
  readonly #nextRow = new Map<string, number>();

  add(chunk: SavedChunk): SavedChunk {
    return { ...chunk, segments: chunk.segments.map((segment) => this.#referTo(segment)) };
  }

  #referTo(segment: SavedSegment): SavedSegment {
    if (Array.isArray(segment["cell_references"])) return segment;
    const sheet = `Sheet${segment["page_number"] ?? 1}`;
    const { rows, columns } = extentOf(segment);
    const first = this.#nextRow.get(sheet) ?? 1;
    const last = first + rows - 1;
    this.#nextRow.set(sheet, last + 1);
    const address = rows * columns === 1 ? `A${first}` : `A${first}:${columnName(columns - 1)}${last}`;
    return { ...segment, cell_references: [{ sheet, address, ref: `${sheet}!${address}` }] };
  }
}
