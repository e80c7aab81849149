import { embeddingText } from "../../../src/documents/embedding-text.js";
import type { SplitDocument } from "../../../src/documents/metadata.js";

/** What stands between the name of a group and the label of a row; `line` leaves the name on a line of its own. */
export const FORMS = { line: undefined, arrow: " › ", colon: ": " } as const;

export type Form = keyof typeof FORMS;

const cellsOf = (line: string): string[] => line.slice(2, -2).split(" | ");

/** Puts the names of groups before the labels of the rows below them, in the Markdown of a part of a table. */
const withNamesInRows = (markdown: string, levels: ReadonlyMap<string, number>, between: string): string => {
  const lines = markdown.split("\n");
  const border = lines.findIndex((line) => /^\|(?: --- \|)+$/.test(line));
  let open: string[] = [];
  /** Names without a row below them so far, which have no row to stand in. */
  let waiting: string[] = [];
  const written = lines.flatMap((line, index) => {
    if (border < 0 || index <= border || !line.startsWith("| ")) return [line];
    const [label = "", ...others] = cellsOf(line);
    const name = [label, ...others].filter((text) => text !== "");
    const level = name.length === 1 ? levels.get(name[0] ?? "") : undefined;
    if (level !== undefined) {
      open = [...open.slice(0, level), ...name];
      waiting.push(line);
      return [];
    }
    waiting = [];
    const names = open.map((each) => each.replace(/[:：]\s*$/, ""));
    const first = [...names, label].filter((text) => text !== "").join(between);
    return [`| ${[first, ...others].join(" | ")} |`];
  });
  return [...written, ...waiting].join("\n");
};

/** The texts of a split for search by words and by vector, with names of groups in one of the forms. */
export const writeForm = (
  split: SplitDocument,
  levels: ReadonlyMap<string, number>,
  form: Form,
): { lexical: string; embedded: string } => {
  const between = FORMS[form];
  const pageContent =
    between === undefined ? split.pageContent : withNamesInRows(split.pageContent, levels, between);
  // The text has the form already.
  const metadata = { ...split.metadata, row_groups: undefined };
  return { lexical: pageContent, embedded: embeddingText({ pageContent, metadata }) };
};
