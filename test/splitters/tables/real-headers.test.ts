import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tablesFromMarkdown } from "../../../src/splitters/tables/reading/markdown.js";
import { SEED } from "../../support/splitters/segments.js";
import { figures, ITEMS, read, row } from "../../support/splitters/table-rows.js";
import { cases } from "../../support/thorough.js";

describe("names above figures", () => {
  it.each([
    ["days", "in T€", "31.12.2024", "31.12.2023"],
    ["days with months", "(In millions)", "Dec 29, 2018", "Dec 28, 2019"],
    ["ISO days", "", "2024-12-31", "2023-12-31"],
    ["Japanese days", "項目", "2024年12月31日", "2023年12月31日"],
    ["years", "", "2024", "2023"],
    ["years in other digits", "البند", "٢٠٢٤", "٢٠٢٣"],
    ["fiscal years", "", "FY24", "FY23"],
    ["quarters", "", "Q1 2024", "Q2 2024"],
    ["years with a unit", "", "2019 €m", "2018 €m"],
    ["years with notes", "", "2019 (1)", "2018 (unaudited)"],
    ["Japanese years", "", "2024年3月期", "2023年3月期"],
    ["months", "", "Jan-24", "Feb-24"],
    ["Thai years", "รายการ", "2567", "2566"],
    ["years of Taiwan", "項目", "113年度", "112年度"],
    ["Korean years", "구분", "2023년", "2022년"],
    ["Islamic years", "البند", "1445هـ", "1444هـ"],
    ["Polish and Russian years", "", "2023 r.", "2022 год"],
  ])("are %s", (_kind, ...names) => {
    const table = read(row(...names), ...figures(2));
    expect(table).toMatchObject({ names, evidence: "evident" });
    expect(table?.rows).toHaveLength(ITEMS.length);
  });

  it("are counting numbers", () => {
    expect(read(row("Class", "1", "2", "3", "4"), ...figures(4))?.names).toEqual([
      "Class",
      "1",
      "2",
      "3",
      "4",
    ]);
    expect(read(row("", "10", "20", "30"), ...figures(3))?.names).toEqual(["", "10", "20", "30"]);
    expect(read(row("n", "10", "20", "30"), ...figures(3))?.header).toEqual([]);
  });

  it.each([
    ["a sum with a note", "Licences", "$130,000 (1)", "$12,700,000"],
    ["a loss in Japanese accounts", "営業活動", "132,640", "△974,750"],
    ["a mean and its deviation", "Age", "61.2 ± 9.8", "60.9 ± 10.1"],
    ["a number and its share", "Women", "12 (45.3 %)", "14 (50.0 %)"],
    ["Arabic digits", "نقد", "١٢٣٤", "٩٨٧"],
    ["Devanagari digits", "नकद", "१२३४", "९८७"],
    ["full-width digits", "現金", "１，２３４", "９８７"],
    ["Indian thousands", "Cash", "12,34,567", "9,87,654"],
    ["Swiss thousands", "Kasse", "1'234.50", "987.00"],
  ])("are none when the first row has %s", (_kind, ...cells) => {
    const table = read(row(...cells), ...figures(2));
    expect(table).toMatchObject({ header: [], names: ["", "", ""] });
    expect(table?.rows[0]).toEqual(cells);
    const below = read(row("", "2024", "2023"), row(...cells), ...figures(2));
    expect(below?.names).toEqual(["", "2024", "2023"]);
    expect(below?.rows[0]).toEqual(cells);
  });

  it("are none where the first row has a code, and nothing tells more", () => {
    const table = read(
      row("Invoice no.", "2024-0012"),
      row("Date", "12.03.2024"),
      row("Total", "€ 1.204,50"),
    );
    expect(table).toMatchObject({ header: [], names: ["", ""] });
    expect(table?.rows).toHaveLength(3);
  });

  it("may be numbers in brackets, also without a label", () => {
    const body = [row("0.45***", "0.31**", "0.12"), row("0.22", "0.19*", "0.05†")];
    expect(read(row("(1)", "(2)", "(3)"), ...body)?.names).toEqual(["(1)", "(2)", "(3)"]);
  });

  it("do not take in a first row of ranges", () => {
    const table = read(
      row("Drug", "Dose", "Cmax"),
      row("Aspirin", "5–10 mg", "1.2–3.4 ng/mL"),
      row("Ibuprofen", "20 mg", "4.0 ng/mL"),
      row("Codeine", "30 mg", "2.5 ng/mL"),
    );
    expect(table?.names).toEqual(["Drug", "Dose", "Cmax"]);
  });

  it(`are the same in the digits of every script (seed ${SEED})`, () => {
    const zero = fc.constantFrom("0", "٠", "۰", "०", "০", "๐", "０");
    const year = fc.integer({ min: 1990, max: 2030 });
    const value = fc.integer({ min: 2_100, max: 999_999 });
    const rows = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(zero, year, rows, fc.boolean(), (zeroDigit, last, values, hasYears) => {
        const write = (figure: number): string =>
          String(figure).replace(/\d/g, (digit) =>
            String.fromCodePoint((zeroDigit.codePointAt(0) ?? 0) + Number(digit)),
          );
        const body = values.map(([a, b], index) => row(`Item ${index}`, write(a), write(b)));
        const names = hasYears ? ["", write(last), write(last - 1)] : ["", "", ""];
        const table = read(...(hasYears ? [row(...names)] : []), ...body);
        expect(table?.names).toEqual(names);
        expect(table?.rows).toHaveLength(values.length);
      }),
      { seed: SEED, numRuns: cases(200) },
    );
  });
});

