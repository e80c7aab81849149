import type { SegmentDocument } from "../../src/documents/metadata.js";

/** A cell of the body of a table as its author meant it. */
export interface TrueCell {
  /** Its words; in generated tables no word occurs twice. */
  words: string[];
  /** In how many places a grid of the table shows it; `null` where the author does not say. */
  places: number | null;
  /** Rows it spans. */
  rows: number;
}

/** A table, what it holds, and the Documents it comes in. */
export interface CheckedTable {
  name: string;
  documents: SegmentDocument[];
  html: string;
  /** The column names that every part must show, empty for unnamed columns. */
  header: string[];
  /** Words of titles, which some part or other must show. */
  titles: string[];
  /** Body rows. */
  rows: TrueCell[][];
}

/** Words as they are compared: white space and escapes of Markdown aside. */
export const wordsOf = (text: string): string[] =>
  text
    .replaceAll("\\|", "|")
    .split(/\s+/)
    .filter((word) => word !== "");
