import { describe, expect, it } from "vitest";
import { formatCells, joinReferences } from "../../src/documents/cell-references.js";

const cells = (address: string | null, sheet: string | null = "Q1", ref: string | null = null) => ({
  sheet,
  address,
  ref,
});

describe("cells of a workbook", () => {
  it.each([
    ["a range", [cells("A1:D20")], "sheet Q1, cells A1:D20"],
    ["several ranges", [cells("A1:D20"), cells("F3")], "sheet Q1, cells A1:D20, F3"],
    ["several sheets", [cells("A1"), cells("B2", "Q2")], "sheet Q1, cell A1; sheet Q2, cell B2"],
    [
      "many cells as the range around them",
      ["B9", "AA3", "$C$12", "D4"].map((each) => cells(each)),
      "sheet Q1, cells B3:AA12",
    ],
    [
      "many names, which have no range",
      ["a", "b", "c", "total"].map((each) => cells(each)),
      "sheet Q1, cells a, b, c, total",
    ],
    ["a sheet that the address repeats", [cells("'Q1'!A1:B2")], "sheet Q1, cells A1:B2"],
    [
      "the service's own reference where there is no address",
      [cells(null, "Q1", "Q1!A1:B2")],
      "sheet Q1, cells A1:B2",
    ],
    ["the wider of the two", [cells("A1", "Q1", "Q1!A1:B2")], "sheet Q1, cells A1:B2"],
    ["a sheet alone", [cells(null)], "sheet Q1"],
    ["cells alone", [cells("A1", null)], "cell A1"],
    ["nothing", [cells(null, null)], ""],
    ["no reference", [], ""],
  ])("are described by %s", (_name, references, expected) => {
    expect(formatCells(references)).toBe(expected);
  });

  it("are joined, each once", () => {
    expect(joinReferences([[cells("A1"), cells("A2")], undefined, [cells("A1"), cells("A1", "Q2")]])).toEqual(
      [cells("A1"), cells("A2"), cells("A1", "Q2")],
    );
  });
});
