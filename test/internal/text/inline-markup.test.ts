import { describe, expect, it } from "vitest";
import { mayHaveMarkup, printedRuns } from "../../../src/internal/text/inline-markup.js";

const printed = (text: string): string => [...printedRuns(text)].map((run) => run.text).join("");

describe("the printed text of inline markup", () => {
  it.each([
    ["plain words", "one & two < three", "one & two < three"],
    ["tags in a line", "a <b>bold</b> word<br/>", "a bold word"],
    [
      "the address of a link",
      'see [the site](https://example.com/a_(b) "title"), here',
      "see [the site, here",
    ],
    ["entities", "1 &lt; 2 &amp; 3", "1 < 2 & 3"],
    ["commands of a formula", "\\[ \\frac ab \\]", "\\[  ab \\]"],
    ["a backslash without a formula", "C:\\temp", "C:\\temp"],
  ])("leaves out markup: %s", (_name, text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it("gives the position of each run in the text", () => {
    expect([...printedRuns("a <b>x</b> &gt;")]).toEqual([
      { text: "a ", offset: 0, isEntity: false },
      { text: "x", offset: 5, isEntity: false },
      { text: " ", offset: 10, isEntity: false },
      { text: ">", offset: 11, isEntity: true },
      { text: "", offset: 15, isEntity: false },
    ]);
  });

  it("recognizes texts without markup", () => {
    expect(mayHaveMarkup("one & two < three")).toBe(false);
    for (const text of ["a <b>", "&amp;", "[x](y)", "\\frac"]) expect(mayHaveMarkup(text)).toBe(true);
  });
});
