/** A pipe within a cell must not be taken for a border. */
export const escapeCell = (text: string): string => (text.includes("|") ? text.replaceAll("|", "\\|") : text);

/** A line of a Markdown table. Cells hold one line each, without white space around it. */
export const tableLine = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(" | ")} |`;

/** The header of a Markdown table: the column names and the line below them. */
export const tableHead = (names: readonly string[]): string =>
  `${tableLine(names)}\n|${" --- |".repeat(names.length)}`;

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
const rowAsPairs = (names: readonly string[], cells: readonly string[]): string =>
  cells
    .flatMap((cell, column) => (cell === "" ? [] : [names[column] ? `${names[column]}: ${cell}` : cell]))
    .join(BORDER);

/**
 * A text with a Markdown table at its end, the table written as `column: value` pairs, one row a line; a table of
 * names alone as its names. Texts without a table under that header come back as they are.
 *
 * @param header the names of the columns of the table
 */
export const withTableAsPairs = (text: string, header: readonly string[]): string => {
  const head = tableHead(header);
  const at = text.startsWith(head) ? 0 : text.lastIndexOf(`\n\n${head}`);
  if (at < 0) return text;
  const lead = text.slice(0, at);
  const [first, ...rows] = text.slice(lead === "" ? head.length : at + 2 + head.length).split("\n");
  // More on the line of the header is another header.
  if (first !== "") return text;
  const pairs = rows.map((line) => rowAsPairs(header, cellsOf(line)));
  const body = rows.length > 0 ? pairs.join("\n") : header.filter((name) => name !== "").join(BORDER);
  return [lead, body].filter((part) => part !== "").join("\n\n");
};
