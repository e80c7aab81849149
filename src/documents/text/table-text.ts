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

/** Finds a table under a header at the end of a text. */
const findTable = (text: string, head: string): number =>
  text.startsWith(head) ? 0 : text.lastIndexOf(`\n\n${head}`);

/**
 * A text with a Markdown table at its end, the table written as `column: value` pairs, one row a line; a table of
 * names alone as its names. The header may be written with short names. Texts without a table under that header come back as they are.
 *
 * @param header the names of the columns of the table
 */
export const withTableAsPairs = (text: string, header: readonly string[]): string => {
  const full = tableHead(header);
  const isFull = findTable(text, full) >= 0;
  const short = isFull ? header : shortNames(header);
  const head = isFull ? full : tableHead(short);
  const at = findTable(text, head);
  if (at < 0) return text;
  const lead = text.slice(0, at);
  const [first, ...rows] = text.slice(lead === "" ? head.length : at + 2 + head.length).split("\n");
  // More on the line of the header is another header.
  if (first !== "") return text;
  const pairs = rows.map((line) => rowAsPairs(header, cellsOf(line), short));
  const body = rows.length > 0 ? pairs.join("\n") : header.filter((name) => name !== "").join(BORDER);
  return [lead, body].filter((part) => part !== "").join("\n\n");
};
