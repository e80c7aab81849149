import { isThorough } from "../thorough.js";

/** Prints the outcome of each fault in each stage, when all of them run. */
export const printMatrix = (
  cells: readonly { stage: string; fault: string }[],
  seen: ReadonlyMap<string, string>,
): void => {
  if (!isThorough) return;
  const rows = cells.map(({ stage, fault }) => [
    stage,
    fault,
    seen.get(`${stage}|${fault}|once`) ?? "-",
    seen.get(`${stage}|${fault}|always`) ?? "-",
  ]);
  const table = [["stage", "fault", "once", "always"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  process.stdout.write(`\n${lines.join("\n")}\n`);
};
