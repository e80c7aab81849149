import { type Estimate, estimate, meanOf } from "../../src/retrieval/evaluate/statistics.js";
import { METRICS, type Metric } from "./metrics.js";
import type { Outcome, SetReport } from "./run.js";

/** Comparisons of two ways on the same questions: the first is expected to be ahead. */
const PAIRS = [
  ["hybrid", "text"],
  ["hybrid", "dense"],
  ["hybrid", "stock hybrid"],
  ["text", "stock text"],
] as const;

const COMPARED: readonly Metric[] = ["hit@1", "hit@5", "MRR"];

/** Lists the figures of one metric, without the questions that have none. */
export const valuesOf = (outcomes: readonly Outcome[] | undefined, metric: Metric): number[] =>
  (outcomes ?? []).flatMap(({ scores }) => scores[metric] ?? []);

/** Returns the difference of two ways for each question; none when one of them was not measured. */
export const differencesOf = (
  { ways }: SetReport,
  [first, second]: readonly [string, string],
  metric: Metric,
): number[] => {
  const [ahead, behind] = [ways.get(first), ways.get(second)];
  if (!ahead || !behind) return [];
  return ahead.map(({ scores }, at) => (scores[metric] ?? 0) - (behind[at]?.scores[metric] ?? 0));
};

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");

const plain = ({ mean, low, high }: Estimate): string =>
  `${mean.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;

const difference = ({ mean, low, high }: Estimate): string =>
  `${signed(mean)} (${signed(low)} to ${signed(high)})`;

/** Formats the figures of each way on each set and over the sets, with their 95 % intervals. */
export const formatFigures = (reports: readonly SetReport[], seed: number): string => {
  const rowsOf = (name: string, sets: readonly SetReport[]): string[][] =>
    [...(sets[0]?.ways.keys() ?? [])].map((way) => {
      const cells = METRICS.map((metric) => {
        const groups = sets
          .map(({ ways }) => valuesOf(ways.get(way), metric))
          .filter(({ length }) => length > 0);
        return groups.length === 0 ? "" : plain(estimate(groups, seed));
      });
      const questions = sets.reduce((sum, { ways }) => sum + (ways.get(way)?.length ?? 0), 0);
      return [name, way, String(questions), ...cells];
    });
  return table(
    ["set", "search", "questions", ...METRICS],
    [
      ...reports.flatMap((report) => rowsOf(report.set, [report])),
      ...(reports.length > 1 ? rowsOf("mean over sets", reports) : []),
    ],
  );
};

/** Formats the differences between ways on the same questions, for each set and for the mean over the sets. */
export const formatDifferences = (reports: readonly SetReport[], seed: number): string => {
  const rowOf = (name: string, pair: readonly [string, string], sets: readonly SetReport[]): string[][] => {
    const groups = COMPARED.map((metric) => sets.map((set) => differencesOf(set, pair, metric)));
    if (groups.some((values) => values.some(({ length }) => length === 0))) return [];
    return [[name, `${pair[0]} − ${pair[1]}`, ...groups.map((values) => difference(estimate(values, seed)))]];
  };
  return table(
    ["set", "difference", ...COMPARED],
    PAIRS.flatMap((pair) => [
      ...reports.flatMap((report) => rowOf(report.set, pair, [report])),
      ...(reports.length > 1 ? rowOf("mean over sets", pair, reports) : []),
    ]),
  );
};

/** Formats hit@5 of each way for each kind of question. */
export const formatKinds = (reports: readonly SetReport[]): string => {
  const names = [...new Set(reports.flatMap(({ ways }) => [...ways.keys()]))];
  return table(
    ["set", "kind", "questions", ...names],
    reports.flatMap(({ set, ways }) => {
      const kinds = new Set([...ways.values()].flat().map(({ question }) => question.kind));
      return [...kinds].sort().map((kind) => {
        const found = names.map((way) =>
          valuesOf(
            ways.get(way)?.filter(({ question }) => question.kind === kind),
            "hit@5",
          ),
        );
        return [
          set,
          kind,
          String(found[0]?.length ?? 0),
          ...found.map((values) => meanOf(values).toFixed(2)),
        ];
      });
    }),
  );
};
