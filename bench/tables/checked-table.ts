import type { SegmentDocument } from "../../src/documents/metadata.js";

/** A body cell of a table as its author intended it. */
export interface TrueCell {
  /** Its words; in generated tables no word occurs twice. */
  words: string[];
  /** How many positions it has in the grid of the table; `null` where the author does not say. */
  places: number | null;
  /** Rows it spans. */
  rows: number;
}

/** A table, its contents, and its Documents. */
export interface CheckedTable {
  name: string;
  documents: SegmentDocument[];
  html: string;
  /** Column names that every part must show, empty for unnamed columns. */
  header: string[];
  /** Words of titles, which at least one part must show. */
  titles: string[];
  /** Body rows. */
  rows: TrueCell[][];
}

/** Returns words in the form for comparison, without white space and Markdown escapes. */
export const wordsOf = (text: string): string[] =>
  text
    .replaceAll("\\|", "|")
    .split(/\s+/)
    .filter((word) => word !== "");
