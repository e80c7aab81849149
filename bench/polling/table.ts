import type { Outcome, Policy, Scenario } from "./simulate.js";

/** What one scenario came to with one seed. */
export interface Row extends Record<Policy, Outcome> {
  scenario: Scenario;
}

/** The scheduler's mean delay as a share of round-robin's. */
export const ratioOf = (row: Row): number => row.scheduler.meanDelay / row["round-robin"].meanDelay;

export const POLICIES: readonly Policy[] = ["round-robin", "scheduler", "oracle"];

/** What is wrong with a row that is checked; empty when nothing is. */
export const faultsOf = (row: Row, mostRatio: number): string[] => {
  const { workload, seed, pipeline } = row.scenario;
  const where = `${workload.name}${pipeline ? " with submissions" : ""}, seed ${seed}`;
  const refused = POLICIES.filter((policy) => row[policy].refused > 0);
  const ratio = ratioOf(row);
  return [
    ...refused.map((policy) => `${where}: ${policy} met ${row[policy].refused} times 429`),
    ...(ratio <= mostRatio
      ? []
      : [`${where}: the mean delay is ${ratio.toFixed(2)} of round-robin's, more than ${mostRatio}`]),
  ];
};

const HEAD = ["jobs", "seed", "policy", "requests", "429s", "mean s", "worst s", "of round-robin", "ended"];
const WIDTHS = [15, 6, 13, 10, 6, 9, 9, 16, 7];

const line = (cells: readonly (string | number)[]): string =>
  cells
    .map((cell, index) => {
      const width = WIDTHS[index] ?? 10;
      return index === 0 || index === 2
        ? String(cell).padEnd(width)
        : `${String(cell).padStart(width - 2)}  `;
    })
    .join("")
    .trimEnd();

export const head = (): string => line(HEAD);

export const rows = (row: Row): string =>
  POLICIES.map((policy, index) => {
    const { requests, refused, meanDelay, worstDelay, detected } = row[policy];
    const share = meanDelay / row["round-robin"].meanDelay;
    const { workload, seed } = row.scenario;
    return line([
      index === 0 ? workload.name : "",
      index === 0 ? seed : "",
      policy,
      requests,
      refused,
      meanDelay.toFixed(1),
      worstDelay.toFixed(1),
      share.toFixed(2),
      detected,
    ]);
  }).join("\n");
