import { describe, expect, it } from "vitest";
import { joinTexts, wordsOf } from "../../../src/splitters/text/join-texts.js";

const join = (first: string, second: string, others: string[] = []): string => {
  const { end, separator } = joinTexts(first, second, () => wordsOf(others));
  return first.slice(0, end) + separator + second;
};

describe("two texts of one sentence", () => {
  it.each([
    ["This is a state-", "of-the-art device", "This is a state-of-the-art device"],
    ["an up-", "to-date list", "an up-to-date list"],
    ["a one-", "by-one check", "a one-by-one check"],
    ["the agree-", "ment of both", "the agreement of both"],
    ["pre-", "and post-sale", "pre- and post-sale"],
    ["a ma-", "chine-made part", "a machine-made part"],
  ])("are joined at a hyphen by what follows it: %s %s", (first, second, expected) => {
    expect(join(first, second)).toBe(expected);
  });

  it("are joined as one word that the document has elsewhere", () => {
    expect(join("a zap-", "for-all", ["zapfor"])).toBe("a zapfor-all");
  });
});
