import { encode } from "gpt-tokenizer/encoding/cl100k_base";
import type { SplitDocument } from "../../../src/documents/metadata.js";
import { type Faults, findLost } from "./judge-structure.js";
import type { ShownLine, ShownPart } from "./shown-table.js";
import type { SourceIndex } from "./source-index.js";
import { inkOf, type SourceCell } from "./source-table.js";

export const CUTTING = {
  lost: "cells not shown",
  exceeded: "parts over the budget",
  headless: "parts without the names of their columns",
  torn: "tables in several parts that fit into one",
  keyless: "pieces of rows without what names the row",
  groupLast: "parts that end with the name of a group",
  groupless: "parts that go on with a group without its name",
} as const;

export type CuttingKind = keyof typeof CUTTING;

const tokensOf = (text: string): number => encode(text, { disallowedSpecial: new Set() }).length;

/** Tells whether a line shows a cell, or the beginning of a long one. */
const shows = ({ inks }: ShownLine, cell: SourceCell): boolean =>
  [...cell.readings].some((reading) =>
    inks.some((ink) => ink.includes(reading) || (ink.length >= 8 && reading.includes(ink))),
  );

const findKeyless = (index: SourceIndex, parts: readonly ShownPart[]): string[] => {
  const width = Math.max(0, ...parts.map(({ header }) => header.length));
  const isPiece = (line: ShownLine, row: number): boolean => {
    const cells = index.table.rows[row]?.cells.filter(({ text }) => inkOf(text) !== "") ?? [];
    return !cells.every((cell) => [...cell.readings].some((reading) => line.inks.includes(reading)));
  };
  return parts.flatMap(({ header, lines }) =>
    lines.flatMap((line) => {
      const { rows } = index.rowsWith(line.inks);
      if (!rows || rows.size === 0) return [];
      const isCut = header.length < width || [...rows].every((row) => isPiece(line, row));
      const hasKey = [...rows].some((row) => index.keyOf(row).every((cell) => shows(line, cell)));
      return isCut && !hasKey ? [line.texts.join(" | ")] : [];
    }),
  );
};

const findGroups = (index: SourceIndex, parts: readonly ShownPart[]) => {
  const faults: Faults<"groupLast" | "groupless"> = { groupLast: [], groupless: [] };
  const names = index.table.rows.map((_, row) => index.groupName(row));
  const inks = new Set(names.flatMap((cell) => (cell ? [...cell.readings] : [])));
  for (const [place, { lines, ink }] of parts.entries()) {
    const last = lines.at(-1)?.inks.filter((each) => each !== "") ?? [];
    const isName = new Set(last).size === 1 && inks.has(last[0] ?? "");
    if (isName && place < parts.length - 1) faults.groupLast.push(lines.at(-1)?.texts.join(" | ") ?? "");
    const missing = lines.flatMap((line) => {
      const { rows, known } = index.rowsWith(line.inks);
      const [row] = rows ?? [];
      if (row === undefined || rows?.size !== 1 || known < 2) return [];
      const name = names.slice(0, row).findLast((cell) => cell !== undefined);
      return name && ![...name.readings].some((reading) => ink.includes(reading)) ? [name.text] : [];
    });
    if (missing[0] !== undefined) faults.groupless.push(`${missing[0]}: ${lines[0]?.texts.join(" | ")}`);
  }
  return faults;
};

const sizeOf = ({ split }: ShownPart, embeddingText: (split: SplitDocument) => string): number =>
  Math.max(tokensOf(split.pageContent), tokensOf(embeddingText(split)));

/** Finds parts without any name, if the table names more of their columns than it leaves unnamed. */
const findHeadless = (parts: readonly ShownPart[], whole: readonly ShownPart[]): string[] => {
  const names = whole[0]?.header ?? [];
  const unnamed = names.filter((name) => name === "").length;
  if (unnamed === names.length) return [];
  return parts
    .filter(({ header }) => header.length > unnamed && header.every((name) => name === ""))
    .map(({ lines }) => lines[0]?.texts.join(" | ") ?? "");
};

/**
 * Lists the faults of a table that is split within a budget of tokens.
 *
 * @param whole the same table within a budget that does not cut it
 */
export const judgeParts = (
  index: SourceIndex,
  parts: readonly ShownPart[],
  whole: readonly ShownPart[],
  budget: number,
  embeddingText: (split: SplitDocument) => string,
): Faults<CuttingKind> => {
  const sizes = parts.map((part) => sizeOf(part, embeddingText));
  const [only] = whole;
  const fits = only !== undefined && whole.length === 1 && sizeOf(only, embeddingText) <= budget;
  return {
    lost: findLost(index, parts).map(({ text }) => text),
    exceeded: sizes.filter((tokens) => tokens > budget).map((tokens) => `${tokens} tokens`),
    headless: findHeadless(parts, whole),
    torn: fits && parts.length > 1 ? [`${parts.length} parts`] : [],
    keyless: findKeyless(index, parts),
    ...findGroups(index, parts),
  };
};
