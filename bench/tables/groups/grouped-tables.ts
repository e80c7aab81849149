import type { SegmentDocument } from "../../../src/documents/metadata.js";
import { isFigure, kindOf } from "../../../src/splitters/tables/figures/figures.js";
import { TableReader } from "../../../src/splitters/tables/reading/table-reader.js";
import { ColumnView } from "../../../src/splitters/tables/splitting/column-view.js";
import { RowGroups } from "../../../src/splitters/tables/splitting/row-groups.js";
import type { Random } from "../../support/random.js";
import { documentsOf } from "../documents.js";
import type { RealTable } from "../real/read-sets.js";

/** A question about one cell of a row that stands below the name of a group. */
export interface GroupQuestion {
  text: string;
  /** The table of the row, and its index among the rows of the body. */
  table: string;
  row: number;
  /** The cell that answers the question. */
  answer: string;
}

/** A table of which some rows name groups. */
export interface GroupedTable {
  documents: SegmentDocument[];
  /** The level of each name of a group, from 0, by its text. */
  levels: ReadonlyMap<string, number>;
  questions: GroupQuestion[];
}

/** A row with a label, the name of the innermost group above it, and a column with a figure. */
interface Candidate {
  row: number;
  label: string;
  group: string;
  column: string;
  answer: string;
}

const MAX_LABEL = 60;

const isLabel = (text: string): boolean =>
  text !== "" && text.length <= MAX_LABEL && !isFigure(kindOf(text)) && /\p{L}/u.test(text);

const questionOf = (table: string, { row, label, group, column, answer }: Candidate): GroupQuestion => ({
  text: `What was ${label} of ${group.replace(/[:：]\s*$/, "")} in ${column}?`,
  table,
  row,
  answer,
});

/**
 * Reads a table, and asks about some of its rows. Rows whose label other groups have, too, come first: only the name of
 * their group tells them apart.
 *
 * @returns `undefined` for a table without rows that name groups
 */
export const groupedTable = (
  { name, html }: RealTable,
  random: Random,
  questions: number,
): GroupedTable | undefined => {
  const documents = documentsOf(name, html);
  const reader = new TableReader(documents);
  const [table, ...others] = documents.flatMap((document) => reader.tablesOf(document).tables);
  if (!table || others.length > 0) return undefined;
  const { names, rows } = table.model;
  const groups = new RowGroups(table.model);
  const view = new ColumnView(
    table.model,
    names.map((_, column) => column),
  );
  const nameOf = (row: number): string => rows[row]?.find((text) => text !== "") ?? "";
  const levels = new Map<string, number>();
  const candidates: Candidate[] = [];
  for (const [row, cells] of rows.entries()) {
    const above = groups.above(view, row).filter((each) => groups.isName(each));
    if (groups.isName(row)) {
      levels.set(nameOf(row), above.length);
      continue;
    }
    const [label = ""] = cells;
    const group = nameOf(above.at(-1) ?? -1);
    const column = cells.findIndex((text, at) => at > 0 && isFigure(kindOf(text)) && names[at]);
    if (isLabel(label) && isLabel(group) && column > 0)
      candidates.push({ row, label, group, column: names[column] ?? "", answer: cells[column] ?? "" });
  }
  const isShared = (one: Candidate): boolean =>
    candidates.some((other) => other.label === one.label && other.group !== one.group);
  random.shuffle(candidates);
  const chosen = candidates.toSorted((a, b) => Number(isShared(b)) - Number(isShared(a)));
  return chosen.length === 0
    ? undefined
    : {
        documents,
        levels,
        questions: chosen.slice(0, questions).map((each) => questionOf(name, each)),
      };
};
