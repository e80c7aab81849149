import { Document, type DocumentInterface } from "@langchain/core/documents";
import { BaseDocumentCompressor } from "@langchain/core/retrievers/document_compressors";
import { describe, expect, it } from "vitest";
import { rerank } from "../../../src/retrieval/rerank/rerank.js";
import { SegmentRetriever } from "../../../src/retrieval/segment-retriever.js";
import type { SearchHit } from "../../../src/stores/sink.js";
import { idOf, metadataOf } from "../../support/sink-data.js";

const HITS: SearchHit[] = ["aaa", "bb", "c"].map((content, n) => ({
  id: idOf(n),
  score: 0.5,
  content,
  metadata: metadataOf(),
}));
const idsFrom = (hits: readonly SearchHit[]) => hits.map(({ id }) => id);

/** Returns the Documents with the shortest text, as a compressor of LangChain may: new ones, without ids. */
class Shortest extends BaseDocumentCompressor {
  readonly most: number;
  readonly scored: boolean;

  constructor(most: number, scored: boolean) {
    super();
    this.most = most;
    this.scored = scored;
  }

  async compressDocuments(documents: DocumentInterface[]): Promise<DocumentInterface[]> {
    return documents
      .toSorted((a, b) => a.pageContent.length - b.pageContent.length)
      .slice(0, this.most)
      .map(
        ({ pageContent, metadata }) =>
          new Document({
            pageContent: pageContent.toUpperCase(),
            metadata: { ...metadata, ...(this.scored && { relevanceScore: 1 / pageContent.length }) },
          }),
      );
  }
}

describe("reranking", () => {
  it("keeps the words of what fails in it, with a code", async () => {
    const failing = new Shortest(1, true);
    failing.compressDocuments = () => Promise.reject(new TypeError("no such reranker"));
    const scoring = () => Promise.reject(new TypeError("no such reranker"));
    for (const reranker of [failing, scoring])
      await expect(rerank(reranker, "c", HITS, {})).rejects.toMatchObject({
        code: "UNEXPECTED",
        message: "rerank: the reranker failed: no such reranker",
        cause: expect.any(TypeError),
      });
  });

  it("leaves hits as they are for none", async () => {
    expect(await rerank("none", "c", HITS, {})).toEqual(HITS);
  });

  it("takes the order and the choice of a document compressor, and keeps texts as they are stored", async () => {
    const found = await rerank(new Shortest(2, true), "question", HITS, {});
    expect(found).toEqual([
      { ...HITS[2], score: 1 },
      { ...HITS[1], score: 1 / 2 },
    ]);
  });

  it("scores by rank what a compressor does not score", async () => {
    const found = await rerank(new Shortest(3, false), "question", HITS, {});
    expect(found.map(({ score }) => score)).toEqual([1, 1 / 2, 1 / 3]);
  });

  it("refuses a Document that the compressor was not given", async () => {
    const compressor = { compressDocuments: async () => [new Document({ pageContent: "invented" })] };
    await expect(rerank(compressor, "question", HITS, {})).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining('"invented"'),
    });
  });

  it("orders by the scores of a function, which gets question, texts and signal", async () => {
    const { signal } = new AbortController();
    const received: unknown[] = [];
    const found = await rerank(
      async (...given) => {
        received.push(...given);
        return [1, 3, 2];
      },
      "question",
      HITS,
      { signal },
    );
    expect(idsFrom(found)).toEqual([idOf(1), idOf(2), idOf(0)]);
    expect(found.map(({ score }) => score)).toEqual([3, 2, 1]);
    expect(received).toEqual(["question", ["aaa", "bb", "c"], { signal }]);
  });

  it.each([[[1, 2]], [[1, 2, Number.NaN]]])("refuses the scores %j for three texts", async (scores) => {
    await expect(rerank(async () => scores, "question", HITS, {})).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining("for each of 3 texts"),
    });
  });

  it("asks no reranker about nothing", async () => {
    const never = async () => {
      throw new Error("asked");
    };
    expect(await rerank(never, "question", [], {})).toEqual([]);
  });

  it("stops at once when it is aborted", async () => {
    const controller = new AbortController();
    const found = rerank(() => new Promise(() => {}), "question", HITS, { signal: controller.signal });
    controller.abort();
    await expect(found).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("the option rerank", () => {
  it("says what it accepts", () => {
    const options = { sink: Object.create(null), rerank: "best" };
    expect(() => Reflect.construct(SegmentRetriever, [options])).toThrow(
      'SegmentRetriever: rerank: expected "words", "none", a document compressor of LangChain, or a function that scores texts, got "best" (string)',
    );
  });
});
