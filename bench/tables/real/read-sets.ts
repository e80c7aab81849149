import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse, serializeOuter, type DefaultTreeAdapterTypes as Tree } from "parse5";
import { z } from "zod";

/** A table from a set. */
export interface RealTable {
  name: string;
  html: string;
}

/** The tables of one folder. */
export interface RealSet {
  name: string;
  tables: RealTable[];
}

const tokens = z.array(z.string());

/** A line of PubTabNet: the tags of a table and the characters of its cells. */
const pubTabNetSchema = z.object({
  filename: z.string(),
  html: z.object({
    structure: z.object({ tokens }),
    cells: z.array(z.object({ tokens })),
  }),
});

const doclingSchema = z.object({
  schema_name: z.literal("DoclingDocument"),
  tables: z.array(
    z.object({
      data: z.object({
        table_cells: z.array(
          z.object({
            row_span: z.number(),
            col_span: z.number(),
            start_row_offset_idx: z.number(),
            start_col_offset_idx: z.number(),
            text: z.string(),
            column_header: z.boolean(),
            row_header: z.boolean().default(false),
          }),
        ),
      }),
    }),
  ),
});

/** Questions about tables, which are lists of texts. */
const questionsSchema = z.array(
  z.object({
    id: z.string(),
    table: z.object({ headers: z.array(z.string()), rows: z.array(z.array(z.string())) }),
  }),
);

const savedResultSchema = z.object({
  chunks: z.array(
    z.object({ segments: z.array(z.object({ segment_type: z.string(), html: z.string().nullish() })) }),
  ),
});

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const outermostTables = (node: Tree.ParentNode): Tree.Element[] =>
  node.childNodes.flatMap((child): Tree.Element[] => {
    if (!("childNodes" in child)) return [];
    return child.nodeName === "table" && "tagName" in child ? [child] : outermostTables(child);
  });

const tablesOfHtml = (name: string, html: string): RealTable[] =>
  outermostTables(parse(html)).map((table, index) => ({
    name: index === 0 ? name : `${name} #${index + 1}`,
    html: serializeOuter(table),
  }));

const fromPubTabNet = (line: string): RealTable => {
  const { filename, html } = pubTabNetSchema.parse(JSON.parse(line));
  const cells = html.cells.map((cell) => cell.tokens.join(""));
  let next = 0;
  const body = html.structure.tokens.map((tag) => (tag === "</td>" ? `${cells[next++] ?? ""}</td>` : tag));
  return { name: filename, html: `<table>${body.join("")}</table>` };
};

type DoclingTable = z.infer<typeof doclingSchema>["tables"][number];

/** Writes header cells as `<th>` without `<thead>`, and positions that no cell covers as empty cells. */
const fromDocling = ({ data: { table_cells } }: DoclingTable): string => {
  const covered = new Map<number, Map<number, (typeof table_cells)[number]>>();
  let width = 0;
  for (const cell of table_cells) {
    const right = cell.start_col_offset_idx + cell.col_span;
    width = Math.max(width, right);
    for (let row = cell.start_row_offset_idx; row < cell.start_row_offset_idx + cell.row_span; row++) {
      const line = covered.get(row) ?? new Map();
      covered.set(row, line);
      for (let column = cell.start_col_offset_idx; column < right; column++) line.set(column, cell);
    }
  }
  const tagAt = (row: number, column: number): string => {
    const cell = covered.get(row)?.get(column);
    if (!cell) return "<td></td>";
    if (cell.start_row_offset_idx !== row || cell.start_col_offset_idx !== column) return "";
    const tag = cell.column_header || cell.row_header ? "th" : "td";
    return `<${tag} rowspan="${cell.row_span}" colspan="${cell.col_span}">${escaped(cell.text)}</${tag}>`;
  };
  const lines = Array.from({ length: Math.max(-1, ...covered.keys()) + 1 }, (_, row) => {
    const tags = Array.from({ length: width }, (_cell, column) => tagAt(row, column));
    return `<tr>${tags.join("")}</tr>`;
  });
  return `<table>${lines.join("")}</table>`;
};

const fromLists = (rows: readonly (readonly string[])[]): string =>
  `<table>${rows.map((row) => `<tr>${row.map((text) => `<td>${escaped(text)}</td>`).join("")}</tr>`).join("")}</table>`;

const fromJson = (file: string, value: unknown): RealTable[] => {
  const docling = doclingSchema.safeParse(value);
  if (docling.success)
    return docling.data.tables
      .filter(({ data }) => data.table_cells.length > 0)
      .map((table, index) => ({ name: `${file} #${index + 1}`, html: fromDocling(table) }));
  const questions = questionsSchema.safeParse(value);
  if (questions.success)
    return questions.data.map(({ id, table: { headers, rows } }) => ({
      name: `${file} ${id}`,
      html: fromLists([headers, ...rows]),
    }));
  const result = savedResultSchema.safeParse(value);
  if (!result.success) return [];
  const segments = result.data.chunks.flatMap((chunk) => chunk.segments);
  return segments.flatMap(({ html }) => (html && /<table/i.test(html) ? tablesOfHtml(file, html) : []));
};

const tablesOfFile = (directory: string, file: string): RealTable[] => {
  const text = () => readFileSync(path.join(directory, file), "utf8");
  if (/\.html?$/i.test(file)) return tablesOfHtml(file, text());
  if (file.endsWith(".jsonl")) return text().trim().split("\n").map(fromPubTabNet);
  return file.endsWith(".json") ? fromJson(file, JSON.parse(text())) : [];
};

/** Removes tables with equal text. */
const distinct = (tables: readonly RealTable[]): RealTable[] => {
  const seen = new Map<string, RealTable>();
  for (const table of tables) if (!seen.has(table.html)) seen.set(table.html, table);
  return [...seen.values()];
};

/**
 * Reads the tables of a folder, in which each folder is a set: HTML, lines of PubTabNet, documents of Docling, lists of
 * questions with tables, and saved results.
 */
export const readSets = (directory: string): RealSet[] => {
  const entries = readdirSync(directory, { withFileTypes: true }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const own = distinct(files.flatMap((file) => tablesOfFile(directory, file)));
  const below = entries
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readSets(path.join(directory, name)));
  return [{ name: path.basename(directory), tables: own }, ...below].filter(
    ({ tables }) => tables.length > 0,
  );
};
