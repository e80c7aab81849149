import { firstSegment, type Piece } from "./pieces.js";

/** A part of a table as its Markdown has it. */
interface Part {
  /** Caption and titles. */
  lead: string;
  names: string[];
  rows: { key: string; cells: string[] }[];
  /** Whether it is a piece of a single row. */
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

/** @returns `undefined` for a part that is not laid out as a table, such as a fragment of a very long cell */
const readPart = (piece: Piece): Part | undefined => {
  const lines = piece.content.split("\n");
  const at = lines.findIndex((line) => DELIMITER.test(line));
  const head = lines[at - 1];
  if (head === undefined) return undefined;
  const body = lines.slice(at + 1).filter((line) => line.startsWith("|"));
  const { row_start = 0, row_end = row_start } = piece.metadata;
  const numbered = body.length === row_end - row_start + 1;
  const keyOf = (index: number): string =>
    `${firstSegment(piece)}/${numbered ? row_start + index : `${piece.metadata.part_index}.${index}`}`;
  return {
    lead: lines
      .slice(0, at - 1)
      .join("\n")
      .trim(),
    names: cellsOf(head),
    rows: body.map((line, index) => ({ key: keyOf(index), cells: cellsOf(line) })),
    isOneRow: numbered && row_start === row_end,
  };
};

const positionsIn = (all: readonly string[], some: readonly string[]): number[] | undefined => {
  const positions: number[] = [];
  for (const name of some) {
    const position = all.indexOf(name, (positions.at(-1) ?? -1) + 1);
    if (position < 0) return undefined;
    positions.push(position);
  }
  return positions;
};

/** A table put together again of its parts. */
class JoinedTable {
  #names: string[] = [];
  readonly #rows = new Map<string, string[]>();

  add({ names, rows, isOneRow }: Part): void {
    const places = this.#place(names, isOneRow);
    for (const { key, cells } of rows) {
      const row = this.#rows.get(key) ?? [];
      for (const [index, cell] of cells.entries()) {
        const place = places[index] ?? this.#names.length + index - places.length;
        const there = row[place] ?? "";
        // A cell that was cut by its words comes in several parts; a repeated first column does not.
        row[place] = there === "" || there === cell ? cell : cell === "" ? there : `${there} ${cell}`;
      }
      this.#rows.set(key, row);
    }
  }

  get markdown(): string {
    const rows = [...this.#rows.values()];
    const width = rows.reduce((most, row) => Math.max(most, row.length), this.#names.length);
    const line = (cells: readonly string[]) =>
      lineOf(Array.from({ length: width }, (_, at) => cells[at] ?? ""));
    return [line(this.#names), `|${" --- |".repeat(width)}`, ...rows.map(line)].join("\n");
  }

  /** Where the columns of a part belong. Those of a further group of columns are new, their first one excepted. */
  #place(names: readonly string[], isOneRow: boolean): number[] {
    const same = names.length === this.#names.length && names.every((name, at) => name === this.#names[at]);
    const known = same || isOneRow ? positionsIn(this.#names, names) : undefined;
    if (known) return known;
    const group = this.#groups.find((one) => one.names.join("\n") === names.join("\n"));
    if (group) return group.places;
    const repeats = this.#names.length > 0 && names[0] === this.#names[0];
    const added = repeats ? names.slice(1) : names;
    const start = this.#names.length;
    this.#names.push(...added);
    const places = [...(repeats ? [0] : []), ...added.map((_, index) => start + index)];
    this.#groups.push({ names, places });
    return places;
  }

  readonly #groups: { names: readonly string[]; places: number[] }[] = [];
}

/**
 * The parts of one table as one Markdown table: header once, rows in order, groups of columns side by side again, and
 * caption and titles above it.
 *
 * @returns the texts that make it up: the table, and whatever of the parts is not laid out as one
 */
export const joinTable = (pieces: readonly Piece[]): string[] => {
  const table = new JoinedTable();
  let lead = "";
  const others: string[] = [];
  let isEmpty = true;
  for (const piece of pieces) {
    const part = readPart(piece);
    if (!part) {
      others.push(piece.content);
      continue;
    }
    isEmpty = false;
    if (part.lead.length > lead.length) lead = part.lead;
    table.add(part);
  }
  if (isEmpty) return others;
  return [...(others.includes(lead) || lead === "" ? [] : [lead]), ...others, table.markdown];
};
