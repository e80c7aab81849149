import { describe, expect, it } from "vitest";
import { mayHaveMarkup, printedRuns } from "../../../src/internal/markup/printed-runs.js";

const printed = (text: string): string => [...printedRuns(text)].map((run) => run.text).join("");

describe("the printed text of inline markup", () => {
  it.each([
    ["plain words", "one & two < three", "one & two < three"],
    ["angle brackets, which are printed", "a <b> tag &amp; more", "a <b> tag &amp; more"],
    [
      "the address of a link",
      'see [the site](https://example.com/a_(b) "title"), here',
      "see [the site, here",
    ],
    ["commands of a formula", "\\[ \\frac ab \\]", "\\[  ab \\]"],
    ["a backslash without a formula", "C:\\temp", "C:\\temp"],
  ])("leaves out markup: %s", (_name, text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it("gives the position of each run in the text", () => {
    expect([...printedRuns("a [x](y) \\(\\alpha\\)")]).toEqual([
      { text: "a [x", offset: 0 },
      { text: " \\(", offset: 8 },
      { text: "\\)", offset: 17 },
    ]);
  });

  it("recognizes texts without markup", () => {
    expect(mayHaveMarkup("one & two < three")).toBe(false);
    for (const text of ["[x](y)", "\\frac"]) expect(mayHaveMarkup(text)).toBe(true);
  });
});
