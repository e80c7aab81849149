import type { Outcome, Policy, Scenario } from "./simulate.js";

/** The outcome of one scenario with one seed. */
export interface Row extends Record<Policy, Outcome> {
  scenario: Scenario;
}

/** The scheduler's mean delay as a share of round-robin's. */
export const ratioOf = (row: Row): number => row.scheduler.meanDelay / row["round-robin"].meanDelay;

export const POLICIES: readonly Policy[] = ["round-robin", "scheduler", "oracle"];

/** Lists the failed checks of a row. */
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
const WIDTHS = [15, 12, 13, 10, 6, 9, 9, 16, 7];

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

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Formats the lines of one workload: of one seed, or the means of several with the worst delay and the sum of 429s. */
export const lines = (rows: readonly Row[]): string => {
  const seeds = rows.map(({ scenario }) => scenario.seed).join(",");
  return POLICIES.map((policy, index) => {
    const outcomes = rows.map((row) => row[policy]);
    const share = mean(rows.map((row) => row[policy].meanDelay / row["round-robin"].meanDelay));
    return line([
      index === 0 ? (rows[0]?.scenario.workload.name ?? "") : "",
      index === 0 ? seeds : "",
      policy,
      mean(outcomes.map(({ requests }) => requests)).toFixed(0),
      outcomes.reduce((sum, { refused }) => sum + refused, 0),
      mean(outcomes.map(({ meanDelay }) => meanDelay)).toFixed(1),
      Math.max(...outcomes.map(({ worstDelay }) => worstDelay)).toFixed(1),
      share.toFixed(2),
      mean(outcomes.map(({ detected }) => detected)).toFixed(0),
    ]);
  }).join("\n");
};
