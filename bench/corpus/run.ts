import path from "node:path";
import type { SearchHit } from "../../src/stores/sink.js";
import { type Collection, nameOf, type Splitting, type Way } from "./collection.js";
import { DEPTH, type JudgedHit, type Scores, scoreOne } from "./metrics.js";
import type { CorpusQuestion } from "./sets.js";

/** The ways that are compared when there is a model. */
export const WAYS: readonly Way[] = [
  { splitting: "own", mode: "text" },
  { splitting: "own", mode: "dense" },
  { splitting: "own", mode: "hybrid" },
  { splitting: "stock", mode: "text" },
  { splitting: "stock", mode: "hybrid" },
];

/** A question, how one way answered it, and what it found. */
export interface Outcome {
  question: CorpusQuestion;
  scores: Scores;
  hits: readonly JudgedHit[];
}

/** The outcomes of one set, the questions in the same order for each way. */
export interface SetReport {
  set: string;
  counts: Record<Splitting, number>;
  /** By name of the way. */
  ways: Map<string, Outcome[]>;
}

/** Names the document of a hit as questions do: its file without `.json`. */
const judgedHit = ({ metadata, content, score }: SearchHit): JudgedHit => ({
  document: path.basename(metadata.doc_id, ".json"),
  segments: metadata.segment_indices ?? [metadata.segment_index],
  score,
  content,
});

/** Puts all questions to a collection in each way. */
export const runSet = async (
  set: string,
  questions: readonly CorpusQuestion[],
  ways: readonly Way[],
  collection: Collection,
): Promise<SetReport> => {
  const outcomes = new Map<string, Outcome[]>();
  for (const way of ways) {
    const found: Outcome[] = [];
    for (const question of questions) {
      const hits = await collection.search(way, question.question, DEPTH);
      const judged = hits.map(judgedHit);
      found.push({ question, scores: scoreOne(question, judged), hits: judged });
    }
    outcomes.set(nameOf(way), found);
  }
  return { set, counts: collection.counts, ways: outcomes };
};

/** Writes a report as JSON lines, one for each question and way. */
export const linesOf = ({ set, ways }: SetReport): string[] =>
  [...ways].flatMap(([way, outcomes]) =>
    outcomes.map(
      ({ question, scores, hits }) => `${JSON.stringify({ set, way, ...question, scores, hits })}\n`,
    ),
  );
