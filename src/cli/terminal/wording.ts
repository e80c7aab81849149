/** Options of the command by the names they have in the library. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ["SegmentSplitter: chunkSize", "--chunk-size"],
  ["SegmentSplitter: chunkOverlap", "--chunk-overlap"],
  ["ingest: concurrency.parse", "--concurrency"],
  ["ingest: maxCredits", "--max-credits"],
  ["ingest: filter.policies", "--policy"],
  ["UnsiloedFileLoader: parse", "--parse"],
  ["UnsiloedFileLoader: include", "--include"],
  ["UnsiloedFileLoader: exclude", "--exclude"],
  ["wait.pollIntervalMs", "--poll-interval"],
  ["wait.timeoutMs", "--timeout"],
  ["UnsiloedClient: maxActiveJobs", "--active-jobs"],
  ["UnsiloedClient: rateLimit.requests", "--rate-limit"],
  ["startEmulator: port", "--port"],
  ["search: segmentTypes", "--type"],
  ["filter.docIds", "--doc"],
  ["filter.sections", "--section"],
  ["filter.segmentTypes", "--type"],
]);

/** What helps with options that are wrong. */
const HINTS: ReadonlyMap<string, string> = new Map([["--parse", ' ("--parse help" lists the options)']]);

/** What the library advises, and how that is done on the command line. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ["of maxCredits ", "of --max-credits "],
  [
    "choose another collection, for which kept parse results are embedded again without a new parse",
    "name another collection with --collection, for which kept parse results are embedded again without a new parse, or the model of this one with --embeddings, if it is still offered",
  ],
  [
    "choose another collection",
    "name another collection with --collection, or the model of this one with --embeddings",
  ],
]);

const withAdvice = (message: string): string =>
  [...ADVICE].reduce((text, [advice, ours]) => text.replace(advice, ours), message);

/** Replaces the library's option name at the start of an error message, and its advice, by those of the command. */
export const withOptionNames = (message: string): string => {
  for (const [name, option] of OPTIONS) {
    const [, rest] =
      new RegExp(`^(?:\\w+: )?${name.replaceAll(".", "\\.")}(?:\\[\\d+\\]|\\b)(.*)$`, "s").exec(message) ??
      [];
    if (rest !== undefined) return withAdvice(option + rest + (HINTS.get(option) ?? ""));
  }
  return withAdvice(message);
};

/** Writes a number with its noun: `1 document`, `2 documents`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const MOST_NAMED = 10;

/** Lists names, the first of them only where there are many. */
export const listed = (names: readonly string[]): string => {
  const more = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
};
