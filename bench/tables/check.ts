import { encode } from "gpt-tokenizer/encoding/cl100k_base";
import { embeddingText } from "../../src/documents/embedding-text.js";
import type { SplitDocument, SplitMetadata } from "../../src/documents/metadata.js";
import { sameItems } from "../../src/internal/lists.js";
import { type CheckedTable, type TrueCell, wordsOf } from "./checked-table.js";
import type { FoundTable } from "./files.js";
import type { Findings } from "./findings.js";
import { type ReadPart, readPart } from "./read-parts.js";

/** Counts tokens with the tokenizer itself, independently of the package. */
const tokensOf = (text: string): number => encode(text, { disallowedSpecial: new Set() }).length;

const named = (header: readonly string[]): string[] =>
  header.filter((name) => name !== "").map((name) => wordsOf(name).join(" "));

const widthOf = (parts: readonly ReadPart[]): number =>
  parts.reduce((most, { header = [] }) => Math.max(most, header.length), 0);

type Rows = Pick<SplitMetadata, "row_start" | "row_end">;

const overlap = (one: Rows, two: Rows): boolean =>
  (one.row_start ?? 0) <= (two.row_end ?? 0) && (two.row_start ?? 0) <= (one.row_end ?? 0);

const isWithin = (some: readonly string[], all: readonly string[]): boolean => {
  let next = 0;
  for (const name of all) if (name === some[next]) next += 1;
  return next === some.length;
};

/**
 * Tells whether a part shows the whole header, or the names of its columns if it shows only some. It shows only some
 * when another part has more columns or the same rows, or when there are more names than columns.
 */
const hasHeader = (
  part: ReadPart,
  header: readonly string[],
  parts: readonly ReadPart[],
  width: number,
): boolean => {
  if (!part.header) return false;
  const expected = named(header);
  const names = named(part.header);
  const own = part.split.metadata;
  const isNarrow =
    part.header.length < Math.max(widthOf(parts), header.length, width) ||
    parts.some(({ split: { metadata } }) => metadata !== own && overlap(metadata, own));
  return isNarrow ? isWithin(names, expected) : sameItems(names, expected);
};

/** Counts the parts without the header they should have; all parts if no part shows one of the names. */
const countWithoutHeader = (parts: readonly ReadPart[], header: readonly string[], width: number): number => {
  const shown = new Set(parts.flatMap((part) => named(part.header ?? [])));
  if (!named(header).every((name) => shown.has(name))) return parts.length;
  return parts.filter((part) => !hasHeader(part, header, parts, width)).length;
};

const countWords = (parts: readonly ReadPart[]): Map<string, { once: number; again: number }> => {
  const counts = new Map<string, { once: number; again: number }>();
  for (const { text, isRepeated } of parts.flatMap(({ rows }) => rows.flat())) {
    for (const word of wordsOf(text)) {
      const count = counts.get(word) ?? { once: 0, again: 0 };
      if (isRepeated) count.again += 1;
      else count.once += 1;
      counts.set(word, count);
    }
  }
  return counts;
};

/** Counts the words of cells that are missing, and those that occur too often. */
const checkWords = (rows: readonly TrueCell[][], parts: readonly ReadPart[]) => {
  const expected = new Map<string, { places: number; isExact: boolean }>();
  for (const { words, places } of rows.flat()) {
    for (const word of words) {
      const known = expected.get(word) ?? { places: 0, isExact: true };
      const isExact = known.isExact && places !== null;
      expected.set(word, { places: known.places + (places ?? 1), isExact });
    }
  }
  const found = countWords(parts);
  let [lost, doubled] = [0, 0];
  for (const [word, { places, isExact }] of expected) {
    const { once, again } = found.get(word) ?? { once: 0, again: 0 };
    if (once + again < places) lost += 1;
    if (isExact && once > places) doubled += 1;
  }
  return { lost, doubled, words: expected.size };
};

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Tells whether a row and the header fit into a part that contains nothing else. */
const fitsAlone = (
  cells: readonly TrueCell[],
  header: readonly string[],
  path: string[],
  size: number,
): boolean => {
  const width = Math.max(header.length, cells.length);
  const texts = cells.flatMap(({ words, places }) =>
    // A cell with an unlimited column span fills the row.
    Array.from({ length: places === null ? width - cells.length + 1 : 1 }, () =>
      words.join(" ").replaceAll("|", "\\|"),
    ),
  );
  const names = Array.from({ length: width }, (_, column) => header[column] ?? "");
  const row = Array.from({ length: width }, (_, column) => texts[column] ?? "");
  const pageContent = `${line(names)}\n|${" --- |".repeat(width)}\n${line(row)}`;
  const embedded = embeddingText({ pageContent, metadata: { section_path: path, header: names } });
  return Math.max(tokensOf(pageContent), tokensOf(embedded)) <= size;
};

