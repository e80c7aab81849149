import { describe, expect, it } from "vitest";
import { tablesFromHtml } from "../../../src/splitters/tables/reading/html.js";

const row = (...cells: string[]): string =>
  `<tr>${cells.map((cell) => (cell.startsWith("<") ? cell : `<td>${cell}</td>`)).join("")}</tr>`;

const read = (...rows: string[]) => tablesFromHtml(`<table>${rows.join("")}</table>`).tables[0];

const TITLE = row('<td colspan="3">Schedule</td>');

describe("a header that is not marked", () => {
  it.each([
    [
      "words above figures",
      [row("Site", "Built", "Power"), row("Alder", "2016", "20"), row("Birch", "2017", "57")],
    ],
    ["an empty corner", [row("", "North", "South"), row("Alder", "x", "y"), row("Birch", "y", "x")]],
    [
      "years above figures",
      [row("Line", "2025", "2024"), row("Alder", "1.5", "2.5"), row("Birch", "3.5", "4.5")],
    ],
    [
      "words above codes",
      [row("Who", "When", "Where"), row("Ann", "09:00", "R1"), row("Bob", "10:00", "R2")],
    ],
  ])("is shown by %s, under a title too", (_case, rows) => {
    for (const table of [read(...rows), read(TITLE, ...rows)]) {
      expect(table?.evidence).toBe("evident");
      expect(table?.rows).toHaveLength(2);
    }
  });

  it("is the first row when there is no evidence", () => {
    expect(read(row("Name", "Team"), row("Ann", "Sales"), row("Bob", "Works"))).toMatchObject({
      evidence: "assumed",
      names: ["Name", "Team"],
    });
  });

  it.each([
    ["times like those below", [row("Monday", "09:00"), row("Tuesday", "10:00"), row("Friday", "11:30")]],
    ["addresses like those below", [row("Ann", "ann@x.org"), row("Bob", "bob@x.org"), row("Cy", "cy@x.org")]],
    ["figures", [row("Fund", "18.5"), row("Sector", "15.2")]],
    ["a value that comes again", [row("Alder", "yes"), row("Birch", "yes"), row("Cedar", "no")]],
    ["nothing below it", [row("Fund", "words")]],
  ])("is none when the first row has %s, a title above or not", (_case, rows) => {
    for (const table of [read(...rows), read(row('<th colspan="2">About</th>'), ...rows)]) {
      expect(table?.names).toEqual(["", ""]);
      expect(table?.rows).toHaveLength(rows.length);
    }
  });

  it.each([
    ["years", ["Item", "2024", "2023"]],
    ["an empty corner", ["", "2024", "2023"]],
    ["a year and a change", ["Item", "2024", "Change"]],
    ["one year", ["Item", "2024"]],
    ["words", ["Item", "Gross", "Net"]],
  ])("ends above a row of one label: %s", (_case, names) => {
    const figures = (label: string, ...values: string[]) => row(label, ...values.slice(0, names.length - 1));
    for (const label of ["Assets", "Current assets:"]) {
      const table = read(row(...names), row(label), figures("Cash", "1", "2"), figures("Debt", "3", "4"));
      expect(table?.names).toEqual(names);
      expect(table?.rows.map(([first]) => first)).toEqual([label, "Cash", "Debt"]);
      expect(table?.rows[0]?.slice(1).every((text) => text === "")).toBe(true);
    }
  });

  it("has two rows when the second one names figures, not when it may be a row of years", () => {
    const figures = [row("A", "1", "2"), row("B", "5", "6"), row("C", "7", "8")];
    expect(read(row("", "2025", "2024"), row("Line", "EUR m", "EUR m"), ...figures)?.names).toEqual([
      "Line",
      "2025 / EUR m",
      "2024 / EUR m",
    ]);
    expect(read(row("Name", "Acme"), row("Founded", "1999"), row("Staff", "1,200"))).toMatchObject({
      names: ["Name", "Acme"],
      rows: [
        ["Founded", "1999"],
        ["Staff", "1,200"],
      ],
    });
  });
});

describe("header markup", () => {
  it("allows an empty corner and row headers", () => {
    const body = [row("<th>Revenue</th>", "12", "13"), row("<th>Costs</th>", "1", "3")];
    expect(read(row("<td></td>", "<th>2025</th>", "<th>2024</th>"), ...body)).toMatchObject({
      evidence: "marked",
      names: ["", "2025", "2024"],
      rows: [
        ["Revenue", "12", "13"],
        ["Costs", "1", "3"],
      ],
    });
  });

  it("makes a title of a lone cell in thead, and a row of a lone cell in the body", () => {
    const table = tablesFromHtml(
      `<table><thead>${row('<th colspan="3">Results</th>')}${row("<th></th>", "<th>A</th>", "<th>B</th>")}</thead>
       ${row('<td colspan="3">North</td>')}${row("Fund", "1", "2")}</table>`,
    ).tables[0];
    expect(table).toMatchObject({
      titles: ["Results"],
      names: ["", "A", "B"],
      rows: [
        ["North", "", ""],
        ["Fund", "1", "2"],
      ],
    });
  });
});

describe("spans", () => {
  it("that are too large add no column in which no cell begins", () => {
    expect(
      read(
        row('<td colspan="1000000">Title</td>'),
        row("a", '<td colspan="1000000">b</td>'),
        row("x", "1"),
        row("y", "2"),
      ),
    ).toMatchObject({
      titles: ["Title"],
      names: ["a", "b"],
      rows: [
        ["x", "1"],
        ["y", "2"],
      ],
    });
  });

  it("that extend past the end reach the last row", () => {
    const table = read(row("<th>R</th>", "<th>S</th>"), row('<td rowspan="99">N</td>', "a"), row("b"));
    expect(table?.rows).toEqual([
      ["N", "a"],
      ["N", "b"],
    ]);
    expect([...(table?.spanned ?? [])]).toEqual([1]);
  });
});
