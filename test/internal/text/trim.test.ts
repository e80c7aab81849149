import { describe, expect, it } from "vitest";
import { isCode, trimmedRange, trimText } from "../../../src/internal/text/trim.js";

describe("a trimmed text", () => {
  it.each([
    ["  one line ", "one line"],
    ["\n\n  a paragraph\nthat goes on\n", "a paragraph\nthat goes on"],
    ["\n    if x:\n        y()\n\n", "    if x:\n        y()"],
    ["\tcase 1:\n\t\treturn", "\tcase 1:\n\t\treturn"],
    ["", ""],
  ])("%j", (text, expected) => {
    expect(trimText(text)).toBe(expected);
  });

  it("is read by lines when many are indented", () => {
    expect(isCode("def f():\n    a = 1\n    return a")).toBe(true);
    expect(isCode("- a\n  - b\n  - c")).toBe(true);
    expect(isCode("A sentence.\n  Another.")).toBe(false);
    expect(isCode("One\ntwo\nthree")).toBe(false);
  });

  it("keeps the indentation of a line only from its beginning", () => {
    const text = "a\n    b  c";
    expect(trimmedRange(text, 2, 8, true)).toBe("    b");
    expect(trimmedRange(text, 2, 8, false)).toBe("b");
    expect(trimmedRange(text, 7, 10, true)).toBe("c");
  });
});
