/** Options of the command by the names they have in the library. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ["SegmentSplitter: chunkSize", "--chunk-size"],
  ["SegmentSplitter: chunkOverlap", "--chunk-overlap"],
  ["ingest: concurrency.parse", "--concurrency"],
  ["ingest: filter.policies", "--policy"],
  ["UnsiloedFileLoader: parse", "--parse"],
  ["wait.pollIntervalMs", "--poll-interval"],
  ["wait.timeoutMs", "--timeout"],
  ["UnsiloedClient: maxActiveJobs", "--active-jobs"],
  ["UnsiloedClient: rateLimit.requests", "--rate-limit"],
  ["startEmulator: port", "--port"],
]);

/** What helps with options that are wrong. */
const HINTS: ReadonlyMap<string, string> = new Map([["--parse", ' ("--parse help" lists the options)']]);

/** Replaces the library's option name at the start of an error message by that of the command. */
export const withOptionNames = (message: string): string => {
  for (const [name, option] of OPTIONS) {
    const [, rest] =
      new RegExp(`^(?:\\w+: )?${name.replaceAll(".", "\\.")}\\b(.*)$`, "s").exec(message) ?? [];
    if (rest !== undefined) return option + rest + (HINTS.get(option) ?? "");
  }
  return message;
};

/** Writes a number with its noun: `1 document`, `2 documents`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
