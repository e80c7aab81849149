import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kindOf } from "../../../src/splitters/tables/figures/figures.js";
import { SEED } from "../../support/splitters/segments.js";
import { cases } from "../../support/thorough.js";

const NBSP = "\u00a0";
const NARROW = "\u202f";

const KINDS = {
  number: [
    [
      "thousands",
      "1,234.5",
      "1.234,5",
      "1 234,5",
      `1${NARROW}234,5`,
      `12${NBSP}345`,
      "1'234",
      "1’234.50",
      "12,34,567.00",
    ],
    ["decimals", "12.5", "1,20", ",00", ".5", "3٫5"],
    [
      "signs",
      "−5",
      "–5",
      "+3",
      "(1,234)",
      "$(14,482)",
      "$ (20.0)",
      "(3.7)%",
      "△974,750",
      "▲12",
      "5-",
      "<0.001",
      "≥ 5",
      "~ 12",
    ],
    [
      "currency",
      "$ 315,652",
      "EUR 1.2 m",
      "€1.5bn",
      "¥1,234",
      "kr 12",
      "Rs. 500",
      "T€ 500",
      "1,234 TEUR",
      "-1,5 Mio.",
      "US$ 5.0m",
    ],
    ["units", "20 MW", "3 kg/m²", "100K", "12,345 千円", "1,234百万円", "5.0 °C", "$12.3 million"],
    ["compound units", "5 mmol/L", "0.3 mg/kg/day", "120 mmHg", "2 × 10^9/L", "150 cells/µL", "4 kcal/week"],
    ["shares", "12 %", "12.5%", "5‰", "25 bp", "12 pp", "١٢٪"],
    ["notes", "1,204*", "1,204†", "$130,000 (1)", "3.5 [4]", "1,204²", "0.004 a", "1 (0.5) *"],
    [
      "pairs",
      "0.12 ± 0.016",
      "1.2+/-0.3",
      "12 (5)",
      "45 (45.3 %)",
      "45 (31–60)",
      "1.2 (0.9–1.5)",
      "311 (100.0)",
    ],
    ["powers", "10⁶", "1.2×10^6", "1.2 × 10⁻⁶", "1e-5", "1,040E-09"],
    ["digits of other scripts", "١٢٣٤", "१२३४", "１，２３４", "๑๒๓", "১২৩", "𝟙𝟚𝟛"],
    ["fractions", "1½", "2 1/2"],
  ],
  range: [
    ["ranges", "9–8", "1.5 – 2.5", "10 to 20", "$5–$10", "5 % - 10 %", "0.310–2.268", "(0.5, 1.2)", "1–2*"],
    [
      "ranges with a unit",
      "5–10 mg",
      "1.2–3.4 ng/mL",
      "3–5 mmol/L",
      "5-10 mg/kg/day",
      "4–10 × 10^9/L",
      "20 – 25 °C",
    ],
  ],
  ratio: [["shares of a whole, and codes", "134 / 250", "583/2014", "12/15 (80 %)", "٣/٤"]],
  year: [
    [
      "years",
      "2019",
      "2024/25",
      "2019–2020",
      "2019E",
      "2019*",
      "2019 (1)",
      "2019 (unaudited)",
      "२०२४",
      "２０２４",
    ],
    [
      "periods",
      "FY24",
      "FY 2024",
      "FY2019/20",
      "Q1 2024",
      "1Q24",
      "H1 2024",
      "2024年度",
      "2024年3月期",
      "令和5年度",
    ],
    ["years with a unit", "2019 €m", "2019 $'000", "2019 %"],
  ],
  date: [
    [
      "days in figures",
      "2024-12-31",
      "31.12.2024",
      "12/31/2024",
      "31/07/2014",
      "31.12.",
      "１２／３１／２０２４",
      "٣١/١٢/٢٠٢٤",
    ],
    [
      "days with the name of a month",
      "31 Dec 2024",
      "Dec. 31, 2024",
      "Dec 29, 2018",
      "31. Dezember 2024",
      "31 décembre 2024",
      "9 марта 2024",
      "31 de diciembre de 2024",
      "1st May 2020",
      "12–14 May 2020",
      "August 31",
      "March 1, 1995",
      "March 1, 2034",
      "mars 2024",
      "31-Dec-24",
    ],
    ["months", "Jan-24", "Jan. 2024", "Dec-2024", "12/2024", "3月"],
    ["Chinese, Japanese and Korean days", "2024年12月31日", "12月31日", "2024년 12월 31일"],
    [
      "days with words, times and notes",
      "as of 31 Dec 2024",
      "am 31.12.2024",
      "Mon, 3 Jan 2022",
      "mar. 12 mars 2024",
      "martedì 5 marzo 2024",
      "2024-12-31T10:00:00Z",
      "Dec 31, 2024 (1)",
      "31.12.2024*",
    ],
  ],
  time: [["times", "9:41", "09:00", "1:02:03", "10:30 am"]],
  empty: [["nothing", "", " ", "-", "–", "—", "－", "n/a", "N/A", "n.a.", "k.A.", "...", "$—", "- %", "nil"]],
  text: [
    ["words", "Alder North", "Revenue", "in T€", "①売上"],
    ["units without a figure", "$'000", "US$000", "€m", "£'000", "%"],
    ["sentences with figures", "16 May be a long text that says something about it 12 times"],
  ],
} as const;

