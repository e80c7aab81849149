import { countUpwards, isBareFigure, isFigure } from "./figures.js";
import { piecesOf, type ShownPart } from "./shown-table.js";
import type { SourceIndex } from "./source-index.js";
import { inkOf, type SourceCell } from "./source-table.js";

/** Faults of one kind, one sentence each. */
export type Faults<Kind extends string> = Record<Kind, string[]>;

export const STRUCTURE = {
  lost: "cells not shown",
  alternatives: "cells of which only a picture speaks, not shown",
  mixed: "lines of cells of several rows",
  twice: "cells twice in a line",
  repeated: "lines more often than rows",
  torn: "tables in several parts without need",
  data: "rows of data in the header",
  swallowed: "rows below a marked header taken into it",
  titled: "titles taken for the name of one column",
  figures: "tables with figures as names",
  nameless: "tables without names though the first row looks like them",
  marked: "marked header rows shown as body",
  unnamed: "full columns without a name",
  shifted: "of these beside a name over an empty column",
  markup: "markup or entities left",
  glued: "figures with a mark run into them",
  struck: "struck texts shown like others",
  hidden: "hidden texts shown",
} as const;

export type StructureKind = keyof typeof STRUCTURE;

const FULL = 0.6;
const EMPTY = 0.2;

const TAG =
  /<\/?(?:sup|sub|b|i|u|em|strong|a|span|div|p|br|td|tr|th|table|font|small|del|ins|s|strike|img|center|math|m(?:row|frac|i|o|n|sup|sub))(?:\s[^>]*)?\/?>/i;
const ENTITY = /&(?:[a-z]{2,8}|#\d+|#x[\da-f]+);/i;

const add = (counts: Map<string, number>, key: string, count = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + count);
};

const first = <Item>(items: Iterable<Item>): Item | undefined => {
  for (const item of items) return item;
  return undefined;
};

const countPieces = (texts: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const pieces = piecesOf(text);
    add(counts, inkOf(text));
    if (pieces.length > 1) for (const piece of pieces) add(counts, inkOf(piece));
  }
  return counts;
};

/** Counts how often cells are shown, by their letters and digits. */
const countShown = (parts: readonly ShownPart[]): Map<string, number> =>
  countPieces(parts.flatMap(({ lines }) => lines.flatMap((line) => line.texts)));

const namesIn = (parts: readonly ShownPart[]): Set<string> =>
  new Set(
    parts.flatMap(({ header, lead }) =>
      [...header, ...lead.split("\n")].flatMap((text) => [inkOf(text), ...piecesOf(text).map(inkOf)]),
    ),
  );

/** Tells whether the words of a cell are shown in order, as those of a cell that several parts share. */
const hasWordsInOrder = ({ text }: SourceCell, ink: string): boolean => {
  // Scripts without spaces may be cut anywhere.
  const words = (text.match(/[\p{Lo}]|[^\P{L}\p{Lo}]+|\p{N}+/gu) ?? []).map(inkOf);
  let from = 0;
  return (
    words.length > 1 &&
    words.every((word) => {
      const place = ink.indexOf(word, from);
      from = place + word.length;
      return place >= 0;
    })
  );
};

/** Matches a reference to a note in square brackets. */
const NOTE = /\[[^[\]]{1,6}\]$/;

/** Finds cells that are shown neither whole nor, if they are long, in pieces. */
export const findLost = (index: SourceIndex, parts: readonly ShownPart[]): SourceCell[] => {
  const shown = countShown(parts);
  const names = namesIn(parts);
  const ink = parts.map((part) => part.ink).join("");
  const rowsSeen = new Set<string>();
  const cells = new Set<SourceCell>();
  for (const row of index.table.rows) {
    // A row with the text of another row need not be shown again, nor a header repeated without its notes.
    const key = row.cells
      .map((cell) => inkOf(cell.isHeader ? cell.text.replace(NOTE, "") : cell.text))
      .join("|");
    if (!rowsSeen.has(key)) for (const cell of row.cells) cells.add(cell);
    rowsSeen.add(key);
  }
  return [...cells].filter((cell) => {
    if (inkOf(cell.text) === "") return false;
    // The longest first, so that it does not use the text of another cell.
    const readings = [...cell.readings].toSorted((a, b) => b.length - a.length);
    if (readings.some((reading) => names.has(reading))) return false;
    const whole = readings.find((reading) => (shown.get(reading) ?? 0) > 0);
    if (whole !== undefined) {
      shown.set(whole, (shown.get(whole) ?? 0) - 1);
      return false;
    }
    return (
      !readings.some((reading) => reading.length > 3 && ink.includes(reading)) && !hasWordsInOrder(cell, ink)
    );
  });
};

