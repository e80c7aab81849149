import { METRICS, meanOf, type Scores } from "./metrics.js";
import { type SetReport, WAYS, type Way } from "./run.js";

/** Least figures of hybrid search on every set. */
export const THRESHOLDS = { "answerable@5": 0.96, "hit@1": 0.85 } as const;

/** Least leads of hybrid search over the stock pipeline, on the mean over the sets. */
export const LEADS = { "hit@1": 0.25, "answerable@5": 0.12 } as const;

/** Least hit@1 of dense search, on the mean over the sets. */
export const DENSE_THRESHOLD = 0.75;

/** Least hit@5 of dense search on every set in another language. */
export const LANGUAGE_THRESHOLD = 0.45;

const scoresOf = (reports: readonly SetReport[], way: Way): Scores =>
  meanOf(reports.map(({ ways }) => ways[way].scores));

const line = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at < 2 ? cell.padEnd(at === 0 ? 26 : 8) : cell.padStart(13))).join("");

const rowsOf = (name: string, scores: (way: Way) => Scores): string[] =>
  WAYS.map((way) => line([name, way, ...METRICS.map((metric) => scores(way)[metric].toFixed(3))]));

/** Formats the table: each set by each search method, then the mean over the sets. */
export const formatReports = (reports: readonly SetReport[]): string =>
  [
    line(["set (questions)", "search", ...METRICS]),
    ...reports.flatMap(({ set, questions, ways }) =>
      rowsOf(`${set} (${questions})`, (way) => ways[way].scores),
    ),
    ...rowsOf("mean over sets", (way) => scoresOf(reports, way)),
  ].join("\n");

/** Lists questions that the first hit of hybrid search does not answer. */
export const formatMisses = (reports: readonly SetReport[]): string[] =>
  reports.flatMap(({ set, ways }) =>
    ways.hybrid.outcomes
      .filter(({ scores }) => scores["hit@1"] < 1 || scores["answerable@5"] < 1)
      .map(({ question, scores }) => {
        const rank = scores.MRR === 0 ? "not found" : `rank ${Math.round(1 / scores.MRR)}`;
        const note = scores["answerable@5"] < 1 ? ", not answerable" : "";
        return `${set}: ${question} (${rank}${note})`;
      }),
  );

/** Figures come in steps of binary fractions: a lead of 0.3 may be a little less. */
const isLess = (reached: number, least: number): boolean => reached < least - 1e-9;

const missed = (what: string, reached: number, least: number): string[] =>
  isLess(reached, least) ? [`${what} ${reached.toFixed(3)}, expected at least ${least}`] : [];

/**
 * Describes the missed thresholds.
 *
 * @param languages the reports of the sets in other languages
 */
export const failuresOf = (reports: readonly SetReport[], languages: readonly SetReport[] = []): string[] => {
  const [dense, hybrid, stock] = [
    scoresOf(reports, "dense"),
    scoresOf(reports, "hybrid"),
    scoresOf(reports, "stock"),
  ];
  return [
    ...reports.flatMap(({ set, ways }) =>
      (["answerable@5", "hit@1"] as const).flatMap((metric) =>
        missed(`${set}: hybrid ${metric} is`, ways.hybrid.scores[metric], THRESHOLDS[metric]),
      ),
    ),
    ...(["hit@1", "answerable@5"] as const).flatMap((metric) =>
      missed(
        `mean over sets: hybrid beats stock's ${metric} by`,
        hybrid[metric] - stock[metric],
        LEADS[metric],
      ),
    ),
    ...missed("mean over sets: dense hit@1 is", dense["hit@1"], DENSE_THRESHOLD),
    ...languages.flatMap(({ set, ways }) =>
      missed(`${set}: dense hit@5 is`, ways.dense.scores["hit@5"], LANGUAGE_THRESHOLD),
    ),
  ];
};
