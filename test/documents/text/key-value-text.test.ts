import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyValueText } from "../../../src/documents/text/key-value-text.js";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1e9);

describe("the text of a key-value pair", () => {
  it.each([
    ["a colon", "Policy number: 4711", "Policy number: 4711"],
    ["blanks around the colon", "Policy number  :   4711", "Policy number: 4711"],
    [
      "a picture written into a cell",
      "<table><tr><td>Scan</td><td>Page 3 data:image/png;base64,iVBORw0KGgo=</td></tr></table>",
      "Scan: Page 3",
    ],
    ["a full-width colon", "保険番号：4711", "保険番号: 4711"],
    ["a bold key with its colon", "**Policy number:** 4711", "Policy number: 4711"],
    ["a bold key before a colon", "**Policy number**: 4711", "Policy number: 4711"],
    [
      "a list of bold keys",
      "- **Insured:** Jane Roe\n- **Born:** 5 May 1980",
      "Insured: Jane Roe\nBorn: 5 May 1980",
    ],
    ["a key above its value", "Policy number\n4711", "Policy number: 4711"],
    ["dots between", "Total ........ 99.00", "Total: 99.00"],
    ["a tabulator between", "Total\t99.00", "Total: 99.00"],
    ["a value that is blank", "Date of birth:", "Date of birth:"],
    [
      "a value of several lines",
      "Address: 1 High Street\nLeeds\nPhone: 5",
      "Address: 1 High Street Leeds\nPhone: 5",
    ],
    [
      "an address and a time as values",
      "Site: https://a.example/b\nOpens: 10:30",
      "Site: https://a.example/b\nOpens: 10:30",
    ],
    [
      "a Markdown table",
      "| Insured | Jane Roe |\n| --- | --- |\n| **Born** | 5 May |",
      "Insured: Jane Roe\nBorn: 5 May",
    ],
    ["two pairs in a row", "| Insured | Jane Roe | Born | 5 May |", "Insured: Jane Roe\nBorn: 5 May"],
    [
      "rows of HTML",
      "<table><tr><th>Insured:</th><td>Jane<br>Roe</td></tr><tr><td>A &amp; B</td><td></td></tr></table>",
      "Insured: Jane Roe\nA & B:",
    ],
    [
      "a description list",
      "<dl><dt>Insured</dt><dd>Jane Roe</dd><dt>Born</dt><dd>5 May</dd></dl>",
      "Insured: Jane Roe\nBorn: 5 May",
    ],
    [
      "rows below the names of the columns",
      "<table><tr><th>Key</th><th>Value</th></tr><tr><td>Insured</td><td>Jane Roe</td></tr></table>",
      "Insured: Jane Roe",
    ],
    [
      "a Markdown table with named columns",
      "| Field | Value |\n|---|---:|\n| Insured | Jane |",
      "Insured: Jane",
    ],
    [
      "a Markdown table on one line",
      "| Key | Value | | --- | ---: | | Insured | Jane Roe | | Born | 5 May |",
      "Insured: Jane Roe\nBorn: 5 May",
    ],
    [
      "a Markdown table without bars at its sides",
      "Key | Value\n--- | ---\nInsured | Jane Roe",
      "Insured: Jane Roe",
    ],
    ["paragraphs of HTML", "<p><strong>Insured:</strong> Jane Roe</p>", "Insured: Jane Roe"],
  ])("is read from %s", (_name, text, expected) => {
    expect(keyValueText([text])).toBe(expected);
  });

  it("is read from the first form with pairs", () => {
    expect(keyValueText(["", "<p>Insured Jane Roe</p>", "**Insured:** Jane Roe", "Insured: J."])).toBe(
      "Insured: Jane Roe",
    );
  });

  it("is not invented when nothing shows the key", () => {
    for (const text of ["", "Jane Roe", "one\ntwo\nthree", "at 10:30", "https://a.example"])
      expect(keyValueText([text])).toBeUndefined();
  });

  it(`keeps every letter and figure of any pairs, in their order (seed ${SEED})`, () => {
    const word = fc.stringMatching(/^[A-Za-z0-9]{1,9}$/);
    const pairs = fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 6 });
    const forms = [
      (key: string, value: string) => `${key}: ${value}`,
      (key: string, value: string) => `* **${key}**: ${value}`,
      (key: string, value: string) => `| ${key} | ${value} |`,
      (key: string, value: string) => `${key}\t${value}`,
    ];
    fc.assert(
      fc.property(pairs, fc.constantFrom(...forms), (all, form) => {
        expect(keyValueText([all.map(([key, value]) => form(key, value)).join("\n")])).toBe(
          all.map(([key, value]) => `${key}: ${value}`).join("\n"),
        );
      }),
      { seed: SEED },
    );
  });
});
