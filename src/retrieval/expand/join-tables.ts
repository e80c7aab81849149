import { escapeCell } from "../../documents/text/table-text.js";
import { sameItems } from "../../internal/lists.js";
import type { StoredSplit } from "./split-reader.js";

/** A part of a table, read from its Markdown. */
interface Part {
  /** Caption and titles above the table. */
  lead: string;
  names: string[];
  rows: { key: string; cells: string[] }[];
  /** Positions of the columns whose text another part has, too. */
  repeated: readonly number[];
  /** Whether it is one row, or a fragment of one, below the names of its groups at most. */
  isOneRow: boolean;
}

const DELIMITER = /^\|(?:\s*:?-+:?\s*\|)+\s*$/;

/** Returns the cells of a line. Pipes in them stay escaped. */
const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** Tells whether a row has one cell, as the name of a group of rows has. */
const isName = (cells: readonly string[]): boolean => cells.filter((text) => text !== "").length < 2;

const lineOf = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/**
 * Reads a part of a table.
 *
 * @param series number of the run of rows that are numbered together
 * @returns `undefined` for a part without the form of a table, such as a fragment of a very long cell
 */
const readPart = ({ content, metadata }: StoredSplit, series: number): Part | undefined => {
  const lines = content.split("\n");
  const at = lines.findIndex((line) => DELIMITER.test(line));
  const head = lines[at - 1];
  if (head === undefined) return undefined;
  const {
    header,
    row_start = 0,
    row_end = row_start,
    part_index,
    repeated_columns = [],
    repeated_rows = [],
  } = metadata;
  const body = lines
    .slice(at + 1)
    .filter((line) => line.startsWith("|"))
    .slice(repeated_rows.length);
  // A part leaves out rows that have no text in its columns, and then the remaining rows cannot be numbered.
  const isNumbered = body.length === row_end - row_start + 1;
  const keyOf = (index: number): string =>
    isNumbered ? `${series}/${row_start + index}` : `${series}/${part_index}.${index}`;
  // The header of the text may have short names.
  const shown = cellsOf(head);
  const rows = body.map((line, index) => ({ key: keyOf(index), cells: cellsOf(line) }));
  return {
    lead: lines
      .slice(0, at - 1)
      .join("\n")
      .trim(),
    names: header?.length === shown.length ? header.map(escapeCell) : shown,
    rows,
    repeated: repeated_columns,
    isOneRow: isNumbered && rows.filter(({ cells }) => !isName(cells)).length <= 1,
  };
};

/** Finds the columns of a part among all columns, in the same order; `undefined` when one of them is missing. */
const columnsIn = (all: readonly string[], some: readonly string[]): number[] | undefined => {
  const columns: number[] = [];
  for (const name of some) {
    const column = all.indexOf(name, (columns.at(-1) ?? -1) + 1);
    if (column < 0) return undefined;
    columns.push(column);
  }
  return columns;
};

/** Joins the parts of a table. */
class JoinedTable {
  readonly #names: string[];
  readonly #rows = new Map<string, string[]>();
  /** Headers of parts, and the indices of their columns in the joined table. */
  readonly #groups: { names: readonly string[]; columns: number[] }[];

  constructor({ names }: Part) {
    this.#names = [...names];
    this.#groups = [{ names, columns: names.map((_, at) => at) }];
  }

  /** Adds a part. @returns false when it belongs to another table */
  add(part: Part): boolean {
    const columns = this.#columnsOf(part);
    if (!columns) return false;
    for (const { key, cells } of part.rows) {
      const row = this.#rows.get(key) ?? [];
      for (const [at, cell] of cells.entries()) {
        const column = columns[at] ?? this.#names.length + at - columns.length;
        const earlier = row[column] ?? "";
        // A long cell is split by its words over several parts; a repeated first column is the same in each.
        row[column] = earlier === "" || earlier === cell ? cell : [earlier, cell].filter(Boolean).join(" ");
      }
      this.#rows.set(key, row);
    }
    return true;
  }

  get markdown(): string {
    const rows = [...this.#rows.values()];
    const width = rows.reduce((most, row) => Math.max(most, row.length), this.#names.length);
    const line = (cells: readonly string[]): string =>
      lineOf(Array.from({ length: width }, (_, at) => cells[at] ?? ""));
    return [line(this.#names), `|${" --- |".repeat(width)}`, ...rows.map(line)].join("\n");
  }

  #columnsOf({ names, rows, isOneRow, repeated }: Part): number[] | undefined {
    const known = this.#groups.find((group) => sameItems(group.names, names));
    if (known) return known.columns;
    const columns = sameItems(this.#names, names) || isOneRow ? columnsIn(this.#names, names) : undefined;
    if (columns) return columns;
    // New columns belong to known rows. A part with unknown rows is another table.
    if (!rows.every(({ key }) => this.#rows.has(key))) return undefined;
    const own = names.findIndex((name, at) => name !== this.#names[at] || (at > 0 && !repeated.includes(at)));
    const repeats = own < 0 ? names.length : own;
    const added = names.slice(repeats);
    const start = this.#names.length;
    this.#names.push(...added);
    const group = { names, columns: names.map((_, at) => (at < repeats ? at : start + at - repeats)) };
    this.#groups.push(group);
    return group.columns;
  }
}

/**
 * Joins the parts of one table into one Markdown table: header once, rows in order, groups of columns side by side,
 * caption and titles above it.
 *
 * @returns caption and titles, the parts without the form of a table, and the table
 */
export const joinTable = (splits: readonly StoredSplit[]): string[] => {
  const indices = new Set(splits.map(({ metadata }) => metadata.part_index));
  const isOneGroup = indices.size === splits.length;
  const ordered = isOneGroup
    ? splits.toSorted((a, b) => a.metadata.part_index - b.metadata.part_index)
    : splits;
  const tables: JoinedTable[] = [];
  const others: string[] = [];
  let lead = "";
  let series = 0;
  let before = -1;
  for (const split of ordered) {
    // A table that continues in another segment may be numbered from 0 again.
    if (split.metadata.part_index <= before) series += 1;
    before = split.metadata.part_index;
    const part = readPart(split, series);
    if (!part) {
      others.push(split.content);
      continue;
    }
    if (part.lead.length > lead.length) lead = part.lead;
    if (tables.at(-1)?.add(part)) continue;
    const table = new JoinedTable(part);
    table.add(part);
    tables.push(table);
  }
  const above = lead === "" || others.includes(lead) ? [] : [lead];
  return [...above, ...others, ...tables.map(({ markdown }) => markdown)];
};