/** Finds the parts that contain the words of some cells. */
const holdersOf = (
  parts: readonly ReadPart[],
  counts: (cell: ReadPart["rows"][number][number]) => boolean,
): Map<string, Set<number>> => {
  const holders = new Map<string, Set<number>>();
  for (const [part, { rows }] of parts.entries()) {
    const cells = rows.flat().filter(counts);
    for (const word of cells.flatMap(({ text }) => wordsOf(text))) {
      const holding = holders.get(word) ?? new Set();
      holders.set(word, holding.add(part));
    }
  }
  return holders;
};

/** Counts the rows whose words are in several parts although they fit into one; words that rows share do not count. */
const countCut = (
  rows: readonly TrueCell[][],
  parts: readonly ReadPart[],
  header: readonly string[],
  size: number,
): number => {
  const holders = holdersOf(parts, ({ isRepeated }) => !isRepeated);
  // A part that repeats words contains no piece of the row, unless no other part has those words.
  for (const [word, repeating] of holdersOf(parts, ({ isRepeated }) => isRepeated))
    if (!holders.has(word)) holders.set(word, repeating);
  const uses = new Map<string, number>();
  for (const word of rows.flat().flatMap(({ words }) => words)) uses.set(word, (uses.get(word) ?? 0) + 1);
  const path = parts[0]?.split.metadata.section_path ?? [];
  const hanging = rows.map((row) => row.filter((cell) => cell.rows > 1));
  return rows.filter((row, index) => {
    const own = row.filter((cell) => cell.rows === 1).flatMap(({ words }) => words);
    const places = own
      .filter((word) => uses.get(word) === 1)
      .map((word) => [...(holders.get(word) ?? [])].join(" "));
    if (new Set(places).size < 2) return false;
    const above = hanging
      .slice(0, index)
      .flatMap((cells, from) => cells.filter((cell) => from + cell.rows > index));
    return fitsAlone([...above, ...row], header, path, size);
  }).length;
};

/**
 * Compares the splits of a table with the expectations of its author.
 *
 * @param columns the names of all columns of the uncut table, which rows with an extra cell make wider
 */
export const checkTable = (
  table: CheckedTable,
  splits: readonly SplitDocument[],
  size: number,
  columns: readonly string[] = table.header,
): Findings => {
  const parts = splits.filter(({ metadata }) => metadata.segment_type === "Table").map(readPart);
  // Titles that fit above no part are a separate part, which does not count as one of the table.
  const ofTable = parts.filter(({ split }) => split.metadata.header !== undefined);
  const headerMissing = countWithoutHeader(ofTable, table.header, columns.length);
  const exceeded = splits.filter(
    (split) => Math.max(tokensOf(embeddingText(split)), tokensOf(split.pageContent)) > size,
  ).length;
  const shown = new Set(splits.flatMap(({ pageContent }) => wordsOf(pageContent)));
  const words = checkWords(table.rows, ofTable);
  const findings = {
    ...words,
    lost: words.lost + table.titles.filter((word) => !shown.has(word)).length,
    headerMissing,
    exceeded,
    rowsCut: countCut(table.rows, ofTable, columns, size),
  };
  const { lost, doubled, rowsCut } = findings;
  const isFaulty = headerMissing + exceeded + lost + doubled + rowsCut > 0;
  return {
    ...findings,
    tables: 1,
    parts: ofTable.length,
    rows: table.rows.length,
    faults: isFaulty ? [`${table.name}, budget ${size}: ${JSON.stringify(findings)}`] : [],
  };
};

/**
 * Divides a table from a file into header and body. The header consists of the rows marked as header, from the top, and
 * of unmarked rows above or below them if every part shows all of their words.
 *
 * @param whole the splits of the table within a budget that does not cut it
 */
export const withHeaderFound = (table: FoundTable, whole: readonly SplitDocument[]): CheckedTable => {
  const parts = whole.filter(({ metadata }) => metadata.header !== undefined).map(readPart);
  const frames = parts.map(
    ({ lead, header = [] }) => new Set([...wordsOf(lead), ...header.flatMap(wordsOf)]),
  );
  const apart = whole.filter(({ metadata }) => metadata.header === undefined);
  const titles = new Set(apart.flatMap(({ pageContent }) => wordsOf(pageContent)));
  const isFrame = (cells: readonly TrueCell[]): boolean => {
    const words = cells.flatMap((cell) => cell.words);
    return (
      words.length > 0 && words.every((word) => titles.has(word) || frames.every((frame) => frame.has(word)))
    );
  };
  const marked = table.rows.findLastIndex(({ isMarked }, row) => isMarked && row < 8) + 1;
  let end = 0;
  while (end < marked || isFrame(table.rows[end]?.cells ?? [])) end += 1;
  const shown = table.rows.slice(0, marked).filter(({ isMarked }) => isMarked);
  const isComplete = shown.every(
    ({ cells }) => isFrame(cells) || cells.every(({ words }) => words.length === 0),
  );
  return {
    ...table,
    // If a part lacks the marked header, no part has what is expected.
    header: isComplete ? (parts[0]?.header ?? []) : ["(the marked header)"],
    titles: [],
    rows: table.rows.slice(end).map(({ cells }) => cells),
  };
};
