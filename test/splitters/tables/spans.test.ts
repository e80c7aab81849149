import fc from "fast-check";
import { parse, type DefaultTreeAdapterTypes as Tree } from "parse5";
import { describe, expect, it } from "vitest";
import { readSets } from "../../../bench/tables/real/read-sets.js";
import type { SourceCell, SourceRow } from "../../../src/splitters/tables/reading/source-rows.js";
import { expandSpans, formGrid } from "../../../src/splitters/tables/reading/spans.js";
import { SEED } from "../../support/splitters/segments.js";
import { formStandardTable } from "../../support/splitters/standard-grid.js";
import { cases } from "../../support/thorough.js";

const cell = (text: string, rowSpan = 1, columnSpan = 1): SourceCell => ({
  text,
  isHeader: false,
  columnSpan,
  rowSpan,
});

const rowsOf = (cells: readonly SourceCell[][], groups: readonly number[] = []): SourceRow[] =>
  cells.map((each, row) => ({ cells: each, inHead: false, group: groups[row] ?? 0 }));

const textsOf = (rows: readonly SourceRow[]): string[][] =>
  expandSpans(rows).map(({ cells }) => cells.map((each) => each?.text ?? ""));

/** The first cell of each slot; columns in which no cell begins left out. */
const standardLines = (rows: readonly SourceRow[]): (SourceCell | undefined)[][] => {
  const table = formStandardTable(rows);
  const width = table.reduce((most, line) => Math.max(most, line.length), 0);
  const begun = Array.from({ length: width }, (_, column) =>
    table.some((line) => {
      const [first] = line[column] ?? [];
      return first !== undefined && first !== line[column - 1]?.[0];
    }),
  );
  return table.map((line) => line.map(([first]) => first?.cell).filter((_, column) => begun[column]));
};

const withoutEnd = <Item>(line: readonly (Item | undefined)[]): (Item | undefined)[] =>
  line.slice(0, line.findLastIndex((each) => each !== undefined) + 1);

interface Shape {
  /** Rows of each row group. */
  groups: number[];
  width: number;
  /** How wide and high each cell would be. */
  sizes: { width: number; height: number }[];
}

const shape: fc.Arbitrary<Shape> = fc.record({
  groups: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
  width: fc.integer({ min: 2, max: 7 }),
  sizes: fc.array(
    fc.record({ width: fc.constantFrom(1, 1, 1, 2, 3), height: fc.constantFrom(1, 1, 1, 2, 3) }),
    { minLength: 1, maxLength: 60 },
  ),
});

/** Covers the whole of a table with cells, none over another, none over the end of a row group. */
const tile = ({ groups, width, sizes }: Shape): SourceRow[] => {
  const rows: SourceRow[] = [];
  let next = 0;
  for (const [group, height] of groups.entries()) {
    const taken = Array.from({ length: height }, () => new Array<boolean>(width).fill(false));
    for (const [row, line] of taken.entries()) {
      const cells: SourceCell[] = [];
      for (let column = 0; column < width; column++) {
        if (line[column]) continue;
        const size = sizes[next % sizes.length] ?? { width: 1, height: 1 };
        const free = line.findIndex((isTaken, at) => at > column && isTaken);
        const wide = Math.min(size.width, (free < 0 ? width : free) - column);
        const high = Math.min(size.height, height - row);
        for (let below = row; below < row + high; below++) taken[below]?.fill(true, column, column + wide);
        cells.push(cell(`c${next++}`, high, wide));
      }
      rows.push({ cells, inHead: false, group });
    }
  }
  return rows;
};

/** Compares the grid of some rows with that of the standard; what is left out must be shown all the same. */
const expectStandard = (rows: readonly SourceRow[], standard = standardLines(rows)): void => {
  const grid = expandSpans(rows);
  for (const { source, cells } of grid) {
    const expected = standard[rows.indexOf(source)] ?? [];
    if (source.cells.length === 0) continue;
    // A row of one cell is shown once.
    if (source.cells.length > 1 || new Set(expected).size > 1)
      expect(withoutEnd(cells)).toEqual(withoutEnd(expected));
    else expect(new Set(cells.filter(Boolean))).toEqual(new Set(expected.filter(Boolean)));
  }
  const shown = new Set(grid.flatMap(({ cells }) => cells));
  for (const each of rows.flatMap(({ cells }) => cells)) expect(shown.has(each)).toBe(true);
};

