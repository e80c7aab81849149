import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FakeEmbeddings } from "@langchain/core/utils/testing";
import { describe, expect, it } from "vitest";
import { CachedEmbeddings } from "../../src/embeddings/cache/cached-embeddings.js";
import { StaticEmbeddings } from "../../src/embeddings/local/static-embeddings.js";
import { embedFloatsOf, recordedName } from "../../src/embeddings/model.js";
import { PackedOpenAIEmbeddings } from "../../src/embeddings/openai/openai-embeddings.js";
import { HashedEmbeddings } from "../support/hashed-embeddings.js";

class Floats {
  async embedDocuments(texts: string[]): Promise<number[][]> {
    return texts.map(() => [1]);
  }
  async embedQuery(): Promise<number[]> {
    return [1];
  }
  async embedFloats(texts: string[]): Promise<Float32Array[]> {
    return texts.map(() => Float32Array.of(2));
  }
}

describe("Float32Arrays of embeddings", () => {
  it("are used only when no overridden embedDocuments is bypassed", async () => {
    class Prefixed extends Floats {
      override async embedDocuments(texts: string[]): Promise<number[][]> {
        return texts.map(() => [3]);
      }
    }
    class Both extends Prefixed {
      override async embedFloats(texts: string[]): Promise<Float32Array[]> {
        return texts.map(() => Float32Array.of(4));
      }
    }
    class Named extends Floats {
      readonly modelName = "m";
    }
    const own = Object.assign(new Floats(), { embedDocuments: async () => [[5]] });
    const lists = { embedDocuments: async () => [[1]], embedQuery: async () => [1] };
    for (const embeddings of [new Prefixed(), own, lists]) expect(embedFloatsOf(embeddings)).toBeUndefined();
    for (const [embeddings, value] of [
      [new Floats(), 2],
      [new Named(), 2],
      [new Both(), 4],
    ] as const)
      expect(await embedFloatsOf(embeddings)?.(["x"])).toEqual([Float32Array.of(value)]);
  });

  it("are made by the subclass's own method behind a cache", async () => {
    class Prefixed extends HashedEmbeddings {
      override async embedDocuments(texts: string[]): Promise<number[][]> {
        return super.embedDocuments(texts.map((text) => `passage: ${text}`));
      }
      async embedFloats(): Promise<Float32Array[]> {
        throw new Error("not asked for");
      }
    }
    class Own extends Prefixed {
      override async embedDocuments(texts: string[]): Promise<number[][]> {
        return super.embedDocuments(texts);
      }
    }
    const directory = await mkdtemp(path.join(tmpdir(), "unsiloed-floats-"));
    const inner = new Own();
    const cached = new CachedEmbeddings(inner, { directory, model: "hashed" });
    try {
      expect(await cached.embedFloats(["a"])).toHaveLength(1);
      expect(inner.embedded).toEqual(["passage: a"]);
    } finally {
      await cached.close();
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe("recordedName", () => {
  it("uses modelName, then model, then the name of the class", () => {
    const both = Object.assign(new FakeEmbeddings(), { modelName: "first", model: "second" });
    expect(recordedName(both)).toBe("first");
    expect(recordedName(Object.assign(new FakeEmbeddings(), { model: "second" }))).toBe("second");
    expect(recordedName(Object.assign(new FakeEmbeddings(), { modelName: "", model: 3 }))).toBe(
      "FakeEmbeddings",
    );
  });

  it("names both models of this package", () => {
    const openai = new PackedOpenAIEmbeddings({ apiKey: "k", model: "text-embedding-3-large" });
    expect(recordedName(openai)).toBe("text-embedding-3-large");
    expect(recordedName(new StaticEmbeddings())).toMatch(/^unsiloed-static-256-\d+$/);
  });
});
