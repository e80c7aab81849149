import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EvaluationReport, evaluate } from "../../../src/retrieval/evaluate/evaluate.js";
import { evaluateSchema } from "../../../src/retrieval/evaluate/evaluate-options.js";
import { findWays } from "../../../src/retrieval/evaluate/find-ways.js";
import { searchSegments } from "../../../src/retrieval/search.js";
import { SEARCHABLES, type Searchable } from "../../support/retrieval/searchable.js";
import { atAngle, pointOf, pointsOf, SPEC } from "../../support/sink-data.js";

/** Where each question is among the vectors, in degrees; the points stand at the angle of their number. */
const ANGLES: Record<string, number> = {
  "Kowalczyk contract": 10,
  "heron colony": 90,
  "unrelated wording": 12,
  "filler text": 150,
};
const DEFAULTS = evaluateSchema.parse({});
const embeddings = {
  embedQuery: async (question: string) => atAngle(ANGLES[question] ?? 0),
  embedDocuments: async () => [],
};

describe.each(SEARCHABLES)("evaluating %s", (_name, open) => {
  let under: Searchable;

  beforeAll(async () => {
    under = await open();
    await under.sink.prepare(SPEC);
    await under.sink.upsert([
      pointOf(1, { content: "contract of Kowalczyk: 42 cents", vector: atAngle(10) }),
      pointOf(2, { content: "where the heron nests: 7 pairs", vector: atAngle(12) }),
      ...pointsOf(80, (n) => ({ content: "filler text", vector: atAngle(90 + (n % 80)) }), 100),
    ]);
  });
  afterAll(() => under.close());

  const run = (...questions: Parameters<typeof evaluate>[1]): Promise<EvaluationReport> =>
    evaluate({ sink: under.sink, embeddings }, questions);
  const failure = async (...questions: Parameters<typeof evaluate>[1]) =>
    (await run(...questions)).failures[0];

  it("measures each way on the same questions", async () => {
    const report = await run(
      { question: "Kowalczyk contract", answer: "42 cents" },
      { question: "unrelated wording", answer: "7 pairs" },
    );
    const means = Object.fromEntries(report.ways.map(({ way, ...by }) => [way, by["hit@1"].mean]));
    expect(means).toEqual({ dense: 1, text: 0.5, fused: 1, hybrid: 1 });
    expect(report).toMatchObject({
      questions: 2,
      judged: "hybrid",
      denseShare: DEFAULTS.fusion.denseShare,
      failures: [],
    });
    expect(report.differences.find(({ than }) => than === "text")?.MRR.mean).toBe(0.5);
    for (const { "hit@1": share } of report.ways) expect(share.high - share.low).toBeGreaterThan(0.3);
  });

  it("searches as the search does", async () => {
    const target = { sink: under.sink, embeddings };
    const question = "filler text of Kowalczyk";
    const found = await findWays(target, question, ["dense", "text"], DEFAULTS, {});
    const searched = async (options: Parameters<typeof searchSegments>[2]) =>
      (await searchSegments(target, question, { k: 50, ...options })).map(({ id, score }) => ({ id, score }));
    const shown = (way: keyof typeof found) => found[way]?.map(({ id, score }) => ({ id, score }));
    expect(shown("hybrid")).toEqual(await searched({}));
    expect(shown("fused")).toEqual(await searched({ rerank: "none" }));
    expect(shown("text")).toEqual(await searched({ mode: "text" }));
    expect(shown("dense")).toEqual(await searched({ mode: "dense" }));
  });

  it("tells what is not stored", async () => {
    const question = "Kowalczyk contract";
    expect(await failure({ question, answer: "43 cents" })).toMatchObject({
      number: 1,
      reason: "answer-not-stored",
      explanation: 'not stored: no text contains "43 cents"',
    });
    expect(await failure({ question, document: "other.pdf" })).toMatchObject({
      reason: "document-not-stored",
      explanation: 'not stored: no text of document "other.pdf"',
    });
    expect(await failure({ question, answer: "42 cents", page: 999 })).toMatchObject({
      reason: "page-not-stored",
      explanation: "not stored: no text on page 999",
    });
  });

  it("tells what is ranked low, and by what", async () => {
    expect(await failure({ question: "heron colony", answer: "42 cents" })).toMatchObject({
      reason: "low-by-both",
      ranks: { text: null },
    });
    const low = await evaluate(
      { sink: under.sink, embeddings },
      [{ question: "heron colony", answer: "7 pairs" }],
      {
        fusion: { denseShare: 1 },
        rerank: "none",
      },
    );
    expect(low.failures[0]).toMatchObject({ reason: "low-by-meaning", ranks: { text: 1 } });
    expect(low.failures[0]?.explanation).toMatch(
      /^stored, but ranked low by meaning \(by words: rank 1; by meaning: /,
    );
  });

  it("compares other shares of the vector and claims no more than the questions show", async () => {
    const few = await run({ question: "heron colony", answer: "7 pairs" });
    const tried = few.fusion.map(({ denseShare }) => denseShare);
    expect(tried).toEqual([0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9].filter((share) => share !== few.denseShare));
    const questions = Array.from({ length: 12 }, () => ({ question: "heron colony", answer: "7 pairs" }));
    const settings = { fusion: { denseShare: 1 }, rerank: "none" } as const;
    const { fusion } = await evaluate({ sink: under.sink, embeddings }, questions, settings);
    expect(fusion.find(({ denseShare }) => denseShare === 0)).toMatchObject({
      MRR: 1,
      isMoreThanChance: true,
    });
    // One question gains as much, which proves nothing.
    const single = await evaluate({ sink: under.sink, embeddings }, questions.slice(0, 1), settings);
    const [first] = single.fusion;
    expect(first).toMatchObject({ denseShare: 0, MRR: 1, isMoreThanChance: false });
    expect(first?.difference.mean).toBeGreaterThan(0.5);
    const same = await run({ question: "Kowalczyk contract", answer: "42 cents" });
    expect(same.fusion.some(({ isMoreThanChance }) => isMoreThanChance)).toBe(false);
  });

  it("does not call a reranker of the caller for other shares", async () => {
    let calls = 0;
    const rerank = async (_question: string, texts: string[]) => {
      calls += 1;
      return texts.map((text) => Number(text.includes("heron")));
    };
    const questions = [{ question: "heron colony", answer: "7 pairs" }];
    const report = await evaluate({ sink: under.sink, embeddings }, questions, { rerank });
    expect(calls).toBe(1);
    expect(report.fusion).toEqual([]);
  });

  it("needs no model for text search, and obeys the filter", async () => {
    const questions = [{ question: "heron", answer: "7 pairs" }];
    const report = await evaluate({ sink: under.sink }, questions);
    expect(report.ways.map(({ way }) => way)).toEqual(["text"]);
    expect(report).toMatchObject({ judged: "text", differences: [], fusion: [], denseShare: null });
    const none = await evaluate({ sink: under.sink }, questions, { filter: { docIds: [] } });
    expect(none.failures[0]?.reason).toBe("document-not-stored");
  });

  it("stops when it is aborted", async () => {
    const signal = AbortSignal.abort();
    const run = evaluate({ sink: under.sink, embeddings }, [{ question: "heron", answer: "7" }], { signal });
    await expect(run).rejects.toMatchObject({ code: "ABORTED" });
  });
});
