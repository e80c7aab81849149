/** The outcome of a measurement: a table and targets. */
export interface Outcome {
  title: string;
  rows: Record<string, string | number>[];
  missed: string[];
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
};

/** Formats a number with three significant digits, above a thousand as a whole number. */
export const rounded = (value: number): number =>
  Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));

export const markdown = ({ title, rows, missed }: Outcome): string => {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;
  const shown = (cell: string | number | undefined) =>
    typeof cell === "number" ? rounded(cell).toLocaleString("en") : cell;
  return [
    `\n${title}\n`,
    line(columns),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((column) => shown(row[column])))),
    ...missed.map((target) => `\nMissed: ${target}`),
  ].join("\n");
};

/** A target, with the measured value. */
export interface Target {
  what: string;
  found: number;
  holds: boolean;
}

/** Lists the missed targets, each with the measured value. */
export const missedOf = (targets: readonly Target[]): string[] =>
  targets.filter(({ holds }) => !holds).map(({ what, found }) => `${what}: ${rounded(found)}`);