const findLines = (index: SourceIndex, parts: readonly ShownPart[]) => {
  const faults: Faults<"mixed" | "twice" | "repeated"> = { mixed: [], twice: [], repeated: [] };
  const seen = new Map<string, { count: number; text: string }>();
  for (const { lines } of parts)
    for (const { inks, texts } of lines) {
      const { rows, known } = index.rowsWith(inks);
      if (rows?.size === 0 && known > 1) faults.mixed.push(texts.join(" | "));
      if (rows && rows.size > 0)
        for (const ink of new Set(inks)) {
          if (ink === "") continue;
          const shown = inks.filter((each) => each === ink).length;
          const allowed = Math.max(...[...rows].map((row) => index.countIn(row, ink)));
          if (allowed > 0 && shown > allowed) faults.twice.push(texts.join(" | "));
        }
      const filled = inks.filter((ink) => ink !== "");
      if (filled.length < 2) continue;
      const key = filled.toSorted().join(" ");
      const known2 = seen.get(key) ?? { count: 0, text: texts.join(" | ") };
      seen.set(key, { ...known2, count: known2.count + 1 });
    }
  const rows = new Map<string, number>();
  for (const { cells } of index.table.rows) {
    const inks = cells.map((cell) => first(cell.readings) ?? "").filter((ink) => ink !== "");
    add(rows, inks.toSorted().join(" "));
  }
  for (const [key, { count, text }] of seen) {
    const most = rows.get(key);
    if (most !== undefined && count > most) faults.repeated.push(text);
  }
  return faults;
};

const isNamed = (cell: SourceCell, names: ReadonlySet<string>): boolean =>
  [...cell.readings].some((reading) => names.has(reading));

/**
 * Finds rows directly below a marked header that were added to it: rows with text under names of one column, which need
 * nothing below them, and rows of the whole width.
 */
const findSwallowed = (index: SourceIndex, pieces: ReadonlySet<string>): string[] => {
  const { rows, width } = index.table;
  const filled = rows.map(({ cells }) => cells.filter(({ text }) => inkOf(text) !== ""));
  const isMarked = (row: number) => (filled[row] ?? []).every((cell) => cell.isHeader) || rows[row]?.isInHead;
  const first = rows.findIndex((_, row) => (filled[row]?.length ?? 0) > 0 && !isMarked(row));
  const above = filled[first - 1] ?? [];
  const own = (filled[first] ?? []).filter((cell) => cell.row === first);
  if (above.length < 2 || own.length === 0) return [];
  const isSingle = (column: number) =>
    above.some((name) => name.column === column && name.columns === 1 && name.row + name.rows === first);
  const under = own.filter(({ column, columns }) => columns === 1 && isSingle(column));
  const isOverall = own.length === 1 && own.every(({ columns }) => columns >= width - 1);
  const isBody = isOverall || under.length * 2 > width;
  return isBody && own.every((cell) => isNamed(cell, pieces))
    ? [own.map(({ text }) => text).join(" | ")]
    : [];
};

/** Finds titles that are alone in their row, above names, and became part of the name below them. */
const findTitled = (index: SourceIndex, header: readonly string[]): string[] => {
  const filled = index.table.rows.map(({ cells }) => cells.filter(({ text }) => inkOf(text) !== ""));
  const named = header.filter((name) => name !== "");
  return filled.slice(0, 3).flatMap((cells, row) => {
    const [title] = cells;
    const isTitle = cells.length === 1 && title?.columns === 1 && title.column > 0 && title.row === row;
    const isAboveNames =
      (filled[row + 1]?.length ?? 0) > 1 && filled.slice(0, row).every((each) => each.length < 2);
    if (!isTitle || !isAboveNames) return [];
    const holders = named.filter((name) => {
      const pieces = piecesOf(name).map(inkOf);
      return pieces.length > 1 && [...title.readings].some((reading) => pieces.includes(reading));
    });
    return holders.length === 1 && named.length > 2 ? [`${title.text} in ${header.join(" | ")}`] : [];
  });
};

