import { METRICS, meanOf, type Scores } from "./metrics.js";
import { type SetReport, WAYS, type Way } from "./run.js";

/** Least figures of hybrid search on every set, and its least lead over the stock pipeline on all sets. */
export const THRESHOLDS = { "answerable@5": 0.97, "hit@1": 0.8, "hit@5 over stock": 0.3 } as const;

/** Least hit@5 of dense search on the sets in other languages. */
export const LANGUAGE_THRESHOLD = 0.6;

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

/**
 * Describes the missed thresholds.
 *
 * @param languages the reports of the sets in other languages
 */
export const failuresOf = (reports: readonly SetReport[], languages: readonly SetReport[] = []): string[] => {
  const failures: string[] = [];
  for (const { set, ways } of languages) {
    const reached = ways.dense.scores["hit@5"];
    if (reached < LANGUAGE_THRESHOLD) {
      failures.push(`${set}: dense hit@5 is ${reached.toFixed(3)}, expected at least ${LANGUAGE_THRESHOLD}`);
    }
  }
  for (const { set, ways } of reports) {
    for (const metric of ["answerable@5", "hit@1"] as const) {
      const reached = ways.hybrid.scores[metric];
      if (reached < THRESHOLDS[metric]) {
        failures.push(
          `${set}: hybrid ${metric} is ${reached.toFixed(3)}, expected at least ${THRESHOLDS[metric]}`,
        );
      }
    }
  }
  const lead = scoresOf(reports, "hybrid")["hit@5"] - scoresOf(reports, "stock")["hit@5"];
  // Rounded, because a lead of 0.3 may be a little less as a binary fraction.
  if (lead < THRESHOLDS["hit@5 over stock"] - 1e-9) {
    failures.push(
      `mean over sets: hybrid beats stock's hit@5 by ${lead.toFixed(3)}, expected at least ${THRESHOLDS["hit@5 over stock"]}`,
    );
  }
  return failures;
};
