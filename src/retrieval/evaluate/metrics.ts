/** How far down the evidence of a question was found, each from 0 to 1. */
export interface RankScores {
  /** Whether the first hit has the evidence. */
  "hit@1": number;
  /** Whether one of the first five has. */
  "hit@5": number;
  /** Whether one of the first ten has. */
  "hit@10": number;
  /** Reciprocal rank of the first hit that has it among the first ten, else 0. */
  MRR: number;
}

export const RANK_METRICS = ["hit@1", "hit@5", "hit@10", "MRR"] as const;

/** @param rank of the first hit with the evidence, from 1; `undefined` when there is none */
export const scoreRank = (rank = Number.POSITIVE_INFINITY): RankScores => {
  const within = (depth: number): number => (rank <= depth ? 1 : 0);
  return { "hit@1": within(1), "hit@5": within(5), "hit@10": within(10), MRR: within(10) / rank };
};
