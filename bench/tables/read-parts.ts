import type { SplitDocument } from "../../src/documents/metadata.js";

/** A part of a table, read back from its text. */
export interface ReadPart {
  split: SplitDocument;
  /** Text above the table. */
  lead: string;
  /** The cells of the header; `undefined` where the part shows no table. */
  header: string[] | undefined;
  /** Body cells, with a mark for those that another part contains too. */
  rows: { text: string; isRepeated: boolean }[][];
}

const cellsOf = (line: string): string[] =>
  line
    .replace(/^\|/, "")
    .replace(/\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** A short name as it is without the ellipsis, if that name ends as the short one does. */
const fullName = (name: string, full = ""): string =>
  name.startsWith("… ") && full.endsWith(name.slice(2).replaceAll("\\|", "|")) ? full : name;

export const readPart = (split: SplitDocument): ReadPart => {
  const lines = split.pageContent.split("\n");
  const rule = lines.findIndex((line) => /^\|(?: --- \|)+$/.test(line));
  const repeated = new Set(split.metadata.repeated_columns);
  const repeatedRows = split.metadata.repeated_rows?.length ?? 0;
  if (rule < 1)
    return { split, lead: "", header: undefined, rows: [[{ text: split.pageContent, isRepeated: false }]] };
  return {
    split,
    lead: lines.slice(0, rule - 1).join("\n"),
    header: cellsOf(lines[rule - 1] ?? "").map((name, column) =>
      fullName(name, split.metadata.header?.[column]),
    ),
    rows: lines.slice(rule + 1).map((line, row) =>
      cellsOf(line).map((text, column) => ({
        text,
        isRepeated: row < repeatedRows || repeated.has(column),
      })),
    ),
  };
};
