/** A block of an authored document, in reading order. */
export type TextBlock =
  | { kind: "heading"; level: number; text: string }
  | { kind: "text" | "list" | "caption" | "formula" | "footnote"; text: string };
export type PictureBlock = { kind: "picture"; description: string; words: string };
export type TableBlock = { kind: "table"; header: string[]; rows: string[][] };
export type Block = TextBlock | PictureBlock | TableBlock;

export type PlacedBlock = Block & {
  /** Whether it has the full width of the page. */
  wide: boolean;
};

/** An authored document: the layout of its pages, and their contents. */
export interface Source {
  file: string;
  head: string;
  foot: string;
  columns: number;
  /** Seed of everything that is drawn: ids, confidences, ends of chunks. */
  seed: number;
  blocks: PlacedBlock[];
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());

const toTable = (lines: readonly string[]): Block => {
  const [header = "", , ...rows] = lines;
  return { kind: "table", header: cellsOf(header), rows: rows.map(cellsOf) };
};

/** In the languages of the documents: English, German, French, Spanish, Chinese. */
const CAPTION = /^(?:Table|Figure|Tabelle|Tableau|Tabla|表) [\w.]+ ?[:：]/;

const toBlock = (paragraph: string): Block => {
  const lines = paragraph.split("\n");
  const text = lines.map((line) => line.trim()).join(" ");
  if (lines.every((line) => line.startsWith("|"))) return toTable(lines);
  const heading = /^(#{1,6})\s+(.*)$/.exec(text);
  if (heading?.[1] && heading[2]) return { kind: "heading", level: heading[1].length, text: heading[2] };
  const picture = /^!\[(.*)\]\((.*)\)$/.exec(text);
  if (picture) return { kind: "picture", description: picture[1] ?? "", words: picture[2] ?? "" };
  const formula = /^\$\$(.*)\$\$$/.exec(text);
  if (formula?.[1]) return { kind: "formula", text: formula[1].trim() };
  const footnote = /^\[\^(\w+)\]:\s+(.*)$/.exec(text);
  if (footnote) return { kind: "footnote", text: `${footnote[1]} ${footnote[2]}` };
  if (CAPTION.test(text)) return { kind: "caption", text };
  if (/^(?:- |\([a-z]{1,4}\) )/.test(text)) return { kind: "list", text };
  return { kind: "text", text };
};

const readSettings = (text: string): Map<string, string> =>
  new Map(
    text.split("\n").flatMap((line) => {
      const [, key, value] = /^(\w+):\s*(.*)$/.exec(line) ?? [];
      return key !== undefined && value !== undefined ? [[key, value] as const] : [];
    }),
  );

/**
 * Reads an authored document: settings between two lines of `---`, then blocks with blank lines between them, written
 * as in Markdown. `Table 1: …` and `Figure 1: …` are captions, `(a) …` is a list item, `$$…$$` a formula, `[^1]: …` a
 * footnote of the page it falls on, `![description](words in it)` a picture; a line of `<wide>` before a block gives it
 * the full width.
 *
 * @throws Error when the settings are missing
 */
export const readSource = (text: string): Source => {
  const [, settingsText, body] = /^---\n(.*?)\n---\n(.*)$/s.exec(text) ?? [];
  if (settingsText === undefined || body === undefined) {
    throw new Error("an authored document begins with its settings between two lines of ---");
  }
  const settings = readSettings(settingsText);
  const blocks = body
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== "")
    .map((paragraph): PlacedBlock => {
      const wide = paragraph.startsWith("<wide>");
      return { ...toBlock(wide ? paragraph.slice("<wide>".length).trim() : paragraph), wide };
    });
  return {
    file: settings.get("file") ?? "document.pdf",
    head: settings.get("head") ?? "",
    foot: settings.get("foot") ?? "",
    columns: Number(settings.get("columns") ?? 1),
    seed: Number(settings.get("seed") ?? 1),
    blocks,
  };
};
