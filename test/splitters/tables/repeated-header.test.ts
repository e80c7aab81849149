import { describe, expect, it } from "vitest";
import { figures, ITEMS, read, row } from "../../support/splitters/table-rows.js";

describe("a header that comes again in the body", () => {
  it("is shown once with any marks", () => {
    for (const again of [row("Name", "Qty"), row("*Name", "*Qty"), row("NAME", "QTY")]) {
      const table = read(
        `<thead>${row("*Name", "*Qty")}</thead>`,
        row("Bolt", "4"),
        again,
        row("Gear", "6"),
        again,
        row("Cam", "7"),
      );
      expect(table).toMatchObject({
        names: ["Name", "Qty"],
        rows: [
          ["Bolt", "4"],
          ["Gear", "6"],
          ["Cam", "7"],
        ],
      });
    }
  });

  it("is shown once when it has several rows, and counts rows that share cells", () => {
    const header = row("<th rowspan='2'>Line</th>", "<th colspan='2'>2025</th>") + row("*Sales", "*Share");
    const table = read(
      header,
      row("A", "1", "2"),
      header,
      row("<td rowspan='2'>B</td>", "3", "4"),
      row("5", "6"),
    );
    expect(table?.rows).toEqual([
      ["A", "1", "2"],
      ["B", "3", "4"],
      ["B", "5", "6"],
    ]);
    expect([...(table?.spanned ?? [])]).toEqual([2]);
  });

  it("stays when it has other names, or when nothing shows that it is one", () => {
    const other = read(
      row("", "2019", "2018"),
      ...figures(2),
      row("Number", "2019", "2018"),
      ...figures(2, 4),
    );
    expect(other?.rows[ITEMS.length]).toEqual(["Number", "2019", "2018"]);
    const words = read(row("Ann", "Sales"), row("Bob", "Works"), row("Ann", "Sales"));
    expect(words?.rows).toHaveLength(2);
  });

  it.each([
    ["Country|Capital|Head", ["Peru|Lima|Boluarte", "Chad|Ndjamena|Deby"], ["Mali|Bamako|Goita"]],
    ["Term|Meaning", ["Lease|a contract", "Lien|a right"], ["Bond|a debt"]],
    ["Name|Team", ["Ann|Sales", "North|", "Bob|Works"], ["North|", "Cy|Sales"]],
  ])("is shown by its repetition alone, among words: %s", (names, above, below) => {
    const line = (texts: string) => row(...texts.split("|"));
    for (const title of ["", row(`<th colspan='${names.split("|").length}'>Title</th>`)]) {
      const table = read(title, line(names), ...above.map(line), line(names), ...below.map(line));
      expect(table).toMatchObject({ names: names.split("|"), evidence: "evident" });
      expect(table?.rows).toEqual([...above, ...below].map((texts) => texts.split("|")));
    }
  });

  it.each([
    ["one text", ["Red|Red", "Pear|Green", "Red|Red", "Plum|Blue"]],
    ["other letters", ["Name|Team", "Ann|Sales", "NAME|Team", "Bob|Works"]],
    ["nothing below it", ["Apple|Red", "Pear|Green", "Apple|Red"]],
    ["another row that comes again", ["Apple|Red", "Pear|Green", "Apple|Red", "Pear|Green", "Plum|Blue"]],
  ])("is not shown by a repetition of %s", (_case, lines) => {
    const table = read(...lines.map((line) => row(...line.split("|"))));
    expect([...(table?.header ?? []), ...(table?.rows ?? [])]).toHaveLength(lines.length);
  });

  it.each([
    ["a remark that it continues", ["*Name|*Qty"], ["*Name (continued)|*Qty"]],
    ["a remark and no marks", ["*Name|*Qty|*Note"], ["Name (continued)|QTY|Note [1]"]],
    ["a shorter remark", ["*Name|*Qty|*Note"], ["*Name – cont.|*Qty|*Note"]],
    ["a remark in German", ["*Posten|*Menge"], ["*Posten (Fortsetzung)|*Menge"]],
    ["no reference to a note", ["*Name|*Qty<sup>a</sup>"], ["*Name|*Qty"]],
    ["another reference to a note", ["*Name|*Qty*"], ["*Name [1]|*Qty†"]],
    ["an empty end", ["*A|*B|*C"], ["*A|*B|<th></th>"]],
    ["the first of two rows", ["*Name|*Qty", "<th></th>|*kg"], ["*Name|*Qty"]],
    ["two rows and a remark", ["*Name|*Qty", "<th></th>|*kg"], ["*Name (continued)|*Qty", "<th></th>|*kg"]],
    ["the last of two rows", ["*Team|*Home|*Away", "<th></th>|*won|*lost"], ["<th></th>|*won|*lost"]],
  ])("is shown once when a row repeats it with %s", (_case, header, again) => {
    const lines = (texts: readonly string[]) => texts.map((text) => row(...text.split("|"))).join("");
    const data = (label: string) =>
      row(
        label,
        ...(header[0] ?? "")
          .split("|")
          .slice(1)
          .map(() => "7"),
      );
    const table = read(lines(header), data("Bolt"), lines(again), data("Cam"), lines(again), data("Gear"));
    expect(table?.rows.map(([label]) => label)).toEqual(["Bolt", "Cam", "Gear"]);
    expect(table?.names).toEqual(read(lines(header), data("Bolt"))?.names);
  });

  it.each([
    ["another name", "*Name|*Weight|*Price"],
    ["a name above another column", "*Qty|*Name|*Price"],
    ["one name", "*Name|<th></th>|<th></th>"],
    ["a part of the names without marks", "Name|Qty|"],
    ["a name with another end", "*Name (discontinued)|*Qty|*Price"],
  ])("stays when a row has %s", (_case, again) => {
    const table = read(
      row("*Name", "*Qty", "*Price"),
      row("Bolt", "4", "1.20"),
      row(...again.split("|")),
      row("Cam", "7", "0.80"),
    );
    expect(table?.rows).toHaveLength(3);
  });
});