describe(`the grid of a table, compared with the HTML standard (seed ${SEED})`, () => {
  it("is the same for spans of every kind, even overlapping and past the end", () => {
    const anyCell = fc
      .tuple(fc.constantFrom(1, 1, 1, 2, 3, 9, 0), fc.constantFrom(1, 1, 1, 2, 3, 5))
      .map(([rowSpan, columnSpan]) => cell("x", rowSpan, columnSpan));
    const row = fc.tuple(fc.array(anyCell, { maxLength: 5 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 9 }), (drawn) => {
        let group = 0;
        const rows = drawn.map(([cells, isNew]) => {
          group += isNew ? 1 : 0;
          return { cells, inHead: false, group };
        });
        const last = (of: SourceRow) => rows.findLastIndex((each) => each.group === of.group);
        const heights = new Map(
          rows.flatMap((of, index) =>
            of.cells.map((each): [SourceCell, number] => {
              const most = last(of) - index + 1;
              return [each, each.rowSpan === 0 ? most : Math.min(each.rowSpan, most)];
            }),
          ),
        );
        const lines = formGrid(rows, {
          rowsOf: (each) => heights.get(each) ?? 1,
          columnsOf: (each) => each.columnSpan,
        });
        for (const [row, slots] of formStandardTable(rows).entries())
          for (const [column, covering] of slots.entries()) {
            const here = lines?.[row]?.[column];
            // Where several cover a slot, the standard has all of them in it.
            if (here) expect(covering.map((each) => each.cell)).toContain(here);
            else expect(covering).toEqual([]);
          }
      }),
      { seed: SEED, numRuns: cases(500) },
    );
  });

  it("is the same for tables whose cells fit, and no cell is lost", () => {
    fc.assert(
      fc.property(shape, (drawn) => expectStandard(tile(drawn))),
      { seed: SEED, numRuns: cases(500) },
    );
  });

  it("uses the true spans when labels claim longer ones", () => {
    const labels = fc.array(
      fc.record({ height: fc.integer({ min: 1, max: 4 }), excess: fc.integer({ min: 0, max: 3 }) }),
      { minLength: 2, maxLength: 6 },
    );
    fc.assert(
      fc.property(labels, fc.integer({ min: 2, max: 4 }), fc.boolean(), (drawn, width, isGrouped) => {
        const make = (hasExcess: boolean): SourceRow[] => {
          const header = rowsOf([Array.from({ length: width + 1 }, (_, column) => cell(`n${column}`))], [-1]);
          const body = drawn.flatMap(({ height, excess }, label) =>
            Array.from({ length: height }, (_, row): SourceRow => {
              const values = Array.from({ length: width }, (_value, column) =>
                cell(`v${label}.${row}.${column}`),
              );
              const first = cell(`label ${label}`, height + (hasExcess ? excess : 0));
              return {
                cells: row === 0 ? [first, ...values] : values,
                inHead: false,
                group: isGrouped ? label : 0,
              };
            }),
          );
          return [...header, ...body];
        };
        expect(textsOf(make(true))).toEqual(textsOf(make(false)));
      }),
      { seed: SEED, numRuns: cases(300) },
    );
  });

  // Folders of tables, as `bench:tables -- --real DIR` takes them.
  const real = process.env["REAL_TABLES"];
  it.skipIf(real === undefined)("is the same for real tables whose rows are all as wide", () => {
    let compared = 0;
    for (const set of readSets(real ?? "")) {
      for (const rows of set.tables.flatMap(({ html }) => tablesOf(html))) {
        const table = formStandardTable(rows);
        const widths = new Set(table.map((line) => line.filter((slot) => slot.length === 1).length));
        if (widths.size !== 1 || !table.every((line) => widths.has(line.length))) continue;
        expectStandard(rows);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
});

const isElement = (node: Tree.Node): node is Tree.Element => "tagName" in node;

function* elementsOf(node: Tree.ParentNode, name: string): Generator<Tree.Element> {
  for (const child of node.childNodes) {
    if (!isElement(child)) continue;
    if (child.tagName === name) yield child;
    else yield* elementsOf(child, name);
  }
}

const spanOf = (element: Tree.Element, name: string): number =>
  Number.parseInt(element.attrs.find((each) => each.name === name)?.value ?? "1", 10) || 1;

/** The rows of the tables of a page, by the parser of the standard. */
const tablesOf = (html: string): SourceRow[][] =>
  [...elementsOf(parse(html), "table")].map((table) =>
    ["thead", "tbody", "tfoot"]
      .flatMap((name) => [...elementsOf(table, name)])
      .flatMap((element, group) =>
        [...elementsOf(element, "tr")].map((row) => ({
          inHead: element.tagName === "thead",
          group,
          cells: row.childNodes
            .filter(isElement)
            .filter(({ tagName }) => tagName === "td" || tagName === "th")
            .map((each, index) =>
              cell(`${group} ${index}`, spanOf(each, "rowspan"), spanOf(each, "colspan")),
            ),
        })),
      ),
  );

describe("spans", () => {
  it("end with their row group, even when they reach its end", () => {
    const rows = rowsOf(
      [
        [cell("A", 3), cell("1")],
        [cell("2")],
        [cell("B", 0), cell("3")],
        [cell("4")],
        [cell("C"), cell("5")],
      ],
      [0, 0, 1, 1, 2],
    );
    expect(textsOf(rows)).toEqual([
      ["A", "1"],
      ["A", "2"],
      ["B", "3"],
      ["B", "4"],
      ["C", "5"],
    ]);
  });

  it("end before a row that is full without them, the latest ones first", () => {
    const rows = rowsOf([
      [cell("Year"), cell("Quarter"), cell("Sales")],
      [cell("2024", 3), cell("Q1", 3), cell("1")],
      [cell("2")],
      [cell("Q2"), cell("3")],
      [cell("2025"), cell("Q1"), cell("4")],
    ]);
    expect(textsOf(rows)).toEqual([
      ["Year", "Quarter", "Sales"],
      ["2024", "Q1", "1"],
      ["2024", "Q1", "2"],
      ["2024", "Q2", "3"],
      ["2025", "Q1", "4"],
    ]);
  });

  it("do not end before a row with too many cells if the row below needs them", () => {
    const rows = rowsOf([
      [cell("Site"), cell("Power")],
      [cell("Alder", 3), cell("1")],
      [cell("2"), cell("a note")],
      [cell("3")],
      [cell("Birch"), cell("4")],
    ]);
    expect(textsOf(rows).map(([label]) => label)).toEqual(["Site", "Alder", "Alder", "Alder", "Birch"]);
  });

  it("use labels in separate rows as labels of the rows below", () => {
    const rows = rowsOf([
      [cell("Year"), cell("Quarter"), cell("Sales")],
      [cell("2024", 6), cell("Q1", 3)],
      [cell("1")],
      [cell("2")],
      [cell("Q2", 3)],
      [cell("3")],
      [cell("4")],
    ]);
    expect(textsOf(rows)).toEqual([
      ["Year", "Quarter", "Sales"],
      ["2024", "Q1", "1"],
      ["2024", "Q1", "2"],
      ["2024", "Q2", "3"],
      ["2024", "Q2", "4"],
    ]);
    expect(expandSpans(rows).map(({ isSpanned }) => isSpanned)).toEqual([false, false, true, true, true]);
  });

  it("over whole rows show each row once", () => {
    const rows = rowsOf([[cell("A", 2), cell("B", 2)], [], [cell("1"), cell("2")]]);
    expect(textsOf(rows)).toEqual([
      ["A", "B"],
      ["1", "2"],
    ]);
  });

  it("take time in proportion to the cells, for any number of open spans", () => {
    const many = rowsOf(Array.from({ length: 4_000 }, () => [cell("x", 65_534), cell("y", 65_534)]));
    const grid = expandSpans(many);
    expect(grid).toHaveLength(4_000);
    expect(grid.reduce((sum, { cells }) => sum + cells.length, 0)).toBeLessThan(60_000);
  });
});