describe("the kind of a cell", () => {
  for (const [kind, groups] of Object.entries(KINDS))
    it.each(groups.map(([name, ...texts]) => ({ name, texts })))(`${kind}: $name`, ({ texts }) => {
      expect(texts.map((text) => [text, kindOf(text)])).toEqual(texts.map((text) => [text, kind]));
    });

  it("is a code by its form when a text is not a figure", () => {
    expect(["E27", "R1"].map(kindOf)).toEqual(["code a9", "code a9"]);
    for (const text of ["24 h", "12 months", "3Y", "1st", "95% CI", "n = 12", "B-12", "16 (King)", "1.2.3"])
      expect(kindOf(text), text).toMatch(/^code /);
    expect(["a@b.org", "www.example.org"].map(kindOf)).toEqual(["code address", "code address"]);
  });

  it(`of an amount is a number in every notation and script (seed ${SEED})`, () => {
    const grouping = fc.constantFrom(
      [",", "."],
      [".", ","],
      [" ", ","],
      [NBSP, ","],
      [NARROW, "."],
      ["'", "."],
      ["’", "."],
    );
    const zero = fc.constantFrom("0", "٠", "۰", "०", "০", "๐", "０", "༠");
    const around = fc.constantFrom(
      ["", ""],
      ["$", ""],
      ["", " €"],
      ["EUR ", ""],
      ["(", ")"],
      ["−", ""],
      ["", " %"],
      ["", "*"],
      ["", " (1)"],
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 2_100, max: 9_999_999 }),
        grouping,
        zero,
        around,
        (value, signs, zeroDigit, around) => {
          const grouped = String(value).replace(/\B(?=(\d{3})+$)/g, signs[0] ?? "");
          const digits = `${grouped}${signs[1]}5`.replace(/\d/g, (digit) =>
            String.fromCodePoint((zeroDigit.codePointAt(0) ?? 0) + Number(digit)),
          );
          expect(kindOf(`${around[0]}${digits}${around[1]}`)).toBe("number");
        },
      ),
      { seed: SEED, numRuns: cases(500) },
    );
  });

  it(`of a day is a date in any notation (seed ${SEED})`, () => {
    const format = fc.constantFrom<Intl.DateTimeFormatOptions>(
      { day: "numeric", month: "long", year: "numeric" },
      { day: "2-digit", month: "2-digit", year: "numeric" },
    );
    const locale = fc.constantFrom("en", "en-US", "de", "fr", "es", "it", "nl", "sv", "pl", "cs", "ja", "zh");
    const day = fc.date({ min: new Date("1990-01-01"), max: new Date("2040-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(day, locale, format, (date, language, options) => {
        const text = new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(date);
        expect([text, kindOf(text)]).toEqual([text, "date"]);
      }),
      { seed: SEED, numRuns: cases(300) },
    );
  });
});
