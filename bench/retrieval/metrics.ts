import type { Judge } from "./judge.js";

/** Figures of a search method on one set, as means over its questions. */
export interface Scores {
  /** Whether the first split contains the answer. */
  "hit@1": number;
  /** Whether one of the first five does. */
  "hit@5": number;
  /** Reciprocal rank of the first split with the answer among the first ten, else 0. */
  MRR: number;
  /** Whether the answer can be read from one of the first five: with column name and row key when it is in a table. */
  "answerable@5": number;
}

export const METRICS = ["hit@1", "hit@5", "MRR", "answerable@5"] as const;

/** How many splits are judged for each question. */
export const DEPTH = 10;

/** @param texts the splits found for one question, best first */
export const scoreOne = ({ hit, answerable }: Judge, texts: readonly string[]): Scores => {
  const rank = texts.slice(0, DEPTH).findIndex(hit) + 1;
  return {
    "hit@1": rank === 1 ? 1 : 0,
    "hit@5": rank >= 1 && rank <= 5 ? 1 : 0,
    MRR: rank === 0 ? 0 : 1 / rank,
    "answerable@5": texts.slice(0, 5).some(answerable) ? 1 : 0,
  };
};

export const meanOf = (scores: readonly Scores[]): Scores => {
  const mean = (metric: keyof Scores): number =>
    scores.reduce((sum, one) => sum + one[metric], 0) / Math.max(1, scores.length);
  return {
    "hit@1": mean("hit@1"),
    "hit@5": mean("hit@5"),
    MRR: mean("MRR"),
    "answerable@5": mean("answerable@5"),
  };
};
