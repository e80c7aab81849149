import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { median, missedOf, type Outcome } from "../support/outcome.js";
import { commandOf, environmentOf, writeFiles } from "./command.js";
import { COMMAND, compilePipelines, programOf, runProgram } from "./program.js";
import { LATENCIES } from "./services/latencies.js";
import { openServices } from "./services/open.js";
import { writeResults } from "./workload.js";

const MOST_HELP_CPU_MS = 100;
const MOST_SUBMISSION_MS = 300;
const SEGMENTS = 10;

export interface StartOptions {
  runs: number;
  directory: string;
}

/** Measures how soon the command answers, over an empty program of Node, both in turn. */
export const startUp = async ({ runs, directory }: StartOptions): Promise<Outcome> => {
  await compilePipelines();
  const { files: results } = await writeResults(directory, 1, SEGMENTS);
  const files = await writeFiles(path.join(directory, "documents"), 1);
  const { addresses, takeCounts, close } = await openServices("free", directory);
  const found: Record<string, number[]> = { emptyMs: [], helpMs: [], helpCpuMs: [], submissionMs: [] };
  const add = (key: string, value: number) => found[key]?.push(value);
  try {
    for (let run = 0; run < runs; run++) {
      const empty = await runProgram([programOf("empty")]);
      const help = await runProgram([COMMAND, "--help"]);
      const state = await mkdtemp(path.join(directory, "state-"));
      const collection = path.basename(state);
      const work = { addresses, pace: LATENCIES.free, files, results, collection, state };
      await takeCounts();
      const ingest = await runProgram(commandOf(work, files), environmentOf(work));
      const submittedAt = (await takeCounts()).numbers.get("firstSubmission") ?? Number.NaN;
      add("emptyMs", empty.seconds * 1_000);
      add("helpMs", (help.seconds - empty.seconds) * 1_000);
      add("helpCpuMs", (help.cpuSeconds - empty.cpuSeconds) * 1_000);
      add("submissionMs", submittedAt - ingest.startedAt - empty.seconds * 1_000);
    }
  } finally {
    close();
  }
  const of = (key: string): number => median(found[key] ?? []);
  const rows = [
    { what: "an empty program of Node, wall ms", measured: of("emptyMs") },
    { what: "--help, wall ms more", measured: of("helpMs") },
    { what: "--help, CPU ms more", measured: of("helpCpuMs") },
    { what: "ingest, ms more until the first submission", measured: of("submissionMs") },
  ];
  const missed = missedOf([
    {
      what: `--help at most ${MOST_HELP_CPU_MS} ms of CPU over an empty program`,
      found: of("helpCpuMs"),
      holds: of("helpCpuMs") <= MOST_HELP_CPU_MS,
    },
    {
      what: `first submission at most ${MOST_SUBMISSION_MS} ms after the time of an empty program`,
      found: of("submissionMs"),
      holds: of("submissionMs") <= MOST_SUBMISSION_MS,
    },
  ]);
  return { title: `Start: median of ${runs}`, rows, missed };
};
