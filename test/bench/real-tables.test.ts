import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countUpwards, isBareFigure, isFigure } from "../../bench/tables/real/figures.js";
import { judgeParts } from "../../bench/tables/real/judge-parts.js";
import { judgeSet } from "../../bench/tables/real/judge-set.js";
import { judgeStructure } from "../../bench/tables/real/judge-structure.js";
import { loadProduct, splitTable } from "../../bench/tables/real/product.js";
import { readSets } from "../../bench/tables/real/read-sets.js";
import { listFaults, report } from "../../bench/tables/real/report.js";
import { readShown, type ShownPart } from "../../bench/tables/real/shown-table.js";
import { SourceIndex } from "../../bench/tables/real/source-index.js";
import { inkOf, readSource } from "../../bench/tables/real/source-table.js";

const indexOf = (html: string): SourceIndex => {
  const source = readSource(html);
  if (!source) throw new Error(`no table in ${html}`);
  return new SourceIndex(source);
};

const SITES = `<table><tr><th>Site</th><th>Power</th><th>Year</th></tr>
  <tr><td>Alder</td><td>120 MW</td><td>2019</td></tr><tr><td>Birch</td><td>95 MW</td><td>2021</td></tr></table>`;

const product = await loadProduct(undefined);
const [sitesSplit] = await splitTable(product, { name: "sites.html", html: SITES }, 400);

/** Makes a part, as a splitter does, from lines of Markdown cells. */
const part = (header: string[], ...lines: string[][]): ShownPart => {
  if (!sitesSplit) throw new Error("no split of the table of sites");
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const pageContent = [line(header), `|${" --- |".repeat(header.length)}`, ...lines.map(line)].join("\n");
  return readShown({ pageContent, metadata: { ...sitesSplit.metadata, header } });
};