describe("titles above names", () => {
  it.each([
    ["above the first", ["", "Years ended December 31,", "", ""]],
    ["above the middle", ["", "", "Years ended December 31,", ""]],
    ["above the last", ["", "", "", "Years ended December 31,"]],
  ])("are not part of a name when they stand %s", (_case, title) => {
    const table = read(row(...title), row("(In millions)", "2019", "2018", "2017"), ...figures(3));
    expect(table).toMatchObject({
      titles: ["Years ended December 31,"],
      names: ["(In millions)", "2019", "2018", "2017"],
    });
    expect(table?.rows).toHaveLength(ITEMS.length);
  });

  it("keep a label in the corner as the name of its column", () => {
    expect(
      read(row("Reconciliation", "Years ended", ""), row("", "2019", "2018"), ...figures(2)),
    ).toMatchObject({
      titles: ["Years ended"],
      names: ["Reconciliation", "2019", "2018"],
    });
  });

  it("may have years and units below them", () => {
    const table = read(
      row("", "Consolidated", ""),
      row("", "2019", "2018"),
      row("", "US$000", "US$000"),
      ...figures(2),
    );
    expect(table).toMatchObject({ titles: ["Consolidated"], names: ["", "2019 / US$000", "2018 / US$000"] });
  });

  it("may be several, one below the other", () => {
    const table = read(
      row("", "", "Segment Assets", ""),
      row("", "", "Fiscal Year End", ""),
      row("", "2019", "2018", "2017"),
      ...figures(3),
    );
    expect(table).toMatchObject({
      titles: ["Segment Assets", "Fiscal Year End"],
      names: ["", "2019", "2018", "2017"],
    });
  });

  it("are none when a text ends like a name that continues", () => {
    const table = read(
      row("", "", "Payments due", ""),
      row("", "Less than", "", ""),
      row("", "1 year", "1-3 years", "Total"),
      ...figures(3),
    );
    expect(table).toMatchObject({
      titles: ["Payments due"],
      names: ["", "Less than / 1 year", "1-3 years", "Total"],
    });
  });

  it("are groups where there are several", () => {
    const table = read(
      row("", "Group", "", "Parent", ""),
      row("", "2019", "2018", "2019", "2018"),
      ...figures(4),
    );
    expect(table?.names).toEqual(["", "Group / 2019", "Group / 2018", "Parent / 2019", "Parent / 2018"]);
    const units = read(
      row("", "2019", "", "2018", ""),
      row("", "Men", "Women", "Men", "Women"),
      row("", "Years", "Years", "Years", "Years"),
      ...figures(4).slice(0, 2),
    );
    expect(units?.names[2]).toBe("2019 / Women / Years");
  });

  it("are none when a name continues in the row below", () => {
    const table = read(row("", "N", "h", "train", "BLEU"), row("", "", "", "steps", "(dev)"), ...figures(4));
    expect(table?.names).toEqual(["", "N", "h", "train / steps", "BLEU / (dev)"]);
  });

  it("that are marked show that rows of words below them have no names", () => {
    for (const mark of ["<th colspan='2'>Action</th>"]) {
      const table = read(`<thead>${row(mark)}</thead>`, row("Swim", "Glide"), row("Fly", "Over the lake"));
      expect(table).toMatchObject({ titles: ["Action"], header: [] });
    }
    const box = read(
      row("<th colspan='2'>Country</th>"),
      row("*Capital", "Wellington"),
      row("*Largest", "Auckland"),
    );
    expect(box).toMatchObject({
      titles: ["Country"],
      header: [],
      rows: [
        ["Capital", "Wellington"],
        ["Largest", "Auckland"],
      ],
    });
  });
});

