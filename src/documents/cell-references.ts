import { z } from "zod";

/** Cells of a workbook that a segment was made from, as the service names them. */
export interface CellReference {
  /** Name of the sheet. */
  sheet: string | null;
  /** Address of the cells within the sheet, such as `A1:D20`. */
  address: string | null;
  /** The service's own reference to them. */
  ref: string | null;
}

const text = z.string().nullable().default(null);

export const cellReferenceSchema = z.object({ sheet: text, address: text, ref: text });

/** Joins lists of references, each reference once. */
export const joinReferences = (lists: readonly (readonly CellReference[] | undefined)[]): CellReference[] => {
  const all = lists.flatMap((list) => list ?? []);
  return [
    ...new Map(all.map((each) => [JSON.stringify([each.sheet, each.address, each.ref]), each])).values(),
  ];
};

const sheetsOf = (references: readonly CellReference[] = []): Set<string> =>
  new Set(references.flatMap(({ sheet }) => (sheet ? [sheet] : [])));

/** Tells whether two lists of references name sheets, but none in common. */
export const onOtherSheets = (
  one: readonly CellReference[] | undefined,
  other: readonly CellReference[] | undefined,
): boolean => {
  const [before, next] = [sheetsOf(one), sheetsOf(other)];
  return before.size > 0 && next.size > 0 && ![...before].some((sheet) => next.has(sheet));
};

/** More ranges of one sheet than this are shown as the one range around them. */
const MAX_RANGES = 3;

const CELL = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/i;

const columnNumber = (letters: string): number =>
  [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);

/** Finds the range around ranges; `undefined` if one of them is not such as `B3` or `A1:D20`. */
const rangeAround = (ranges: readonly string[]): string | undefined => {
  const cells = ranges.flatMap((range) => range.split(":")).map((cell) => CELL.exec(cell));
  const places = cells.flatMap((cell) => (cell ? [{ column: cell[1] ?? "", row: Number(cell[2]) }] : []));
  if (places.length < cells.length) return undefined;
  const columns = places
    .map(({ column }) => column.toUpperCase())
    .sort((a, b) => columnNumber(a) - columnNumber(b));
  const rows = places.map(({ row }) => row).sort((a, b) => a - b);
  return `${columns[0]}${rows[0]}:${columns.at(-1)}${rows.at(-1)}`;
};

/** Takes the range of a reference, without the sheet, which some repeat in it: `Q1!A1:D20`. */
const rangeOf = ({ address, ref }: CellReference): string | undefined => {
  const isWider = ref?.includes(":") === true && address?.includes(":") !== true;
  return (isWider ? ref : (address ?? ref))?.replace(/^.*!/s, "") || undefined;
};

/**
 * Describes cells of a workbook by sheet and range; empty if nothing is known of them.
 *
 * @example
 * ```ts
 * formatCells([{ sheet: "Q1", address: "A1:D20", ref: null }]); // "sheet Q1, cells A1:D20"
 * ```
 */
export const formatCells = (references: readonly CellReference[]): string => {
  const bySheet = new Map<string | null, Set<string>>();
  for (const reference of references) {
    const ranges = bySheet.get(reference.sheet) ?? new Set();
    const range = rangeOf(reference);
    if (range) ranges.add(range);
    bySheet.set(reference.sheet, ranges);
  }
  return [...bySheet]
    .map(([sheet, found]) => {
      const around = found.size > MAX_RANGES ? rangeAround([...found]) : undefined;
      const ranges = around ?? [...found].join(", ");
      return [
        ...(sheet ? [`sheet ${sheet}`] : []),
        ...(ranges ? [`${/[:,]/.test(ranges) ? "cells" : "cell"} ${ranges}`] : []),
      ].join(", ");
    })
    .filter((part) => part !== "")
    .join("; ");
};
