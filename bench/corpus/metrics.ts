import { holds } from "../../src/retrieval/evaluate/holds.js";
import { type RankScores, scoreRank } from "../../src/retrieval/evaluate/metrics.js";
import type { CorpusQuestion } from "./sets.js";

/** The figures of one question, each from 0 to 1. */
export interface Scores extends RankScores {
  /** Whether one of the first five hits is of the right document. */
  "document@5": number;
  /** Whether the answer can be read from such a hit among the first five; `undefined` where no words of the answer are known. */
  "answerable@5": number | undefined;
  /** The same for questions whose answer is a cell of a table, else `undefined`. */
  "cell@5": number | undefined;
}

export const METRICS = ["document@5", "hit@1", "hit@5", "hit@10", "MRR", "answerable@5", "cell@5"] as const;
export type Metric = (typeof METRICS)[number];

/** How many hits are judged for each question. */
export const DEPTH = 10;

/** What is judged of a hit. */
export interface JudgedHit {
  document: string;
  segments: readonly number[];
  content: string;
  score: number;
}

/** Tells whether the answer can be read from a text: for a table cell with the key of its row on the same line, and with every part of the name of its column. */
const isReadable = (content: string, { answers, cell }: CorpusQuestion): boolean => {
  if (!cell) return answers.some((answer) => holds(content, answer));
  const { row, cols, value } = cell;
  const lines = content.split("\n");
  return (
    lines.some((line) => holds(line, value) && (row === "" || holds(line, row))) &&
    cols.every((name) => holds(content, name))
  );
};

/** @param hits what was found for the question, best first */
export const scoreOne = (question: CorpusQuestion, hits: readonly JudgedHit[]): Scores => {
  const gold = new Map(question.gold.map(({ document, segments }) => [document, new Set(segments)]));
  const first = hits.slice(0, DEPTH);
  const isEvidence = ({ document, segments }: JudgedHit): boolean =>
    segments.some((segment) => gold.get(document)?.has(segment));
  const rank = first.findIndex(isEvidence) + 1;
  const five = first.slice(0, 5);
  const isRead = Number(five.some((hit) => isEvidence(hit) && isReadable(hit.content, question)));
  return {
    "document@5": five.some(({ document }) => gold.has(document)) ? 1 : 0,
    ...scoreRank(rank || undefined),
    "answerable@5": question.answers.length > 0 || question.cell ? isRead : undefined,
    "cell@5": question.cell && isRead,
  };
};
