import { estimate, meanOf } from "../../src/retrieval/evaluate/statistics.js";
import type { Metric } from "./metrics.js";
import { differencesOf, valuesOf } from "./report.js";
import type { SetReport } from "./run.js";

/** Least figures of hybrid search on financial reports with the bundled model. */
const TARGETS: readonly (readonly [Metric, number])[] = [
  ["hit@1", 0.5],
  ["hit@5", 0.75],
  ["cell@5", 0.88],
];
const TARGET_SET = "tat-qa";

/** How much hybrid search may lie below text search in hit@5 before the check fails. */
const TOLERANCE = 0.01;

/** A mean over fewer kinds of documents says little. */
const LEAST_SETS = 3;

/** Describes what is missed: hybrid search below a part of itself, targets, and a lead over the stock splitter. */
export const failuresOf = (reports: readonly SetReport[], seed: number): string[] => {
  const failures: string[] = [];
  if (reports.length < LEAST_SETS)
    failures.push(`${reports.length} sets were measured; expected at least ${LEAST_SETS}`);
  for (const { set, ways } of reports) {
    const hitOf = (way: string) => meanOf(valuesOf(ways.get(way), "hit@5"));
    for (const [way, tolerance] of [["text", TOLERANCE] as const, ["dense", 0] as const])
      if (hitOf("hybrid") < hitOf(way) - tolerance)
        failures.push(
          `${set}: hit@5 of hybrid ${hitOf("hybrid").toFixed(3)}, of ${way} ${hitOf(way).toFixed(3)}`,
        );
  }
  const target = reports.find(({ set }) => set === TARGET_SET);
  if (!target) failures.push(`${TARGET_SET} was not measured`);
  for (const [metric, least] of target ? TARGETS : []) {
    const found = meanOf(valuesOf(target?.ways.get("hybrid"), metric));
    if (found < least)
      failures.push(`${TARGET_SET}: ${metric} ${found.toFixed(3)}, expected at least ${least}`);
  }
  const leads = reports.map((report) => differencesOf(report, ["hybrid", "stock hybrid"], "hit@5"));
  const lead = estimate(leads, seed);
  if (lead.low <= 0)
    failures.push(
      `lead over the stock splitter in hit@5, mean over sets: ${lead.mean.toFixed(3)}, interval from ${lead.low.toFixed(3)}, expected above 0`,
    );
  return failures;
};
