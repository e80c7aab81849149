import { describe, expect, it } from "vitest";
import { rankByWords } from "../../../src/retrieval/rerank/rank-by-words.js";
import type { SearchHit } from "../../../src/stores/sink.js";
import { idOf, metadataOf } from "../../support/sink-data.js";

const FILLER = ["weather report", "travel policy", "notes on parking"];

/** Hits with equal scores, followed by some that share no word with a question. */
const hitsOf = (...contents: string[]): SearchHit[] =>
  [...contents, ...FILLER].map((content, n) => ({
    id: idOf(n),
    score: 0.5,
    content,
    metadata: metadataOf(),
  }));

const orderOf = (question: string, hits: readonly SearchHit[]): string[] =>
  rankByWords(question, hits).map(({ content }) => content);

describe("ranking hits by words", () => {
  it("prefers the words together in one sentence", () => {
    const apart = "The notice is short. Nothing is said of the lease. A period begins.";
    const together = "Nothing begins. The notice period of the lease is short.";
    expect(orderOf("lease, notice and period", hitsOf(apart, together))[0]).toBe(together);
  });

  it("prefers neighbours of the question that are neighbours in the text", () => {
    const apart = "Interest on debt lowers taxable income of interest to nobody here";
    const neighbours = "Other interest income on debt is of no use to nobody here";
    expect(orderOf("interest income", hitsOf(apart, neighbours))[0]).toBe(neighbours);
  });

  it("prefers the table whose row is named as asked, with its columns", () => {
    const table = (rows: string) => `| | 2019 | 2018 |\n| --- | --- | --- |\n${rows}`;
    const other = table("| Deferred interest income, net of tax | 1 | 2 |");
    const row = table("| Interest income | 3 | 4 |\n| Interest expense | 5 | 6 |");
    expect(orderOf("What was the interest income in 2019?", hitsOf(other, row))[0]).toBe(row);
  });

  it("reads a passage with the title of its document and the headings above it", () => {
    const [first, second, ...others] = hitsOf("Rest and fluids help.", "Rest and fluids help here.");
    if (!first || !second) throw new Error("expected two hits");
    const named = [
      { ...first, metadata: metadataOf({ title: "Measles", section_path: ["Treatment"] }) },
      { ...second, metadata: metadataOf({ title: "Mumps", section_path: ["Treatment"] }) },
      ...others,
    ];
    expect(rankByWords("treatment of mumps", named)[0]?.id).toBe(second.id);
    expect(rankByWords("treatment of measles", named)[0]?.id).toBe(first.id);
  });

  it("counts rare words more than common ones", () => {
    const common = ["report of the board", "report of the auditor", "report of the chair"];
    const hits = hitsOf("report on everything", ...common, "an audited note on guarantees");
    expect(orderOf("report on guarantees", hits)[0]).toBe("an audited note on guarantees");
  });

  it("leaves the order to the search where hardly any word of the question is found", () => {
    const [meant, worded, ...others] = hitsOf(
      "Either side may end it with a month's warning.",
      "The lease is green.",
    );
    if (!meant || !worded) throw new Error("expected two hits");
    const hits = [{ ...meant, score: 0.9 }, worded, ...others];
    expect(rankByWords("Is the lease green?", hits)[0]?.id).toBe(worded.id);
    expect(rankByWords("cancel rented premises before expiry under lease", hits)[0]?.id).toBe(meant.id);
  });

  it("counts what asks for a calculation less than what the figures are", () => {
    const average = "The average change in percentage of sales was computed.";
    const goods = "| | 2019 |\n| --- | --- |\n| Finished goods | 5 |";
    expect(orderOf("average percentage change in finished goods", hitsOf(average, goods))[0]).toBe(goods);
  });

  it("keeps the order of the scores when no hit has a word of the question", () => {
    const hits = hitsOf("a", "b", "c").map((hit, n) => ({ ...hit, score: n / 10 }));
    for (const question of ["xylophone", "?!", ""])
      expect(orderOf(question, hits)).toEqual(hits.map(({ content }) => content).reverse());
  });

  it("gives scores from 0 to 1, best first, and 1 to a hit that has everything", () => {
    const [first, ...others] = rankByWords("interest income", [
      {
        id: idOf(1),
        score: 1,
        content: "| x | y |\n| --- | --- |\n| Interest income | 1 |",
        metadata: metadataOf(),
      },
      ...hitsOf("income", "interest").map((hit) => ({ ...hit, id: `${hit.id}x` })),
    ]);
    expect(first?.score).toBeCloseTo(1, 10);
    const scores = others.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
  });

  it("changes no hit but its score", () => {
    const hits = hitsOf("the lease ends", "the rent rises");
    const ranked = rankByWords("lease", hits);
    for (const { score: _score, ...hit } of ranked)
      expect(hits.find(({ id }) => id === hit.id)).toMatchObject(hit);
    expect(ranked).toHaveLength(hits.length);
    expect(rankByWords("lease", [])).toEqual([]);
  });
});
