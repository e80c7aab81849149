import { describe, expect, it } from "vitest";
import { passagesOf } from "../../../src/retrieval/rerank/passages.js";

describe("the passages of a text", () => {
  it("are its sentences and lines", () => {
    const passages = passagesOf("## costs\n\nrent is due. power is not; see below.\nno more");
    expect(passages.map(({ words }) => words.join(" "))).toEqual([
      "cost",
      "rent is due",
      "power is not",
      "see below",
      "no mor",
    ]);
    expect(passages.every(({ context, name }) => context.length === 0 && name.length === 0)).toBe(true);
  });

  it("are the rows of a table, with caption, column names and the name of their group", () => {
    const [caption, leases, cars, other] = passagesOf(
      "table 1: cost\n\n| item | 2019 |\n| --- | --- |\n| leases |  |\n| cars \\| vans | 5 |\n| other | 6 |\n",
    );
    expect(caption?.words).toEqual(["tabl", "1", "cost"]);
    expect(leases).toMatchObject({ words: ["leas"], context: ["item", "2019", "tabl", "1", "cost"] });
    expect(cars).toMatchObject({ words: ["car", "van", "5"], name: ["car", "van"] });
    expect(cars?.context).toEqual(["item", "2019", "tabl", "1", "cost", "leas"]);
    expect(other).toMatchObject({ name: ["other"], words: ["other", "6"] });
  });

  it("reads a table without a header, and a text after a table", () => {
    const passages = passagesOf("| a | 1 |\n| b | 2 |\nafter it.");
    expect(passages.map(({ words }) => words)).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["after", "it"],
    ]);
  });

  it("has none in an empty text", () => {
    expect(passagesOf(" \n ")).toEqual([]);
  });
});
