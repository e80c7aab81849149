import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { missedOf, type Outcome } from "../support/outcome.js";
import { commandOf, environmentOf, writeFiles } from "./command.js";
import { Measured, type Run } from "./measured.js";
import { PIPELINES, type Profile } from "./pipeline-names.js";
import type { Work } from "./pipelines/work.js";
import { compilePipelines, programOf, runProgram } from "./program.js";
import { LATENCIES, type Pace } from "./services/latencies.js";
import { openServices, type Services } from "./services/open.js";
import { targetsOf } from "./targets.js";
import { writeResults } from "./workload.js";

export interface ProfileOptions {
  profile: Profile;
  pace: Pace;
  documents: number;
  segments: number;
  runs: number;
  /** The pipelines to run. @default all of the profile */
  pipelines?: readonly string[] | undefined;
  directory: string;
}

const runOnce = async (name: string, work: Work, services: Services): Promise<Run> => {
  await services.takeCounts();
  const sources =
    name === "command-results"
      ? work.results.map((file) => `result:${file}`)
      : [path.dirname(work.files[0] ?? "")];
  const args = name.startsWith("command")
    ? commandOf(work, sources)
    : [programOf("run"), name, JSON.stringify(work)];
  const { stdout, ...used } = await runProgram(args, environmentOf(work));
  const told = Object(JSON.parse(stdout));
  const points = Number(name.startsWith("command") ? told.points.upserted : told.points);
  const counts = await services.takeCounts();
  const stored = counts.numbers.get("storePoints");
  if (points !== stored) throw new Error(`${name} wrote ${points} points, the store received ${stored}`);
  return { ...used, points, counts };
};

const perDocument = ({ counts }: Run, key: string, documents: number): number =>
  (counts.numbers.get(key) ?? Number.NaN) / documents;

/** Runs the same documents through the pipelines of a profile, on the same services, in turn. */
export const profile = async (options: ProfileOptions): Promise<Outcome> => {
  const { profile: which, pace, documents, segments, runs, directory } = options;
  await compilePipelines();
  const { files: results, bytes } = await writeResults(path.join(directory, "results"), documents, segments);
  const files = await writeFiles(path.join(directory, "documents"), documents);
  const names = PIPELINES[which].filter((name) => options.pipelines?.includes(name) ?? true);
  const services = await openServices(pace, path.join(directory, "results"));
  const measured = new Measured();
  try {
    for (let round = 0; round < runs; round++) {
      let last: Work | undefined;
      for (const name of names) {
        // One document after the other takes minutes, nearly all of them set latencies.
        if (name === "stock" && round > 0) continue;
        const again = name === "command-unchanged" ? last : undefined;
        const state = again?.state ?? (await mkdtemp(path.join(directory, "state-")));
        const { addresses } = services;
        const collection = again?.collection ?? path.basename(state);
        const work = again ?? { addresses, pace: LATENCIES[pace], files, results, collection, state };
        measured.add(round, name, await runOnce(name, work, services));
        last = name === "command" ? work : undefined;
        if (name !== "command") await rm(state, { recursive: true, force: true });
      }
    }
  } finally {
    services.close();
  }
  const rows = names.map((name) => {
    const of = (value: (run: Run) => number): number => measured.median(name, value);
    const over = (other: string, value: (run: Run) => number): number | string =>
      measured.has(other) ? measured.ratio(name, other, value) : "";
    return {
      what: name,
      "wall s": of(({ seconds }) => seconds),
      "CPU s": of(({ cpuSeconds }) => cpuSeconds),
      "peak MB": of(({ peakMb }) => peakMb),
      "wall / stock at once": over("stock-at-once", ({ seconds }) => seconds),
      "CPU / stock at once": over("stock-at-once", ({ cpuSeconds }) => cpuSeconds),
      "wall / stock 1600": over("stock-at-once-1600", ({ seconds }) => seconds),
      "CPU / stock 1600": over("stock-at-once-1600", ({ cpuSeconds }) => cpuSeconds),
      "wall / floor": over("floor", ({ seconds }) => seconds),
      "CPU / floor": over("floor", ({ cpuSeconds }) => cpuSeconds),
      points: of(({ points }) => points),
      "embedding requests": of(({ counts }) => counts.numbers.get("embedRequests") ?? Number.NaN),
      "store requests a document": of((run) => perDocument(run, "storeRequests", documents)),
      "store kB a document": of((run) => perDocument(run, "storeBytes", documents) / 1_000),
      "services' CPU s": of(({ counts }) => counts.numbers.get("servicesCpuSeconds") ?? Number.NaN),
    };
  });
  return {
    title: `Profile ${which}: ${documents} documents of ${segments} segments, ${(bytes / 1e6).toFixed(1)} MB, median of ${runs}`,
    rows,
    missed: missedOf(targetsOf(which, measured)),
  };
};
