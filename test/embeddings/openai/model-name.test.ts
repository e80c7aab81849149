import { describe, expect, it } from "vitest";
import { readModelName, writeModelName } from "../../../src/embeddings/openai/model-name.js";

describe("the recorded name of a model", () => {
  it("is the name itself without prefixes", () => {
    expect(writeModelName({ model: "text-embedding-3-small" })).toBe("text-embedding-3-small");
    expect(writeModelName({ model: "m", prefixes: { query: "", document: "" } })).toBe("m");
    expect(readModelName("text-embedding-3-small")).toEqual({ model: "text-embedding-3-small" });
  });

  it.each([
    { query: "query: ", document: "passage: " },
    { query: 'say "what": ', document: "" },
    { query: "", document: '" and document prefix "\n\\' },
    { query: "检索：", document: " with query prefix " },
  ])("tells prefixes apart and can be read back: %j", (prefixes) => {
    const named = { model: "intfloat/e5:small", prefixes };
    expect(readModelName(writeModelName(named))).toEqual(named);
  });

  it("is readable", () => {
    const prefixes = { query: "query: ", document: "passage: " };
    expect(writeModelName({ model: "e5", prefixes })).toBe(
      'e5 with query prefix "query: " and document prefix "passage: "',
    );
  });
});
