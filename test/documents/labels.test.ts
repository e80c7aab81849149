import { describe, expect, it } from "vitest";
import { captionLabel, mentionsIn, openingLabel } from "../../src/documents/labels/labels.js";

describe("the label at the start of a text", () => {
  it.each([
    ["Table 2: Sites", "Table", "2"],
    ["TABLE IV\nNames", "Table", "IV"],
    ["Tab. II – Standorte", "Table", "II"],
    ["Tableau n° 3 : Sites", "Table", "3"],
    ["Cuadro 2. Plantas", "Table", "2"],
    ["Table A.1 Proofs", "Table", "A.1"],
    ["Таблица 7 — Объекты", "Table", "7"],
    ["表 2-1　拠点一覧", "Table", "2-1"],
    ["표 4. 부지", "Table", "4"],
    ["جدول ١٠: المواقع", "Table", "10"],
    ["2. táblázat: Telephelyek", "Table", "2"],
    ["Figure 3a", "Picture", "3A"],
    ["Fig. 3(a). Spread", "Picture", "3A"],
    ["Fig. S2", "Picture", "S2"],
    ["Abb. 4.1 – Umsatz", "Picture", "4.1"],
    ["図３：構成", "Picture", "3"],
    ["Рис. 1. Схема", "Picture", "1"],
    ["**Rys. 8.** Moc", "Picture", "8"],
  ])("is read from %j", (text, kind, number) => {
    expect(openingLabel(text)).toMatchObject({ kind, number });
    expect(captionLabel(text)).toMatchObject({ kind, number });
  });

  it.each([
    "Table 3 shows that revenue grew.",
    "Table 2025 results",
    "Table of contents",
    "Figures of the year",
    "Exhibit A: Form of lease",
    "Table 2: Sites . . . . . 14",
    "Table 2: Sites ........ 14",
    `Table 2: ${"a very long paragraph ".repeat(30)}`,
    "Sites",
    "",
  ])("does not make a caption of %j", (text) => {
    expect(captionLabel(text)).toBeUndefined();
  });

  it("may be a word without a number", () => {
    expect(openingLabel("Table of sites")).toMatchObject({ kind: "Table", number: undefined });
    expect(openingLabel("Stable growth")).toBeUndefined();
  });
});

describe("labels that a text mentions", () => {
  it.each([
    ["see Table 2, and Figs. 1, 4 and 7.", "table 2, figure 1, figure 4, figure 7"],
    ["Tables 2 and 3 sites", "table 2, table 3"],
    ["Table 2 and 3 sites", "table 2"],
    ["siehe Tabellen 4 bis 6", "table 4, table 5, table 6"],
    ["Abb. 2 und 3", "figure 2, figure 3"],
    ["如表2所示,见图 3", "table 2, figure 3"],
    ["代表2名", ""],
    ["stable 2, the table below, Table 1,204", ""],
    ["(Tab. II; Fig. 3(b); chart 2)", "table II, figure 3B, chart 2"],
    ["انظر الجدول ١٠ والشكل ١٠", "table 10, figure 10"],
  ])("are found in %j", (text, expected) => {
    const found = mentionsIn(text).map(({ series, number }) => `${series} ${number}`);
    expect(found.join(", ")).toBe(expected);
  });

  it("are all found in a megabyte of text", () => {
    const text = "see Table 1 and Figs. 1, 2, 3 and 4 (chart) fig table tab. ".repeat(18_000);
    expect(mentionsIn(text)).toHaveLength(18_000 * 5);
  });
});
