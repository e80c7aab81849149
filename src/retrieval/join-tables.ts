import type { Piece } from "./pieces.js";

/** A part of a table as its Markdown has it. */
interface Part {
  /** Caption and titles. */
  lead: string;
  names: string[];
  rows: { key: string; cells: string[] }[];
  /** Whether it is no more than one row, or a piece of one. */
  isOneRow: boolean;
}

const DELIMITER = /^\|(?:\s*:?-+:?\s*\|)+\s*$/;

/** Cells as they are written, pipes in them still escaped. */
const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

const lineOf = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/**
 * @param series of rows that are numbered together
 * @returns `undefined` for a part that is not laid out as a table, such as a fragment of a very long cell
 */
const readPart = ({ content, metadata }: Piece, series: number): Part | undefined => {
  const lines = content.split("\n");
  const at = lines.findIndex((line) => DELIMITER.test(line));
  const head = lines[at - 1];
  if (head === undefined) return undefined;
  const body = lines.slice(at + 1).filter((line) => line.startsWith("|"));
  const { row_start = 0, row_end = row_start, part_index } = metadata;
  // Rows without text in the columns of a part are left out of it, and then nobody knows which these are.
  const isNumbered = body.length === row_end - row_start + 1;
  const keyOf = (index: number): string =>
    isNumbered ? `${series}/${row_start + index}` : `${series}/${part_index}.${index}`;
  return {
    lead: lines
      .slice(0, at - 1)
      .join("\n")
      .trim(),
    names: cellsOf(head),
    rows: body.map((line, index) => ({ key: keyOf(index), cells: cellsOf(line) })),
    isOneRow: isNumbered && row_start === row_end,
  };
};

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, at) => name === b[at]);

const placesIn = (all: readonly string[], some: readonly string[]): number[] | undefined => {
  const places: number[] = [];
  for (const name of some) {
    const place = all.indexOf(name, (places.at(-1) ?? -1) + 1);
    if (place < 0) return undefined;
    places.push(place);
  }
  return places;
};

/** A table put together again of its parts. */
class JoinedTable {
  readonly #names: string[];
  readonly #rows = new Map<string, string[]>();
  /** Groups of columns, each as the header of a part, and where its columns stand. */
  readonly #groups: { names: readonly string[]; places: number[] }[];

  constructor({ names }: Part) {
    this.#names = [...names];
    this.#groups = [{ names, places: names.map((_, at) => at) }];
  }

  /** @returns false when the part is of another table */
  add(part: Part): boolean {
    const places = this.#placesOf(part);
    if (!places) return false;
    for (const { key, cells } of part.rows) {
      const row = this.#rows.get(key) ?? [];
      for (const [at, cell] of cells.entries()) {
        const place = places[at] ?? this.#names.length + at - places.length;
        const there = row[place] ?? "";
        // A cell that was cut by its words comes in several parts; a first column that is repeated does not.
        row[place] = there === "" || there === cell ? cell : [there, cell].filter(Boolean).join(" ");
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

  #placesOf({ names, rows, isOneRow }: Part): number[] | undefined {
    const known = this.#groups.find((group) => isSame(group.names, names));
    if (known) return known.places;
    const places = isSame(this.#names, names) || isOneRow ? placesIn(this.#names, names) : undefined;
    if (places) return places;
    // Further columns are of rows that are there already; rows that are not are those of another table.
    if (!rows.every(({ key }) => this.#rows.has(key))) return undefined;
    const repeats = names[0] === this.#names[0];
    const added = repeats ? names.slice(1) : names;
    const start = this.#names.length;
    this.#names.push(...added);
    const group = { names, places: [...(repeats ? [0] : []), ...added.map((_, at) => start + at)] };
    this.#groups.push(group);
    return group.places;
  }
}

/**
 * The parts of one table as one Markdown table: header once, rows in order, groups of columns side by side again,
 * caption and titles above it.
 *
 * @returns the texts that make it up: lead, table, and whatever of the parts is not laid out as a table
 */
export const joinTable = (pieces: readonly Piece[]): string[] => {
  const indices = new Set(pieces.map(({ metadata }) => metadata.part_index));
  const isOneGroup = indices.size === pieces.length;
  const ordered = isOneGroup
    ? pieces.toSorted((a, b) => a.metadata.part_index - b.metadata.part_index)
    : pieces;
  const tables: JoinedTable[] = [];
  const others: string[] = [];
  let lead = "";
  let series = 0;
  let before = -1;
  for (const piece of ordered) {
    // A table that goes on in another segment may be numbered anew.
    if (piece.metadata.part_index <= before) series += 1;
    before = piece.metadata.part_index;
    const part = readPart(piece, series);
    if (!part) {
      others.push(piece.content);
      continue;
    }
    if (part.lead.length > lead.length) lead = part.lead;
    if (tables.at(-1)?.add(part)) continue;
    const table = new JoinedTable(part);
    table.add(part);
    tables.push(table);
  }
  const leads = lead === "" || others.includes(lead) ? [] : [lead];
  return [...leads, ...others, ...tables.map(({ markdown }) => markdown)];
};
