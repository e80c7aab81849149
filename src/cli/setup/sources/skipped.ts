import type { SkippedFiles } from "../../../../loaders/files/skipped-files.js";
import type { Terminal } from "../../terminal/terminal.js";
import { counted, listed } from "../../terminal/wording.js";

/** Formats what directories and globs held that was not taken, a line for each reason. */
export const formatSkipped = ({ byEnding, systemFiles, leftOut, deadLinks }: SkippedFiles): string[] => {
  const endings = Object.entries(byEnding).sort(([, a], [, b]) => b - a);
  const total = endings.reduce((sum, [, count]) => sum + count, systemFiles);
  const parts = endings.map(([ending, count]) => `${ending === "" ? "without ending" : ending} ${count}`);
  if (systemFiles > 0) parts.push(`lock and system files ${systemFiles}`);
  return [
    ...(total > 0 ? [`skipped:    ${counted(total, "file")}: ${parts.join(", ")}`] : []),
    ...(leftOut.length > 0 ? [`left out:   ${listed(leftOut)} (take with --include)`] : []),
    ...(deadLinks.length > 0 ? [`dead links: ${listed(deadLinks)}`] : []),
  ];
};

/** Warns of patterns that matched nothing, which may be misspelt. */
export const sayUnmatched = ({ unmatchedPatterns }: SkippedFiles, out: Terminal): void => {
  for (const pattern of unmatchedPatterns)
    out.say(`note: the pattern "${pattern}" of --include or --exclude matches nothing`);
};
