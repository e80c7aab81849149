import { throwIfAborted } from "../../internal/async/clock.js";
import { parseOptions } from "../../internal/options.js";
import { type SearchTarget, searchTargetSchema } from "../search-options.js";
import { type EvaluateOptions, evaluateSchema } from "./evaluate-options.js";
import { type Evidence, evidenceOf } from "./evidence.js";
import { findWays, modesFor, WAYS, type Way, type WayHits } from "./find-ways.js";
import { type FusionTrial, FusionTrials } from "./fusion-settings.js";
import { type RankScores, scoreRank } from "./metrics.js";
import { type EvaluationQuestion, parseQuestions } from "./questions.js";
import { countStored, explain, type FailureReason, type Ranks, reasonOf, SHOWN } from "./reasons.js";
import { type Estimate, estimate, estimateShare } from "./statistics.js";

/** The figures of one way to search, each with its 95 % interval. */
export interface WayFigures extends Record<keyof RankScores, Estimate> {
  /** `dense`, `text`, `fused` (hybrid without reranking) or `hybrid`. */
  way: Way;
}

/** A difference between hybrid search and another way on the same questions. */
export interface WayDifference extends Record<"hit@5" | "MRR", Estimate> {
  /** The way that hybrid search is compared with. */
  than: Way;
}

/** A question whose evidence is not among the first five hits. */
export interface FailedQuestion extends EvaluationQuestion {
  /** Position in the list of questions, from 1. */
  number: number;
  /** Why it fails, for programs. */
  reason: FailureReason;
  /** The same as a sentence. */
  explanation: string;
  /** Rank of the first hit with the evidence in each way; `null` when it is not among the first 50. */
  ranks: Ranks;
}

/** How well a collection answers questions. */
export interface EvaluationReport {
  /** How many questions were asked. */
  questions: number;
  /** The seed of the intervals. */
  seed: number;
  /** Every way that the store supports. */
  ways: WayFigures[];
  /** Hybrid search minus each other way, by paired bootstrap; empty without hybrid search. */
  differences: WayDifference[];
  /** The share of the vector that hybrid search used; `null` without hybrid search. */
  denseShare: number | null;
  /** Hybrid search with other shares; empty without it, or with a reranker of the caller. */
  fusion: FusionTrial[];
  /** The way whose failures are listed: hybrid search where the store supports it. */
  judged: Way;
  /** The questions that fail. */
  failures: FailedQuestion[];
}

const figuresOf = (way: Way, scores: readonly RankScores[], seed: number): WayFigures => {
  const share = (metric: keyof RankScores) => estimateShare(scores.map((each) => each[metric]));
  const MRR = estimate([scores.map((each) => each.MRR)], seed);
  return { way, "hit@1": share("hit@1"), "hit@5": share("hit@5"), "hit@10": share("hit@10"), MRR };
};

const ranksIn = (found: WayHits, { isIn }: Evidence): Ranks => {
  const ranks: Ranks = {};
  for (const way of WAYS) {
    const hits = found[way];
    if (hits) ranks[way] = hits.findIndex(isIn) + 1 || null;
  }
  return ranks;
};

const differenceOf = (
  than: Way,
  [ahead, behind]: readonly [readonly RankScores[], readonly RankScores[]],
  seed: number,
): WayDifference => {
  const by = (metric: keyof RankScores): Estimate =>
    estimate([ahead.map((scores, at) => scores[metric] - (behind[at]?.[metric] ?? 0))], seed);
  return { than, "hit@5": by("hit@5"), MRR: by("MRR") };
};

/**
 * Measures how well a collection answers questions whose evidence is known, in every way that it can be searched, and
 * tells why questions fail. Reads only; embeds each question once.
 *
 * @param questions at least one
 * @throws UnsiloedError `INVALID_OPTION` for a wrong question, naming it and its field; `COLLECTION_NOT_FOUND`; and what
 *   the store and the embeddings throw
 * @example
 * ```ts
 * const { ways, failures } = await evaluate({ sink, embeddings }, [
 *   { question: "How much is the dividend?", answer: "42 cents", document: "report.pdf", page: 7 },
 * ]);
 * ```
 */
export const evaluate = async (
  target: SearchTarget,
  questions: readonly EvaluationQuestion[],
  { signal, onAsked, ...given }: EvaluateOptions = {},
): Promise<EvaluationReport> => {
  parseOptions(searchTargetSchema, target, "evaluate");
  const settings = parseOptions(evaluateSchema, given, "evaluate");
  const { seed, filter } = settings;
  const asked = parseQuestions(questions, "evaluate").map((question) => ({
    question,
    evidence: evidenceOf(question),
  }));
  const modes = await modesFor(target, { signal });
  const ranksOf: Ranks[] = [];
  const trials = new FusionTrials(settings);
  for (const { question, evidence } of asked) {
    throwIfAborted(signal);
    const found = await findWays(target, question.question, modes, settings, { signal });
    ranksOf.push(ranksIn(found, evidence));
    await trials.add(question.question, found, evidence.isIn, { signal });
    onAsked?.(ranksOf.length);
  }

  const ways = WAYS.filter((way) => ranksOf.some((ranks) => ranks[way] !== undefined));
  const scoresOf = (way: Way): RankScores[] => ranksOf.map((ranks) => scoreRank(ranks[way] ?? undefined));
  const judged = ways.at(-1) ?? "dense";
  const others = judged === "hybrid" ? ways.filter((way) => way !== judged) : [];

  const failed = asked.flatMap((item, at) => {
    const ranks = ranksOf[at] ?? {};
    return (ranks[judged] ?? Number.POSITIVE_INFINITY) > SHOWN ? [{ ...item, ranks, number: at + 1 }] : [];
  });
  const evidence = failed.map((item) => item.evidence);
  const stored = await countStored(target.sink, evidence, filter, { signal });
  return {
    questions: asked.length,
    seed,
    ways: ways.map((way) => figuresOf(way, scoresOf(way), seed)),
    differences: others.map((way) => differenceOf(way, [scoresOf(judged), scoresOf(way)], seed)),
    denseShare: judged === "hybrid" ? settings.fusion.denseShare : null,
    fusion: trials.compareWith(scoresOf(judged)),
    judged,
    failures: failed.map(({ question, ranks, number }, at) => {
      const reason = reasonOf(ranks, stored?.[at]);
      return { ...question, number, reason, explanation: explain(reason, question, ranks), ranks };
    }),
  };
};
