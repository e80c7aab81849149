import { describe, expect, it } from "vitest";
import { tablesFromHtml } from "../../../src/splitters/tables/reading/html.js";
import { tablesFromMarkdown } from "../../../src/splitters/tables/reading/markdown.js";

const html = (text: string) => tablesFromHtml(text).tables[0];

const row = (cells: string[], tag = "td") =>
  `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;

describe("tables read from HTML", () => {
  it("take column names from thead, from the first row of th cells, or from the first row", () => {
    const body = row(["a", "1"]);
    const expected = {
      names: ["Name", "Value"],
      rows: [["a", "1"]],
      header: [["Name", "Value"]],
      titles: [],
    };
    expect(
      html(`<table><thead>${row(["Name", "Value"])}</thead><tbody>${body}</tbody></table>`),
    ).toMatchObject(expected);
    expect(html(`<table>${row(["Name", "Value"], "th")}${body}</table>`)).toMatchObject(expected);
    expect(html(`<table>${row(["Name", "Value"])}${body}</table>`)).toMatchObject(expected);
  });

  it.each([
    ["![Beta](data:image/png;base64,iVBORw0KGgoYYY)", "Beta"],
    ["see data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA end", "see end"],
    ["<b>![Beta](data:image/gif;base64,R0lGOD)</b> on", "Beta on"],
    ["![C](https://x.example/a.png?X-Amz-Signature=dead)", "![C](https://x.example/a.png)"],
    ["[D](https://x.example/a?id=7&amp;sig=dead&amp;se=9)", "[D](https://x.example/a?id=7)"],
    ["Is the data: complete?", "Is the data: complete?"],
  ])("have no pictures and no signatures in their cells: %s", (cell, expected) => {
    const text = `<table><caption>${cell}</caption>${row(["A", "B"], "th")}${row([cell, "z"])}</table>${cell}`;
    const { tables, outside } = tablesFromHtml(text);
    expect(tables).toMatchObject([{ titles: [expected], rows: [[expected, "z"]] }]);
    expect(outside.replace("  ", " ")).toBe(expected);
  });

  it("join several header rows into one name for each column", () => {
    const table = html(`<table><thead>
      <tr><th rowspan="2">Line</th><th colspan="2">2025</th><th colspan="2">2024</th></tr>
      <tr><th>Revenue</th><th>Share</th><th>Revenue</th><th>Share</th></tr></thead>
      ${row(["A", "1", "2", "3", "4"])}</table>`);
    expect(table?.names).toEqual([
      "Line",
      "2025 / Revenue",
      "2025 / Share",
      "2024 / Revenue",
      "2024 / Share",
    ]);
    expect(table?.rows).toEqual([["A", "1", "2", "3", "4"]]);
  });

  it("find a second header row without thead, even with td cells", () => {
    const table = html(`<table>
      <tr><td rowspan="2">Line</td><td colspan="2">Group one</td></tr>
      <tr><td>Revenue</td><td>Share</td></tr>
      ${row(["A", "1", "2"])}${row(["B", "3", "4"])}</table>`);
    expect(table?.names).toEqual(["Line", "Group one / Revenue", "Group one / Share"]);
    expect(table?.rows).toHaveLength(2);
  });

  it("keep a title row above the real header", () => {
    for (const tag of ["th", "td"]) {
      const table = html(`<table><tr><${tag} colspan="3">Performance</${tag}></tr>
        ${row(["", "2020", "2019"])}${row(["Fund", "18.54", "21.46"])}</table>`);
      expect(table).toMatchObject({
        titles: ["Performance"],
        names: ["", "2020", "2019"],
        rows: [["Fund", "18.54", "21.46"]],
      });
    }
  });

  it("treat a first row of figures as data, not as names", () => {
    const table = html(`<table>${row(["Revenue", "612.7"])}${row(["Costs", "421.3"])}</table>`);
    expect(table).toMatchObject({
      header: [],
      names: ["", ""],
      rows: [
        ["Revenue", "612.7"],
        ["Costs", "421.3"],
      ],
    });
  });

  it("repeat cells that span rows, so that each row is complete", () => {
    const table = html(`<table>${row(["Region", "Site"], "th")}
      <tr><td rowspan="2">North</td><td>Alder</td></tr><tr><td>Birch</td></tr>${row(["South", "Cedar"])}</table>`);
    expect(table?.rows).toEqual([
      ["North", "Alder"],
      ["North", "Birch"],
      ["South", "Cedar"],
    ]);
  });

  it("keep rows longer and shorter than the header", () => {
    const table = html(`<table>${row(["a", "b"], "th")}${row(["1", "2", "3"])}${row(["4"])}</table>`);
    expect(table).toMatchObject({
      names: ["a", "b", ""],
      rows: [
        ["1", "2", "3"],
        ["4", "", ""],
      ],
    });
  });

  it("flatten nested tables, line breaks and entities into the text of the cell", () => {
    const table = html(`<table>${row(["Unit<br>price", "b"], "th")}
      <tr><td><table>${row(["x", "y"])}</table></td><td>1 &lt; 2</td></tr></table>`);
    expect(table).toMatchObject({ names: ["Unit price", "b"], rows: [["x y", "1 < 2"]] });
  });

  it("keep captions, footers in their order, and text around the table", () => {
    const found =
      tablesFromHtml(`<p>Before</p><table><caption>Cap</caption><tfoot>${row(["Sum", "3"])}</tfoot>
      <thead>${row(["a", "b"])}</thead>${row(["x", "1"])}</table>After`);
    expect(found.tables[0]).toMatchObject({
      titles: ["Cap"],
      names: ["a", "b"],
      rows: [
        ["x", "1"],
        ["Sum", "3"],
      ],
    });
    expect(found.outside).toBe("Before\nAfter");
  });

  it("read rows without a table around them, and cells without a row", () => {
    expect(html(row(["a", "b"], "th") + row(["x", "y"]))?.rows).toEqual([["x", "y"]]);
    expect(html("<table><td>a<td>b<tr><td>c<td>d</table>")).toMatchObject({
      names: ["a", "b"],
      rows: [["c", "d"]],
    });
  });

  it("do not grow with hostile spans and nesting", () => {
    const spans = html(
      `<table>${'<tr><td colspan="99999" rowspan="99999">x</td><td rowspan="0">y</td></tr>'.repeat(2000)}</table>`,
    );
    expect(JSON.stringify(spans).match(/"x"/g)?.length).toBeLessThan(60_000);
    expect(html(`<table>${"<div>".repeat(20_000)}${row(["a", "b"])}${row(["c", "d"])}`)?.rows).toEqual([
      ["c", "d"],
    ]);
    expect(html('<table><tr><td colspan="-1" rowspan="many">a</td><td>b</td></tr></table>')?.rows).toEqual([
      ["a", "b"],
    ]);
  });

  it("are none when no cell has text", () => {
    expect(tablesFromHtml("<table><tr><td> </td></tr></table>")).toEqual({ tables: [], outside: "" });
    expect(tablesFromHtml("")).toEqual({ tables: [], outside: "" });
  });
});

describe("tables read from Markdown", () => {
  it("accept escaped pipes, uneven rows and lines without borders", () => {
    const [table] = tablesFromMarkdown(
      "| a | b |\n|:--|--:|\n| x \\| y | 1<br>2 |\n z | 3 | extra\n| only |",
    ).tables;
    expect(table).toMatchObject({
      titles: [],
      names: ["a", "b", ""],
      evidence: "marked",
      rows: [
        ["x | y", "1 2", ""],
        ["z", "3", "extra"],
        ["only", "", ""],
      ],
    });
  });

  it("take names from the rows when the header line is empty", () => {
    const [table] = tablesFromMarkdown("| | |\n|---|---|\n| Name | Value |\n| a | 1 |").tables;
    expect(table).toMatchObject({ names: ["Name", "Value"], rows: [["a", "1"]] });
  });

  it("keep the text around them, and text that only contains a pipe", () => {
    const found = tablesFromMarkdown("Before\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nAfter");
    expect(found.tables).toHaveLength(1);
    expect(found.outside).toMatch(/^Before\n+After$/);
    expect(tablesFromMarkdown("a | b, a line of text")).toEqual({
      tables: [],
      outside: "a | b, a line of text",
    });
  });
});
