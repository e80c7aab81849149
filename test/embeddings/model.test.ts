import { FakeEmbeddings } from "@langchain/core/utils/testing";
import { describe, expect, it } from "vitest";
import { describeEmbeddings } from "../../src/embeddings/model.js";
import { PackedOpenAIEmbeddings } from "../../src/embeddings/openai.js";
import { UseLiteEmbeddings } from "../../src/embeddings/use-lite.js";

describe("describeEmbeddings", () => {
  it("takes modelName, then model, then the name of the class", () => {
    const both = Object.assign(new FakeEmbeddings(), { modelName: "first", model: "second" });
    expect(describeEmbeddings(both)).toEqual({ model: "first" });
    expect(describeEmbeddings(Object.assign(new FakeEmbeddings(), { model: "second" }))).toEqual({
      model: "second",
    });
    expect(describeEmbeddings(Object.assign(new FakeEmbeddings(), { modelName: "", model: 3 }))).toEqual({
      model: "FakeEmbeddings",
    });
  });

  it("names both models of this package", () => {
    const openai = new PackedOpenAIEmbeddings({ apiKey: "k", model: "text-embedding-3-large" });
    expect(describeEmbeddings(openai)).toEqual({ model: "text-embedding-3-large" });
    expect(describeEmbeddings(new UseLiteEmbeddings())).toEqual({ model: "use-lite" });
  });
});
