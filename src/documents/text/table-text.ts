/** A pipe within a cell must not be taken for a border. */
export const escapeCell = (text: string): string => (text.includes("|") ? text.replaceAll("|", "\\|") : text);

/** A line of a Markdown table. Cells hold one line each, without white space around it. */
export const tableLine = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(" | ")} |`;

/** The header of a Markdown table: the column names and the line below them. */
export const tableHead = (names: readonly string[]): string =>
  `${tableLine(names)}\n|${" --- |".repeat(names.length)}`;

/** The fewest words that are worth an ellipsis. */
const LEAST_SHARED = 3;

/** Leaves out the words that a name shares with the name before it. */
const shortName = (name: string, before: string): string => {
  const [words, others] = [name.split(" "), before.split(" ")];
  let shared = 0;
  while (shared < words.length - 1 && words[shared] === others[shared]) shared += 1;
  return shared < LEAST_SHARED ? name : `… ${words.slice(shared).join(" ")}`;
};

/**
 * Shortens column names: an ellipsis stands for the words that a name shares with the one before it.
 *
 * @example
 * ```ts
 * shortNames(["Share of all sites / 2024", "Share of all sites / 2023"]); // ["Share of all sites / 2024", "… 2023"]
 * ```
 */
export const shortNames = (names: readonly string[]): string[] =>
  names.map((name, column) => shortName(name, names[column - 1] ?? ""));

/** The cells of a line that {@link tableLine} wrote. Within cells a pipe is escaped, so ` | ` is always a border. */
const cellsOf = (line: string): string[] =>
  line
    .slice(2, -2)
    .split(" | ")
    .map((cell) => cell.replaceAll("\\|", "|"));

/** What stands between two cells of a row that is embedded. */
const BORDER = " | ";

/**
 * One row as it is embedded: each cell after the name of its column, empty cells left out.
 *
 * @example
 * ```ts
 * rowAsPairs(["Site", "Power"], ["Alder North", "20 MW"]); // "Site: Alder North | Power: 20 MW"
 * ```
 */
const rowAsPairs = (
  names: readonly string[],
  cells: readonly string[],
  short: readonly string[] = names,
): string =>
  cells
    .flatMap((cell, column) => {
      if (cell === "") return [];
      // A short name needs the name that it follows.
      const name = (cells[column - 1] ? short : names)[column];
      return [name ? `${name}: ${cell}` : cell];
    })
    .join(BORDER);

/** What stands between the names of groups, and before the label of a row. */
export const GROUP_BORDER = " › ";

/**
 * Puts the names of groups before the label of a row, or one below the other.
 *
 * @example
 * ```ts
 * inGroup("Assets:", "Cash"); // "Assets › Cash"
 * ```
 */
export const inGroup = (names: string, label: string): string =>
  [names.replace(/\s*[:：]$/u, ""), label].filter((text) => text !== "").join(GROUP_BORDER);

const isFilled = (cell: string): boolean => cell !== "";

/**
 * Puts the names of groups into the rows below them. A line that only names a group is left out.
 *
 * @param groups for each row, the index of the row that names its group, -1 for none
 */
const withNamesInRows = (rows: readonly string[][], groups: readonly number[]): string[][] => {
  const named = new Set(groups);
  const namesBelow: string[] = [];
  for (const [row, above] of groups.entries()) {
    const name = rows[above]?.find(isFilled);
    namesBelow[row] = name === undefined ? "" : inGroup(namesBelow[above] ?? "", name);
  }
  return rows.flatMap((cells, row) => {
    if (named.has(row) && cells.filter(isFilled).length === 1) return [];
    const [label = "", ...others] = cells;
    return [[inGroup(namesBelow[row] ?? "", label), ...others]];
  });
};

/** The names of the columns of a table, and for each line below them the one that names its group, -1 for none. */
export interface TableNames {
  header: readonly string[];
  row_groups?: readonly number[] | undefined;
}

/** A text with a table at its end, read. */
interface TextWithTable {
  /** What stands above the table. */
  lead: string;
  head: string;
  /** The names of the columns as the header shows them. */
  shown: readonly string[];
  rows: readonly string[][];
}

/** Finds a table under a header at the end of a text. */
const findTable = (text: string, head: string): number =>
  text.startsWith(head) ? 0 : text.lastIndexOf(`\n\n${head}`);

/** Reads the table at the end of a text, whose header may have short names. */
const readTable = (text: string, { header, row_groups }: TableNames): TextWithTable | undefined => {
  const full = tableHead(header);
  const isFull = findTable(text, full) >= 0;
  const shown = isFull ? header : shortNames(header);
  const head = isFull ? full : tableHead(shown);
  const at = findTable(text, head);
  if (at < 0) return undefined;
  const lead = text.slice(0, at);
  const [first, ...lines] = text.slice(lead === "" ? head.length : at + 2 + head.length).split("\n");
  // More on the line of the header is another header.
  if (first !== "") return undefined;
  const rows = lines.map(cellsOf);
  const hasGroups = row_groups?.length === rows.length;
  return { lead, head, shown, rows: hasGroups ? withNamesInRows(rows, row_groups) : rows };
};

const below = (lead: string, table: string): string =>
  [lead, table].filter((part) => part !== "").join("\n\n");

/**
 * A text with a Markdown table at its end, the table written as `column: value` pairs, one row a line; a table of
 * names alone as its names. The header may be written with short names. Texts without a table under that header come back as they are.
 */
export const withTableAsPairs = (text: string, names: TableNames): string => {
  const table = readTable(text, names);
  if (!table) return text;
  const { header } = names;
  const pairs = table.rows.map((cells) => rowAsPairs(header, cells, table.shown));
  const body = pairs.length > 0 ? pairs.join("\n") : header.filter(isFilled).join(BORDER);
  return below(table.lead, body);
};

/** A text with a Markdown table at its end, in which each row begins with the names of its groups. */
export const withGroupsInRows = (text: string, names: TableNames): string => {
  const table = names.row_groups ? readTable(text, names) : undefined;
  if (!table) return text;
  return below(table.lead, [table.head, ...table.rows.map(tableLine)].join("\n"));
};
