import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmbeddingModel } from "../../src/embeddings/model.js";

/** A model to test, and how it is closed with everything it needs. */
export interface ModelUnderTest {
  model: EmbeddingModel;
  close: () => Promise<void>;
}

const TEXTS = [
  "Net revenue rose by 12.4 % to EUR 1,204.7 million.",
  "| Year | Dividend |\n| --- | --- |\n| 2024 | 1.35 |",
  "日本語の文書と русский текст 👩‍👩‍👧",
  "x",
  "a lone surrogate \ud800 in the text",
];

/** Vectors may differ by rounding between batches. */
const TOLERANCE = 1e-5;

const largestDifference = (a: ArrayLike<number> = [], b: ArrayLike<number> = []): number =>
  a.length === b.length
    ? Array.from(a).reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] ?? Number.NaN))), 0)
    : Number.POSITIVE_INFINITY;

/** Tests the rules that `EmbeddingModel` states. */
export const describeEmbeddingModel = (name: string, open: () => Promise<ModelUnderTest>): void => {
  describe(`${name} as an embedding model`, () => {
    let opened: ModelUnderTest;
    let model: EmbeddingModel;
    beforeAll(async () => {
      opened = await open();
      model = opened.model;
    });
    afterAll(() => opened.close());

    it("names its model", () => {
      expect(model.modelName).toMatch(/\S/);
    });

    it("returns one finite vector for each text, in order and of one length", async () => {
      const vectors = await model.embedDocuments([...TEXTS]);
      expect(vectors).toHaveLength(TEXTS.length);
      const [length = 0] = new Set(vectors.map((vector) => vector.length));
      expect(length).toBeGreaterThan(0);
      for (const [index, vector] of vectors.entries()) {
        expect(vector).toHaveLength(model.dimensions ?? length);
        expect(vector.every(Number.isFinite)).toBe(true);
        const [alone] = await model.embedDocuments([TEXTS[index] ?? ""]);
        expect(largestDifference(vector, alone)).toBeLessThan(TOLERANCE);
      }
    });

    it("returns the same vectors as Float32Arrays, if it can", async () => {
      if (!model.embedFloats) return expect(model.embedFloats).toBeUndefined();
      const floats = await model.embedFloats([...TEXTS]);
      const lists = await model.embedDocuments([...TEXTS]);
      expect(floats).toHaveLength(TEXTS.length);
      for (const [index, vector] of floats.entries()) {
        expect(vector).toBeInstanceOf(Float32Array);
        expect(largestDifference(vector, lists[index])).toBeLessThan(TOLERANCE);
      }
    });

    it("embeds a question into a vector of the same length", async () => {
      const [document] = await model.embedDocuments(["dividend per share"]);
      const question = await model.embedQuery("dividend per share");
      expect(question).toHaveLength(document?.length ?? 0);
      expect(question.every(Number.isFinite)).toBe(true);
    });

    it("returns nothing for no texts, and does not change the list of texts", async () => {
      expect(await model.embedDocuments([])).toEqual([]);
      const texts = ["b", "a", "b"];
      const vectors = await model.embedDocuments(texts);
      expect(texts).toEqual(["b", "a", "b"]);
      expect(largestDifference(vectors[0], vectors[2])).toBeLessThan(TOLERANCE);
    });

    it.each(["", " ", "\n\t\u00a0"])("refuses the blank text %j and names its position", async (blank) => {
      await expect(model.embedDocuments(["good", blank, "also good"])).rejects.toMatchObject({
        code: "EMBEDDING_FAILED",
        retryable: false,
        message: expect.stringContaining("text 2 of 3"),
      });
      await expect(model.embedQuery(blank)).rejects.toMatchObject({ code: "EMBEDDING_FAILED" });
    });

    it("answers overlapping calls, each with its own vectors", async () => {
      const alone = await model.embedDocuments([...TEXTS]);
      const calls = TEXTS.map((text, index) => model.embedDocuments([text, TEXTS[index - 1] ?? "first"]));
      for (const [index, [vector]] of (await Promise.all(calls)).entries())
        expect(largestDifference(vector, alone[index])).toBeLessThan(TOLERANCE);
    });

    it("stops when aborted before or during a call", async () => {
      const aborted = { signal: AbortSignal.abort() };
      await expect(model.embedDocuments(["early"], aborted)).rejects.toMatchObject({ code: "ABORTED" });
      await expect(model.embedQuery("early", aborted)).rejects.toMatchObject({ code: "ABORTED" });
      const controller = new AbortController();
      const texts = Array.from({ length: 200 }, (_, number) => `text ${number} of a call that is aborted`);
      const call = model.embedDocuments(texts, { signal: controller.signal });
      controller.abort();
      await expect(call).rejects.toMatchObject({ code: "ABORTED" });
      expect(await model.embedDocuments(["after it"])).toHaveLength(1);
    });

    it("works again after it is closed", async () => {
      const [before] = await model.embedDocuments(["again"]);
      await model.close?.();
      const [after] = await model.embedDocuments(["again"]);
      expect(largestDifference(after, before)).toBeLessThan(TOLERANCE);
    });
  });
};
