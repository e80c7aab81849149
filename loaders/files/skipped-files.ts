import path from "node:path";

/** At most so many paths are listed for each reason. */
const MAX_LISTED = 1_000;

/** What directories and globs held that was not taken. */
export interface SkippedFiles {
  /** Files of other kinds, by the ending of their names; `""` for names without one. */
  byEnding: Record<string, number>;
  /** Lock files of open documents and files that operating systems leave behind, such as `~$lease.docx` and `Thumbs.db`. */
  systemFiles: number;
  /**
   * Hidden files and directories, `node_modules` and directories of state, as far as they are not asked for by
   * `include`; at most 1,000.
   */
  leftOut: string[];
  /** Links that lead nowhere; at most 1,000. */
  deadLinks: string[];
  /** Patterns of `include` and `exclude` that matched nothing. */
  unmatchedPatterns: string[];
}

/** @param patterns those of `include` and `exclude`, none of which has matched yet */
export const nothingSkipped = (patterns: readonly string[] = []): SkippedFiles => ({
  byEnding: {},
  systemFiles: 0,
  leftOut: [],
  deadLinks: [],
  unmatchedPatterns: [...patterns],
});

export const addEnding = ({ byEnding }: SkippedFiles, name: string): void => {
  const ending = path.extname(name).toLowerCase();
  byEnding[ending] = (byEnding[ending] ?? 0) + 1;
};

export const addPath = (list: string[], found: string): void => {
  if (list.length < MAX_LISTED && !list.includes(found)) list.push(found);
};

/** Adds what another search skipped. A pattern is unmatched only if no search matched it. */
export const addSkipped = (sum: SkippedFiles, one: SkippedFiles): void => {
  for (const [ending, count] of Object.entries(one.byEnding))
    sum.byEnding[ending] = (sum.byEnding[ending] ?? 0) + count;
  sum.systemFiles += one.systemFiles;
  for (const found of one.leftOut) addPath(sum.leftOut, found);
  for (const found of one.deadLinks) addPath(sum.deadLinks, found);
  sum.unmatchedPatterns = sum.unmatchedPatterns.filter((text) => one.unmatchedPatterns.includes(text));
};
