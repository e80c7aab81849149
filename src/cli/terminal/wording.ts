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
]);

/** The message of an error of the library, beginning with the option as the user of the command gave it. */
export const inCommandsWords = (message: string): string => {
  for (const [name, option] of OPTIONS) {
    const [, rest] =
      new RegExp(`^(?:\\w+: )?${name.replaceAll(".", "\\.")}\\b(.*)$`, "s").exec(message) ?? [];
    if (rest !== undefined) return option + rest;
  }
  return message;
};