const findHeaderFaults = (index: SourceIndex, parts: readonly ShownPart[]) => {
  const names = namesIn(parts);
  const header = parts.flatMap((part) => part.header);
  const faults: Faults<"data" | "swallowed" | "titled" | "figures" | "nameless" | "marked"> = {
    data: [],
    swallowed: findSwallowed(
      index,
      new Set(header.flatMap((name) => [inkOf(name), ...piecesOf(name).map(inkOf)])),
    ),
    titled: findTitled(index, parts[0]?.header ?? []),
    figures: [],
    nameless: [],
    marked: [],
  };
  const { rows, width } = index.table;
  const filled = rows.map((row) => row.cells.filter(({ text }) => inkOf(text) !== ""));
  const told = rows.map(
    ({ isInHead }, row) => isInHead || (filled[row] ?? []).every((cell) => cell.isHeader),
  );
  for (const [row, cells] of filled.slice(0, 8).entries()) {
    const data = cells.filter(({ text, column }) => column > 0 && isFigure(text));
    const isCount = countUpwards(data.map(({ text }) => text));
    if (told[row] || isCount || data.length * 2 < cells.length || cells.length < 2) continue;
    if (cells.every((cell) => isNamed(cell, names) && cell.row === row)) {
      const text = cells.map((cell) => cell.text).join(" | ");
      const isShown = parts.some(({ lines }) =>
        lines.some(({ inks }) =>
          cells.every((cell) => [...cell.readings].some((each) => inks.includes(each))),
        ),
      );
      if (!isShown) faults.data.push(text);
    }
  }
  const figures = header.flatMap(piecesOf).filter(isBareFigure);
  if (figures.length > 0 && !countUpwards([...new Set(figures)])) faults.figures.push(header.join(" | "));
  const start = filled.findIndex((cells) => cells.length > 1);
  const opening = filled[start] ?? [];
  const below = filled.slice(start + 1).flat();
  const areNames =
    opening.length * 2 >= width &&
    new Set(opening.map(({ text }) => text)).size === opening.length &&
    opening.every(({ text }) => !isFigure(text) && text.length <= 60);
  const hasFigures = Array.from({ length: width }, (_, column) =>
    below.filter((cell) => cell.column === column),
  )
    .filter((cells) => cells.length > 1)
    .some((cells) => cells.filter(({ text }) => isFigure(text)).length >= cells.length * FULL);
  if (header.every((name) => name === "") && areNames && hasFigures)
    faults.nameless.push(opening.map(({ text }) => text).join(" | "));
  const body = told.findIndex((isTold, row) => !isTold && (filled[row]?.length ?? 0) > 0);
  // If all rows are marked, the marks mean nothing.
  for (const cells of body < 0 ? [] : filled.slice(0, body))
    if (cells.length > 1 && !cells.every((cell) => isNamed(cell, names)))
      faults.marked.push(cells.map(({ text }) => text).join(" | "));
  return faults;
};

/** Finds the columns under each header, in parts that show all columns. */
const findColumnFaults = (parts: readonly ShownPart[]) => {
  const faults: Faults<"unnamed" | "shifted"> = { unnamed: [], shifted: [] };
  const width = Math.max(0, ...parts.map((part) => part.header.length));
  const whole = parts.filter((part) => part.header.length === width);
  const header = whole[0]?.header ?? [];
  const lines = whole.flatMap((part) => part.lines);
  if (lines.length < 2 || header.every((name) => name === "")) return faults;
  const shares = header.map((_, column) => lines.filter(({ inks }) => inks[column]).length / lines.length);
  for (const [column, name] of header.entries()) {
    if (column === 0 || name !== "" || (shares[column] ?? 0) < FULL) continue;
    faults.unnamed.push(`column ${column} of ${header.join(" | ")}`);
    const isVoid = (beside: number) =>
      header[beside] !== undefined && header[beside] !== "" && (shares[beside] ?? 1) <= EMPTY;
    if (isVoid(column - 1) || isVoid(column + 1)) faults.shifted.push(header.join(" | "));
  }
  return faults;
};

const escapedForPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const findMarkup = (index: SourceIndex, parts: readonly ShownPart[]) => {
  const faults: Faults<"markup" | "glued" | "struck" | "hidden"> = {
    markup: [],
    glued: [],
    struck: [],
    hidden: [],
  };
  const { cells } = index.table;
  const plain = cells.map(({ text }) => text).join("\n");
  const text = parts.map(({ split }) => split.pageContent).join("\n");
  for (const pattern of [TAG, ENTITY, /data:image\//]) {
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined && !plain.includes(found)) faults.markup.push(found);
  }
  const shown = new Set(
    parts.flatMap(({ header, lines }) => [...header.map(inkOf), ...lines.flatMap(({ inks }) => inks)]),
  );
  for (const { marks, struck, hidden, text: own } of cells) {
    if (hidden !== "" && shown.has(hidden)) faults.hidden.push(hidden);
    for (const { base, mark } of marks) {
      if (!/\p{N}$/u.test(base)) continue;
      const run = new RegExp(`(?<![\\p{L}\\p{N}.,])${escapedForPattern(base + mark)}(?![\\p{L}\\p{N}])`, "u");
      if (run.test(text)) faults.glued.push(`${base}${mark} in ${own}`);
    }
    for (const each of struck) {
      if (inkOf(each) === "" || plain.includes(each)) continue;
      const place = text.indexOf(each);
      if (place >= 0 && !text.slice(0, place).trimEnd().endsWith("~~")) faults.struck.push(each);
    }
  }
  return faults;
};

/** Lists the faults of a table that is split within a budget that does not cut it. */
export const judgeStructure = (index: SourceIndex, parts: readonly ShownPart[]): Faults<StructureKind> => {
  const ink = parts.map((part) => part.ink).join("");
  return {
    lost: findLost(index, parts).map(({ text }) => text),
    alternatives: index.table.cells
      .filter(({ text, alternative }) => text === "" && alternative !== "" && !ink.includes(alternative))
      .map(({ alternative }) => alternative),
    ...findLines(index, parts),
    torn:
      parts.length > 1 && parts.every(({ split }) => split.metadata.header) ? [`${parts.length} parts`] : [],
    ...findHeaderFaults(index, parts),
    ...findColumnFaults(parts),
    ...findMarkup(index, parts),
  };
};