describe("rows below a marked header", () => {
  const GROUPED = row("*No.", "*Name", "<th colspan='2'>Term of office</th>", "*Party");

  it.each([
    ["dates", ["*1", "C. D. Howe", "November 2, 1936", "July 8, 1940", "Liberal"]],
    ["short codes", ["1", "Asian Classic", "09–09", "09–15", "THA"]],
    ["words", ["1", "Arthur Cardin", "spring", "autumn", "Liberal"]],
  ])("are data also below names that span columns: %s", (_kind, cells) => {
    const texts = cells.map((cell) => cell.replace("*", ""));
    const table = read(GROUPED, row(...cells), row(...cells.map((cell) => `${cell}x`)));
    expect(table?.names).toEqual(["No.", "Name", "Term of office", "Term of office", "Party"]);
    expect(table?.rows[0]).toEqual(texts);
  });

  it.each([
    [
      "a text below a name of one column",
      ["*Name", "<th colspan='2'>Contact</th>"],
      ["Ann", "phone", "Rome"],
    ],
    ["an address below it", ["<th colspan='2'>Name</th>", "*E-mail"], ["Ann", "Lee", "a@x.org"]],
    ["a year below it", ["<th colspan='2'>Name</th>", "*Born"], ["Ann", "Lee", "1970"]],
    ["a date below it", ["<th colspan='2'>Name</th>", "*Born"], ["Ann", "Lee", "1 May 1970"]],
    ["a code below it", ["<th colspan='2'>Name</th>", "*Key"], ["Ann", "Lee", "AB-12"]],
    ["no marks above it", ["Plan", "<td colspan='2'>Support</td>"], ["Basic", "e-mail", "office hours"]],
    [
      "a marked name",
      ["<td></td>", "<th colspan='2'>Office</th>"],
      ['<th scope="row">Ann</th>', "Rome", "No"],
    ],
    [
      "dates below groups",
      ["<th colspan='2'>Who</th>", "<th colspan='2'>Term</th>"],
      ["Ann", "Lee", "1970", "1974"],
    ],
  ])("are data below names that mostly span columns: %s", (_kind, header, cells) => {
    const texts = cells.map((cell) => cell.replace(/<[^>]*>/g, ""));
    const names = header.flatMap((cell) => {
      const text = cell.replace(/<[^>]*>|\*/g, "");
      return cell.includes("colspan") ? [text, text] : [text];
    });
    for (const count of [2, 3, 5]) {
      const rows = Array.from({ length: count }, (_, index) =>
        index === 0 ? cells : cells.map((cell) => cell.replace(/\p{Ll}(?=<|$)/u, `$&${"abcde"[index]}`)),
      );
      const table = read(row(...header), ...rows.map((line) => row(...line)));
      expect(table?.names).toEqual(names);
      expect(table?.rows).toHaveLength(count);
      expect(table?.rows[0]).toEqual(texts);
    }
  });

  it.each([
    [
      "below an empty place",
      ["*Name", "<th colspan='2'>Office</th>"],
      ["", "City", "Country"],
      ["Name", "Office / City", "Office / Country"],
    ],
    [
      "below an empty corner",
      ["<th></th>", "<th colspan='2'>Office</th>"],
      ["Name", "City", "Country"],
      ["Name", "Office / City", "Office / Country"],
    ],
    [
      "below groups alone",
      ["<th colspan='2'>Home</th>", "<th colspan='2'>Away</th>"],
      ["Team", "Coach", "Team", "Coach"],
      ["Home / Team", "Home / Coach", "Away / Team", "Away / Coach"],
    ],
  ])("are names of words %s", (_case, groups, line, names) => {
    const words = (first: string) => row(...line.map((_, column) => `${first} ${"wxyz"[column]}`));
    const table = read(row(...groups), row(...line), words("Ann"), words("Bob"));
    expect(table?.names).toEqual(names);
    expect(table?.rows).toHaveLength(2);
  });

  it("are names when they distinguish columns of figures below groups", () => {
    const table = read(
      row("*Line", "<th colspan='2'>2025</th>", "<th colspan='2'>2024</th>"),
      row("", "Sales", "Share", "Sales", "Share"),
      ...figures(4),
    );
    expect(table?.names).toEqual(["Line", "2025 / Sales", "2025 / Share", "2024 / Sales", "2024 / Share"]);
  });

  it("begin at a subheading, or at names that span named columns", () => {
    const names = row("*Season", "*Club", "*Apps", "*Goals");
    const lone = read(names, row("<th colspan='4'>Norway</th>"), row("1996", "Viking", "1", "0"));
    expect(lone).toMatchObject({
      names: ["Season", "Club", "Apps", "Goals"],
      rows: [["Norway", "", "", ""], {}],
    });
    const group = row("<th colspan='2'>Norway</th>", "<th colspan='2'>League</th>");
    expect(read(names, group, row("1996", "Viking", "1", "0"))?.rows[0]).toEqual([
      "Norway",
      "",
      "League",
      "",
    ]);
  });

  it("may all be in thead, with or without the same marks", () => {
    const body = [row("Bolt", "1.20"), row("Nut", "0.80")];
    const expected = {
      names: ["Item", "Price"],
      rows: [
        ["Bolt", "1.20"],
        ["Nut", "0.80"],
      ],
    };
    expect(read(`<thead>${row("*Item", "*Price")}${body.join("")}</thead>`)).toMatchObject(expected);
    expect(read(`<thead>${row("Item", "Price")}${body.join("")}</thead>`)).toMatchObject(expected);
    const marked = body.join("").replaceAll("td>", "th>");
    expect(read(`<thead>${row("*Item", "*Price")}${marked}</thead>`)).toMatchObject(expected);
    expect(read(`<thead>${row("Item", "Price")}${body[0]}</thead>`, body[1] ?? "")).toMatchObject(expected);
  });

  it("may have a corner without a mark above them", () => {
    const table = read(
      row("Class", "<th colspan='2'>11</th>", "<th colspan='2'>5</th>"),
      row("Split", "*Doc", "*Page", "*Doc", "*Page"),
      row("Caption", "68", "83", "", ""),
      row("Picture", "72", "82", "72", "82"),
    );
    expect(table?.names).toEqual(["Class / Split", "11 / Doc", "11 / Page", "5 / Doc", "5 / Page"]);
  });

  it("have separate names when a th belongs to its row", () => {
    const cells = (name: string) => `<th scope="row">${name}</th>`;
    const table = read(row(cells("North"), "1"), row(cells("South"), "2"));
    expect(table).toMatchObject({
      header: [],
      rows: [
        ["North", "1"],
        ["South", "2"],
      ],
    });
  });
});

