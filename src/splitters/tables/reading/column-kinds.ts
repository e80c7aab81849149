/** The kind of a cell: empty, a figure, a year, a code of some shape such as `9:9`, an address, or words. */
export type Kind = "empty" | "number" | "year" | "text" | `code ${string}`;

/** The kind of most cells of a column. */
export interface ColumnKind {
  /** `mixed` if no kind has enough of the cells. */
  kind: Kind | "mixed";
  /** The one short value of all rows, if there are at least three rows. */
  constant: string | undefined;
  /** The values of its cells. */
  values: ReadonlySet<string>;
}

const NUMBER = /^[\s(+\-–−~<>≈$€£¥]*[.,]?\d[\d\s.,'’]*\s*(?:%|‰|[a-zA-Z€$£¥]{1,3})?\)?$/;
const YEAR = /^\D{0,4}(?:19|20)\d\d(?:\s*[-–/]\s*\d{2,4})?\D{0,2}$/;
const EMPTY = /^(?:[-–—―−.*·?]*|n\/?[ad]\.?|k\.\s?A\.|none|nil)$/i;

/** E-mail and web addresses. */
const ADDRESS = /^(?:\S+@\S+\.\S+|(?:https?:\/\/|www\.)\S+)$/i;

/** The longest text that is a code. */
const MAX_CODE = 24;

/** How many rows are read, which show the kind of a column as well as all of them. */
const SAMPLE = 64;
/** The share of the cells, without empty ones, that must be of one kind. */
const MAJORITY = 0.7;
const MAX_CONSTANT = 8;

const shapeOf = (text: string): string => text.replace(/\p{L}+/gu, "a").replace(/\d+/g, "9");

/** Classifies the text of a cell. */
export const kindOf = (text: string): Kind => {
  if (EMPTY.test(text)) return "empty";
  if (ADDRESS.test(text)) return "code address";
  if (!/\d/.test(text)) return "text";
  if (YEAR.test(text)) return "year";
  if (NUMBER.test(text)) return "number";
  return text.length <= MAX_CODE ? `code ${shapeOf(text)}` : "text";
};

/** Tells whether a kind is that of figures, years included. */
export const isFigure = (kind: ColumnKind["kind"]): boolean => kind === "number" || kind === "year";

/** Tells whether cells of this kind are not words, so that words above them are column names. */
export const isData = (kind: ColumnKind["kind"]): boolean => isFigure(kind) || kind.startsWith("code ");

const columnKind = (texts: readonly string[]): ColumnKind => {
  const counts = new Map<Kind, number>();
  let known = 0;
  for (const text of texts) {
    const kind = kindOf(text);
    if (kind === "empty") continue;
    known += 1;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const values = new Set(texts);
  values.delete("");
  const [first = ""] = texts;
  const isConstant = texts.length > 2 && values.size === 1 && known === texts.length;
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  const enough = most && most[1] >= known * MAJORITY;
  return {
    kind: known === 0 ? "empty" : enough ? most[0] : "mixed",
    constant: isConstant && first.length <= MAX_CONSTANT ? first : undefined,
    values,
  };
};

/** Finds the kinds of the columns of rows of equal length. */
export const columnKinds = (rows: readonly (readonly string[])[], width: number): ColumnKind[] => {
  const sample = rows.slice(0, SAMPLE);
  return Array.from({ length: width }, (_, column) => columnKind(sample.map((row) => row[column] ?? "")));
};