/** Returns the kinds of faults that were found. */
const kindsOf = (faults: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(faults).flatMap(([kind, found]) => (found.length > 0 ? [kind] : []));

const NAMES = ["Site", "Power", "Year"];
const ALDER = ["Alder", "120 MW", "2019"];
const BIRCH = ["Birch", "95 MW", "2021"];

describe("the benchmark's own table reader", () => {
  it("lays cells out as the HTML standard does", () => {
    const source = readSource(`<table>
      <thead><tr><th rowspan="3">Plant</th><th colspan="2">Output</th></tr><tr><th>Gas</th><th>Heat</th></tr></thead>
      <tfoot><tr><td>Sum</td><td>3</td><td>7</td></tr></tfoot>
      <tbody><tr><td rowspan="0">North</td><td>1</td><td>3</td></tr><tr><td>2</td><td>4</td></tr></tbody></table>`);
    const texts = source?.rows.map(({ cells }) => cells.map(({ text, column }) => `${column} ${text}`));
    expect(texts).toEqual([
      ["0 Plant", "1 Output"],
      ["0 Plant", "1 Gas", "2 Heat"],
      ["0 North", "1 1", "2 3"],
      ["0 North", "1 2", "2 4"],
      ["0 Sum", "1 3", "2 7"],
    ]);
    expect(source?.rows.map(({ isInHead }) => isInHead)).toEqual([true, true, false, false, false]);
  });

  it("separates hidden, struck-out and raised text and pictures from the other text", () => {
    const [hidden, struck, raised, picture] =
      readSource(`<table><tr><td><span style="display: none">0042</span>42 %</td><td>7<del>5</del></td>
        <td>1,204<sup>2</sup></td><td><img alt="Norway"></td></tr></table>`)?.cells ?? [];
    expect(hidden?.text).toBe("42 %");
    expect([...(hidden?.readings ?? [])]).toEqual(["42", "004242"]);
    expect(struck?.struck).toEqual(["5"]);
    expect(raised?.marks).toEqual([{ base: "1,204", mark: "2" }]);
    expect([picture?.text, picture?.alternative]).toEqual(["", "norway"]);
  });

  it("compares letters and digits only", () => {
    expect(inkOf("Ｎet ﬁgures, m²: (1 204)")).toBe("netfiguresm21204");
  });
});

describe("figures", () => {
  it.each(["1,204.5", "(317)", "$ 5,424", "12 %", "١٢٣", "3.2 ± 0.1", "EUR 12"])(
    "takes %s for one",
    (text) => {
      expect(isFigure(text)).toBe(true);
    },
  );

  it.each(["2019", "FY19", "31.12.2024", "Q1 2020", "$'000", "(1)", "Net"])(
    "does not take %s for one",
    (text) => {
      expect(isFigure(text)).toBe(false);
    },
  );

  it("recognizes figures without letters, and counting figures", () => {
    expect([isBareFigure("12.5"), isBareFigure("100s")]).toEqual([true, false]);
    expect([countUpwards(["1", "2", "3"]), countUpwards(["1", "3"])]).toEqual([true, false]);
  });
});

describe("judging a table in one part", () => {
  const judged = (html: string, ...parts: ShownPart[]): string[] =>
    kindsOf(judgeStructure(indexOf(html), parts));

  it("finds no fault in a table that is shown as it is", () => {
    expect(judged(SITES, part(NAMES, ALDER, BIRCH))).toEqual([]);
  });

  it.each([
    ["lost", part(NAMES, ALDER, ["Birch", "", "2021"])],
    ["repeated", part(NAMES, ALDER, BIRCH, BIRCH)],
    ["mixed", part(NAMES, ["Alder", "95 MW", "2019"], ["Birch", "120 MW", "2021"])],
    [
      "twice",
      part(
        ["Site", "", "Power", "Year"],
        ["Alder", "Alder", "120 MW", "2019"],
        ["Birch", "", "95 MW", "2021"],
      ),
    ],
    ["swallowed", part(["Site / Alder", "Power / 120 MW", "Year / 2019"], BIRCH)],
    ["marked", part(["", "", ""], NAMES, ALDER, BIRCH)],
    ["markup", part(NAMES, ALDER, ["<b>Birch</b>", "95 MW", "2021"])],
  ])("finds what is %s", (kind, shown) => {
    expect(judged(SITES, shown)).toContain(kind);
  });

  it("finds a first row that was wrongly taken as the header", () => {
    const html = SITES.replaceAll("th>", "td>").replace(">2019<", ">17 %<");
    expect(judged(html, part(["", "", ""], NAMES, ALDER, BIRCH))).toContain("nameless");
    expect(judged(html, part(["Site / Alder", "Power / 120 MW", "Year / 17 %"], BIRCH))).toContain("data");
  });

  it("finds a title used as the name of one column, and a full column without a name", () => {
    const years = `<table><tr><td></td><td>Years ended March</td><td></td></tr>
      <tr><td></td><td>2019</td><td>2018</td></tr><tr><td>Sales</td><td>7.1</td><td>6.2</td></tr>
      <tr><td>Costs</td><td>5.5</td><td>5.1</td></tr></table>`;
    const body = [
      ["Sales", "7.1", "6.2"],
      ["Costs", "5.5", "5.1"],
    ];
    expect(judged(years, part(["Item", "Years ended March / 2019", "2018"], ...body))).toContain("titled");
    const unnamed = part(["", "Years ended March", ""], ["", "2019", "2018"], ...body);
    expect(judged(years, unnamed)).toContain("unnamed");
  });

  it("finds marks joined to figures, hidden and struck-out text, and pictures without their text", () => {
    const html = `<table><tr><td>1,204<sup>2</sup></td><td><i hidden>00</i>42</td><td>7 <s>12</s></td>
      <td><img alt="Norway"></td></tr></table>`;
    const wrong = part(["", "", "", ""], ["1,2042", "0042", "7 12", ""]);
    expect(judged(html, wrong)).toEqual(["alternatives", "glued", "struck", "hidden"]);
    expect(judged(html, part(["", "", "", ""], ["1,204 [2]", "42", "7 ~~12~~", "Norway"]))).toEqual([]);
  });
});

describe("judging a table in several parts", () => {
  const GROUPED = `<table><tr><th>Item</th><th>2019</th><th>2018</th></tr>
    <tr><td>Assets</td><td></td><td></td></tr><tr><td>Cash</td><td>17.1</td><td>16.2</td></tr>
    <tr><td>Stock</td><td>25.5</td><td>25.1</td></tr></table>`;
  const head = ["Item", "2019", "2018"];
  const group = ["Assets", "", ""];
  const cash = ["Cash", "17.1", "16.2"];
  const stock = ["Stock", "25.5", "25.1"];

  const judged = (parts: ShownPart[], budget = 400): string[] =>
    kindsOf(
      judgeParts(
        indexOf(GROUPED),
        parts,
        [part(head, group, cash, stock)],
        budget,
        ({ pageContent }) => pageContent,
      ),
    );

  it("finds no fault when each part names its group and columns", () => {
    expect(judged([part(head, group, cash), part(head, ["Assets › Stock", "25.5", "25.1"])], 40)).toEqual([]);
  });

  it.each([
    ["lost", [part(head, group, cash)]],
    ["exceeded", [part(head, group, cash, stock)]],
    ["headless", [part(head, group, cash), part(["", "", ""], group, stock)]],
    [
      "keyless",
      [part(head, group, cash), part(["2019", "2018"], ["25.5", "25.1"]), part(["Item"], ["Assets › Stock"])],
    ],
    ["groupLast", [part(head, group), part(head, group, cash, stock)]],
    ["groupless", [part(head, group, cash), part(head, stock)]],
  ])("finds what is %s", (kind, parts) => {
    expect(judged(parts, kind === "exceeded" ? 16 : 40)).toContain(kind);
  });

  it("finds a table that was split although it fits into one part", () => {
    expect(judged([part(head, group, cash), part(head, group, stock)])).toContain("torn");
  });
});

describe("a folder of real tables", () => {
  let directory = "";

  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), "real-tables-"));
    const write = (file: string, text: string): void => {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      writeFileSync(path.join(directory, file), text);
    };
    write("pages/sites.html", `<p>Two</p>${SITES}<div><table><tr><td>one</td></tr></table></div>${SITES}`);
    write(
      "papers/examples.jsonl",
      JSON.stringify({
        filename: "paper.png",
        html: {
          structure: { tokens: ["<thead>", "<tr>", "<td>", "</td>", "</tr>", "</thead>"] },
          cells: [{ tokens: ["<b>", "A", "B", "</b>"] }],
        },
      }),
    );
    const cell = (row: number, column: number, text: string, isHeader: boolean) => ({
      ...{ row_span: 1, col_span: 1, start_row_offset_idx: row, start_col_offset_idx: column, text },
      ...{ column_header: isHeader, row_header: false },
    });
    write(
      "documents/report.json",
      JSON.stringify({
        schema_name: "DoclingDocument",
        tables: [{ data: { table_cells: [cell(0, 1, "a < b", true), cell(1, 0, "x", false)] } }],
      }),
    );
    write("questions/all.json", JSON.stringify([{ id: "q1", table: { headers: ["h"], rows: [["1"]] } }]));
    const segments = [{ segment_type: "Table", html: SITES }, { segment_type: "Text" }];
    write("results/saved.json", JSON.stringify({ chunks: [{ segments }] }));
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it("is read in every supported file format, and equal tables once", () => {
    const sets = readSets(directory).map(({ name, tables }) => [name, tables.map((table) => table.name)]);
    expect(sets).toEqual([
      ["documents", ["report.json #1"]],
      ["pages", ["sites.html", "sites.html #2"]],
      ["papers", ["paper.png"]],
      ["questions", ["all.json q1"]],
      ["results", ["saved.json"]],
    ]);
    const texts = readSets(directory).flatMap(({ tables }) =>
      tables.map(({ html }) =>
        readSource(html)
          ?.cells.map(({ text }) => text)
          .join(","),
      ),
    );
    const sites = "Site,Power,Year,Alder,120 MW,2019,Birch,95 MW,2021";
    expect(texts).toEqual([",a < b,x,", sites, "one", "AB", "h,1", sites]);
  });

  it("is judged table by table, and lists the faults of each table", async () => {
    const set = { name: "sites", tables: [{ name: "sites.html", html: SITES }] };
    const judged = await judgeSet(set, product, [16, 400]);
    expect([judged.tables, judged.rows, judged.cells]).toEqual([1, 3, 9]);
    expect(judged.cut.get(400)?.parts).toBe(1);
    judged.whole.faults.lost.push({ table: "sites.html", text: "Alder" });
    expect(report([judged])).toContain("| cells not shown | 1 |");
    expect(listFaults([judged], 5)).toContain("sites, lost: sites.html: Alder");
  });
});
