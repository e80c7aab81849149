import { describe, expect, it } from "vitest";
import { normalize, stemOf, wordsOf } from "../../../src/retrieval/rerank/words.js";

describe("the words of a text", () => {
  it.each([
    ["dividends", "dividend"],
    ["parties", "party"],
    ["losses", "loss"],
    ["planned", "plan"],
    ["planning", "plans"],
    ["accrued", "accrue"],
    ["leases", "leasing"],
  ])("have one stem in %j and %j", (one, other) => {
    expect(stemOf(one)).toBe(stemOf(other));
  });

  it.each([
    ["status", "state"],
    ["basis", "base"],
    ["ring", "red"],
    ["F19", "F1"],
  ])("stay apart in %j and %j", (one, other) => {
    expect(stemOf(one)).not.toBe(stemOf(other));
  });

  it("keep figures whole, without separators of thousands", () => {
    expect(wordsOf("1,234.5 in 2019, 22.9% of 38,250")).toEqual([
      "1234.5",
      "in",
      "2019",
      "22.9",
      "of",
      "38250",
    ]);
  });

  it("do not depend on how they are printed", () => {
    expect(wordsOf(normalize("The ﬁnan\u00adcial ＩＳＯ"))).toEqual(wordsOf("the financial iso"));
  });

  it("are pairs of characters in scripts without spaces", () => {
    expect(wordsOf("合同期限 A1")).toEqual(["合同", "同期", "期限", "a1".toUpperCase()]);
    expect(wordsOf("年")).toEqual(["年"]);
  });
});
