import { copyFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { FakeVectorStore } from "@langchain/core/utils/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StaticEmbeddings } from "../../../src/embeddings/local/static-embeddings.js";
import { SMALL_VOCABULARY, type SmallModel, writeSmallModel } from "../../support/static-model.js";

/** The vector of a text by the definition: its tokens' rows by scale and root of the count, added up, at length 1. */
const expected = (...tokens: string[]): number[] => {
  const sum = [0, 0];
  for (const token of new Set(tokens)) {
    const count = tokens.filter((other) => other === token).length;
    const [first = 0, second = 0, scale = 0] = SMALL_VOCABULARY[token] ?? [];
    sum[0] = (sum[0] ?? 0) + first * scale * Math.sqrt(count);
    sum[1] = (sum[1] ?? 0) + second * scale * Math.sqrt(count);
  }
  return sum.map((value) => value / Math.hypot(...sum));
};

describe("a small static model", () => {
  let model: SmallModel;
  let embeddings: StaticEmbeddings;
  beforeAll(async () => {
    model = await writeSmallModel();
    embeddings = new StaticEmbeddings({ directory: model.directory });
  });
  afterAll(() => model.remove());

  const expectVector = async (text: string, tokens: string[]): Promise<void> => {
    const vector = await embeddings.embedQuery(text);
    for (const [at, value] of expected(...tokens).entries()) expect(vector[at]).toBeCloseTo(value, 6);
  };

  it("is named with its version and knows its length before the first call", () => {
    expect(embeddings.modelName).toBe("small-1");
    expect(embeddings.dimensions).toBe(2);
  });

  it.each([
    ["whales", ["whale", "s"]],
    ["Sea  whale\n", ["sea", "whale"]],
    ["whale whale sea", ["whale", "whale", "sea"]],
    ["日本", ["日", "本"]],
    ["revenue!", ["revenue"]],
  ])("adds up the scaled vectors of the tokens of %j", (text, tokens) => expectVector(text, tokens));

  it.each(["whale quark", "<whale>", "xwhalex"])(
    "counts nothing for what the vocabulary lacks in %j",
    (text) => expectVector(text, ["whale"]),
  );

  it.each(["quark", "\u0000", "<unk>", "👩‍👩‍👧", "\ud800"])(
    "gives %j, of no known token, zeros",
    async (text) => {
      expect(await embeddings.embedQuery(text)).toEqual([0, 0]);
    },
  );

  it("reads a long text and a long word to their ends", async () => {
    const words = Array.from({ length: 9_000 }, () => "whale");
    await expectVector([...words, "revenue"].join(" "), [...words, "revenue"]);
    await expectVector("日".repeat(5_000) + "本".repeat(4), [
      ...Array.from({ length: 5_000 }, () => "日"),
      ...Array.from({ length: 4 }, () => "本"),
    ]);
  });

  it.each(["whale", "quark"])(
    "lets other work run during a long text of %ss, and stops in it when aborted",
    async (word) => {
      const text = `${word} `.repeat(200_000);
      let turns = 0;
      let ended = false;
      const embedded = embeddings.embedQuery(text).finally(() => {
        ended = true;
      });
      while (!ended) {
        await setImmediate();
        turns += 1;
      }
      await embedded;
      expect(turns).toBeGreaterThan(20);
      const stop = new AbortController();
      const call = embeddings.embedQuery(text, { signal: stop.signal });
      await setImmediate();
      stop.abort();
      await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    },
  );

  it("works in LangChain's vector stores", async () => {
    const store = await FakeVectorStore.fromTexts(
      ["revenue grew", "whales"],
      [{ n: 0 }, { n: 1 }],
      embeddings,
    );
    const [hit] = await store.asRetriever(1).invoke("the sea");
    expect(hit?.metadata).toEqual({ n: 1 });
  });

  it("refuses unknown options", () => {
    expect(() => new StaticEmbeddings({ directory: "" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("directory") }),
    );
  });
});

describe("a model that is not whole", () => {
  it("is refused at once when its description is missing, and says what to do in a bundle", () => {
    expect(() => new StaticEmbeddings({ directory: "nowhere" })).toThrow(
      expect.objectContaining({
        code: "MISSING_PACKAGE",
        message: expect.stringMatching(
          /nowhere.*install the package unsiloed-ingest where your bundle runs/s,
        ),
      }),
    );
  });

  it.each([
    ["config.json", '{ "name": "small" }', "version"],
    ["config.json", "{", "JSON"],
    ["tokenizer.json", "[]", "expected object"],
    ["tokenizer.json", '{ "model": { "type": "BPE" } }', 'expected "Unigram"'],
    ["vectors.bin", "123", "expected 48 bytes for 8 tokens, got 3"],
  ])("is refused when %s is %j", async (name, content, problem) => {
    const model = await writeSmallModel();
    try {
      await writeFile(path.join(model.directory, name), content);
      const call = async () => new StaticEmbeddings({ directory: model.directory }).embedQuery("whale");
      await expect(call()).rejects.toMatchObject({
        code: "MISSING_PACKAGE",
        message: expect.stringContaining(problem),
      });
    } finally {
      await model.remove();
    }
  });

  it("is read again by the next call, when the file is there by then", async () => {
    const model = await writeSmallModel();
    try {
      const embeddings = new StaticEmbeddings({ directory: model.directory });
      const file = path.join(model.directory, "vectors.bin");
      const other = await writeSmallModel();
      await rm(file);
      await expect(embeddings.embedQuery("whale")).rejects.toMatchObject({ code: "MISSING_PACKAGE" });
      await copyFile(path.join(other.directory, "vectors.bin"), file);
      await other.remove();
      expect(await embeddings.embedQuery("whale")).toEqual([1, 0]);
    } finally {
      await model.remove();
    }
  });
});
