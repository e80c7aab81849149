import type { SplitDocument } from "../../../src/documents/metadata.js";
import { readPart } from "../read-parts.js";
import { inkOf } from "./source-table.js";

/** A line of a part, with its cells as letters and digits. */
export interface ShownLine {
  texts: string[];
  inks: string[];
}

/** A part of a table in the form in which it is shown. */
export interface ShownPart {
  split: SplitDocument;
  /** Column names; none for text that is not a table. */
  header: string[];
  lead: string;
  lines: ShownLine[];
  ink: string;
}

/** Reads a part back from its text. */
export const readShown = (split: SplitDocument): ShownPart => {
  const { header, lead, rows } = readPart(split);
  return {
    split,
    header: (header ?? []).map((name) => name.replaceAll("\\|", "|")),
    lead,
    lines: rows.map((cells) => {
      const texts = cells.map(({ text }) => text.replaceAll("\\|", "|"));
      return { texts, inks: texts.map(inkOf) };
    }),
    ink: inkOf(split.pageContent),
  };
};

/** Lists a name with its groups, and a row with its groups. */
export const piecesOf = (text: string): string[] => text.split(/\s[/›»|>]\s|(?<=\S):\s/);
