import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kindOf } from "../../../src/splitters/tables/figures/figures.js";
import { alignTable } from "../../../src/splitters/tables/reading/align-columns.js";
import { SEED } from "../../support/splitters/segments.js";
import { cases } from "../../support/thorough.js";

const texts = (row: readonly string[]): string[] => row.filter((text) => text !== "");

describe("kinds of cells", () => {
  it.each([
    ["1,204.5", "number"],
    ["(42)", "number"],
    [",00", "number"],
    ["49.2 %", "number"],
    ["EUR 1.2 m", "number"],
    ["2025", "year"],
    ["2024/25", "year"],
    ["02'18\"55", "code 9'9\"9"],
    ["E27", "code a9"],
    ["Alder North", "text"],
    ["n/a", "empty"],
    ["–", "empty"],
    ["", "empty"],
  ])("of %j is %s", (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });
});

describe("a header with fewer names than columns", () => {
  it("leaves the column of one short value without a name", () => {
    const rows = [
      ["1", "Vesovic Valentino", "ITA", "2006", "Florentia", "02'18\"55", "557"],
      ["2", "Bove Gianmarco", "ITA", "2007", "Valdinievole", "02'20\"70", "531"],
      ["3", "Bracali Niccolo'", "ITA", "2005", "Pistoiesi", "02'20\"97", "528"],
    ];
    const header = ["Pos", "Atleta", "Anno", "Società", "Tempo", "Pti"];
    expect(alignTable(header, rows).names).toEqual(["Pos", "Atleta", "", "Anno", "Società", "Tempo", "Pti"]);
  });

  it("leaves the labels before figures without a name", () => {
    const rows = [
      ["Fund", "18.5", "21.4"],
      ["Sector", "15.2", "21.9"],
    ];
    expect(alignTable(["2020", "2019"], rows).names).toEqual(["", "2020", "2019"]);
    expect(alignTable(["Plan", "Result"], rows).names).toEqual(["", "Plan", "Result"]);
  });

  it("leaves currency signs between figures without a name", () => {
    const rows = [
      ["Revenue", "$", "612", "$", "517"],
      ["Costs", "$", "421", "$", "388"],
      ["Profit", "$", "191", "$", "129"],
    ];
    expect(alignTable(["", "2025", "2024"], rows).names).toEqual(["", "", "2025", "", "2024"]);
  });

  it("aligns names to the left when there is no evidence", () => {
    expect(alignTable(["a", "b"], [["x", "y", "z"]]).names).toEqual(["a", "b", ""]);
  });
});

describe("rows of different lengths", () => {
  const names = ["Line", "Note", "2025", "2024"];
  const usual = [
    ["Revenue", "page four", "612.7", "517.5"],
    ["Costs", "page five", "421.3", "388.0"],
    ["Tax", "page six", "48.2", "33.1"],
  ];

  it("that are too short keep figures under figures and the label first", () => {
    const { rows } = alignTable(names, [...usual, ["Total", "143.2", "96.4"], ["Of which"]]);
    expect(rows.at(-2)).toEqual(["Total", "", "143.2", "96.4"]);
    expect(rows.at(-1)).toEqual(["Of which", "", "", ""]);
  });

  it("that are too long get an extra column without a name, if the others still fit", () => {
    const long = ["Interest", "page six", "or seven", "9.1", "8.8"];
    const aligned = alignTable(names, [...usual, long]);
    expect(aligned.names).toEqual(["Line", "Note", "", "2025", "2024"]);
    expect(aligned.rows.at(-1)).toEqual(long);
    expect(aligned.rows[0]).toEqual(["Revenue", "page four", "", "612.7", "517.5"]);
  });

  it("that all lack one column leave a name without cells where the kinds of cells fit", () => {
    const rows = [
      ["Alder", "2016", "88.0 %"],
      ["Birch", "2017", "89.3 %"],
    ];
    const aligned = alignTable(["Site", "Region", "Year", "Available in %"], rows);
    expect(aligned.rows[0]).toEqual(["Alder", "", "2016", "88.0 %"]);
  });

  it(`keep every cell, in order, in rows of one width (seed ${SEED})`, () => {
    const cell = fc.constantFrom("", "Alder", "ITA", "12.5", "2024", "9:41", "n/a", "EUR");
    const row = fc.array(cell, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(row, fc.array(row, { maxLength: 12 }), (header, rows) => {
        const aligned = alignTable(header, rows);
        expect(texts(aligned.names)).toEqual(texts(header));
        expect(aligned.rows.map(texts)).toEqual(rows.map(texts));
        for (const each of aligned.rows) expect(each).toHaveLength(aligned.names.length);
      }),
      { seed: SEED, numRuns: cases(400) },
    );
  });
});