describe("names one column off", () => {
  it("move to the full column beside them", () => {
    const cells = (name: string) => row(name, "0%", "22%", "", "78%");
    expect(read(row("*Sales", "*", "*Up", "*Same", "*Down"), cells("Paper"), cells("Steel"))?.names).toEqual([
      "Sales",
      "Up",
      "Same",
      "",
      "Down",
    ]);
    const late = (name: string) => row(name, "", "22%", "78%");
    expect(read(row("*Sales", "*Up", "*Down", "*"), late("Paper"), late("Steel"))?.names).toEqual([
      "Sales",
      "",
      "Up",
      "Down",
    ]);
  });

  it("move a few columns only, so that very many of them take little time", () => {
    const count = 27_000;
    const names = Array.from({ length: 2 * count }, (_, column) => (column < count ? `n${column}` : ""));
    const line = names.map((name) => (name === "" ? "1" : ""));
    const moved = read(row(...names.map((name) => `*${name}`)), row(...line), row(...line))?.names ?? [];
    expect(moved.slice(count, count + 64)).toEqual(names.slice(count - 64, count));
    expect(moved.filter((name) => name !== "")).toEqual(names.slice(0, count));
  });

  it("stay when all full columns have names, or labels have none", () => {
    const cells = (name: string) => row(name, "1", "", "2");
    expect(read(row("*", "*Up", "*Note", "*Down"), cells("Paper"), cells("Steel"))?.names).toEqual([
      "",
      "Up",
      "Note",
      "Down",
    ]);
  });
});

describe("a header of Markdown", () => {
  it("is used as it is", () => {
    const [table] = tablesFromMarkdown("| Item | 2024 |\n|---|---|\n| Bolt | 1.20 |\n| Nut | 0.80 |").tables;
    expect(table).toMatchObject({ names: ["Item", "2024"], evidence: "marked" });
  });
});

describe("names of several rows that differ above", () => {
  it("are no reason to take a row of marks below them for names", () => {
    const table = read(
      `<tr><th rowspan="2">Athlete</th><th>Race 1</th><th>Race 2</th></tr>`,
      row("*Time", "*Time"),
      row("Stefan", "DNF", "–"),
      row("Lyubomir", "1:10.73", "DNF"),
      row("Peter", "1:09.11", "1:10.02"),
    );
    expect(table?.names).toEqual(["Athlete", "Race 1 / Time", "Race 2 / Time"]);
    expect(table?.rows).toHaveLength(3);
  });
});
